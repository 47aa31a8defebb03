"""Floor 1: image headers, payloads of tiles, metadata <-> bytes of a `.vaec` file.

The specification is FORMAT.md in this folder. Standard library only, so that a header
can be read without loading numpy or an inference engine.
"""

from __future__ import annotations

from vaecodec.format.beginning import FORMAT_VERSION as FORMAT_VERSION
from vaecodec.format.beginning import MAGIC as MAGIC
from vaecodec.format.beginning import Beginning as Beginning
from vaecodec.format.beginning import parse_beginning as parse_beginning
from vaecodec.format.beginning import parse_header as parse_header
from vaecodec.format.container import ImageFile as ImageFile
from vaecodec.format.container import binding as binding
from vaecodec.format.container import pack_file as pack_file
from vaecodec.format.container import parse_file as parse_file
from vaecodec.format.header import DEFAULT_TILE_LOG2 as DEFAULT_TILE_LOG2
from vaecodec.format.header import ImageHeader as ImageHeader
from vaecodec.format.metadata import MAX_METADATA_BYTES as MAX_METADATA_BYTES
from vaecodec.format.metadata import NO_METADATA as NO_METADATA
from vaecodec.format.metadata import Metadata as Metadata
from vaecodec.format.pixel_limit import MAX_PIXELS as MAX_PIXELS
from vaecodec.format.pixel_limit import max_pixels as max_pixels
