"""Floor 2: trained models on disk: read, checked, and found by their id.

The layout of a model file is specified in section 6 of `vaecodec/format/FORMAT.md`.
"""

from __future__ import annotations

from vaecodec.weights.library import find_model as find_model
from vaecodec.weights.library import load_model as load_model
from vaecodec.weights.library import load_tuned_model as load_tuned_model
from vaecodec.weights.model_file import ModelFile as ModelFile
from vaecodec.weights.model_file import pack_model as pack_model
from vaecodec.weights.model_file import parse_model as parse_model
