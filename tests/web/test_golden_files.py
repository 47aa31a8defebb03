"""What can be told of a file without a model is told as Python tells it."""

from __future__ import annotations

from pathlib import Path

from tests.web.conftest import RunNode
from vaecodec.codec.alpha import decode_alpha
from vaecodec.codec.geometry.tiling import tiles
from vaecodec.codec.lossless.coding import decode_lossless
from vaecodec.errors import FormatError, ModelError
from vaecodec.format.container import parse_file
from vaecodec.format.lossless_kinds import count_kinds

GOLDEN = Path(__file__).parent.parent / "golden"
PATHS = sorted(GOLDEN.glob("*/*.vaec"))


def is_sound(data: bytes) -> bool:
    """For a reader of pictures of 8 bits that has no models, not even of its own."""
    try:
        file = parse_file(data)
        if file.header.depth > 8 or file.header.listed:
            return False
        if count_kinds(data)["learned"]:
            return False
        if file.header.is_lossless:
            decode_lossless(file)
        for tile, alpha in zip(tiles(file.header), file.alphas, strict=False):
            decode_alpha(alpha, height=tile.shape[0], width=tile.shape[1])
    except (FormatError, ModelError):
        return False
    return True


def test_the_same_files_are_refused(run_node: RunNode) -> None:
    expected = [path for path in PATHS if is_sound(path.read_bytes())]
    assert 20 < len(expected) < len(PATHS) - 50
    found = run_node("judge_files.mjs", *PATHS).split("\n")[:-1]
    assert found == [str(path) for path in expected]
