"""Names in a model file on which the exporter and the engine must agree.

A graph is the tensor `graph.<graph>`, a weight of the float networks the tensor
`weights.<name>`. Inside the graphs that weight is called `model.<name>`, a value held
at the external location `model`. Specification: FORMAT.md, section 6.
"""

from __future__ import annotations

GRAPH = "graph."
WEIGHT = "weights."
INITIALIZER = "model."
LOCATION = "model"
