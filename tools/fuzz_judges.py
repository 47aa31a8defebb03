"""What the entry points of the package say about a mutated file, and whether they may.

In: a number, which stands for a mutation of the golden files. Out: a `Verdict`. Allowed
are a refusal by an error of the documented kind, and the image of a golden file, sample
by sample: the checksum of a payload covers its symbols and those before them, its tile,
the header and the quality map, so no mutation can make another image that is valid.
Everything else is a failure.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PIL import Image

import vaecodec
from tools.fuzz_files import mutated
from tools.fuzz_verdicts import FAILED, REFUSED, Judge, Verdict, in_8_bits
from vaecodec.format.beginning import SIGNATURE, parse_header
from vaecodec.format.chunks import pack_chunk
from vaecodec.format.header import pack_fields
from vaecodec.format.metadata import FIELDS
from vaecodec.models.library import SEARCH_PATH_VARIABLE
from vaecodec.plugins.pillow import VaecImageFile

GOLDEN = Path(__file__).parent.parent / "tests" / "golden"
SAME = "the image of a golden file"
SAME_OTHER_METADATA = f"{SAME}, other metadata"
DESCRIBED = "described"
UNDAMAGED = "undamaged"
HOLES = "an image with damages that are named"

Ask = Callable[[bytes], str]


class FileJudge(Judge):
    """Asks all entry points about one mutation after the other.

    Args:
        folder: holds the golden files, and their model.
        seed: of the mutations.
    """

    suffix = ".vaec"

    def __init__(self, folder: Path, *, seed: int) -> None:
        os.environ[SEARCH_PATH_VARIABLE] = str(folder)
        vaecodec.register_pillow_plugin()
        self._seed = seed
        self._files = golden_files(folder)
        self._pixels: set[str] = set()
        self._metadata: set[tuple[str, str]] = set()
        self._parts: set[str] = set()
        self._first_steps: set[str] = set()
        for data in self._files:
            with in_8_bits():
                self._learn(data)

    def _learn(self, data: bytes) -> None:
        """Remember what a golden file shows."""
        image = vaecodec.decompress(data, threads=1)
        self._pixels.add(_digest(image))
        self._metadata.add((_digest(image), _metadata_of(image)))
        self._parts.add(_digest(_decompress_region(data)))
        self._first_steps.add(_digest(_decompress_first_step(data)))

    def file(self, number: int) -> tuple[str, bytes]:
        """The name of a mutation, and the file."""
        return mutated(self._files, seed=self._seed, number=number)

    def judge(self, data: bytes, mutation: str = "") -> Verdict:
        """Ask all entry points about these bytes."""
        asks: dict[str, Ask] = {
            "inspect": _inspect,
            "verify": _verify,
            "decompress": lambda data: self._seen(vaecodec.decompress(data, threads=1)),
            "region": partial(_known, _decompress_region, self._parts),
            "first step": partial(_known, _decompress_first_step, self._first_steps),
            "Pillow": lambda data: self._seen(_pillow(data)),
            "recover": self._recover,
        }
        verdict = self.verdict(
            mutation, {name: partial(ask, data) for name, ask in asks.items()}
        )
        verdict.outcomes["all agree"] = _agreement(verdict.outcomes)
        return verdict

    def _seen(self, image: Image.Image) -> str:
        if _digest(image) not in self._pixels:
            return f"{FAILED}: another image"
        if (_digest(image), _metadata_of(image)) not in self._metadata:
            return SAME_OTHER_METADATA
        return SAME

    def _recover(self, data: bytes) -> str:
        image, damages = vaecodec.recover(data, threads=1)
        return HOLES if damages else self._seen(image)


def golden_files(folder: Path) -> list[bytes]:
    """Valid files, in a fixed order: of a small model, of a shipped one, of none."""
    folders = ("v2", "deep", "psnr", "lossless")
    paths = (folder.glob(f"{name}/*.vaec") for name in folders)
    return [path.read_bytes() for each in paths for path in sorted(each)]


def _agreement(outcomes: dict[str, str]) -> str:
    """Whether one part of the package refuses what another accepts."""
    refuses = {
        name: said.startswith(REFUSED) or said == HOLES
        for name, said in outcomes.items()
    }
    whole = {refuses[name] for name in ("verify", "decompress", "Pillow", "recover")}
    # A region is decoded whatever is wrong elsewhere, the first step whatever follows.
    if (
        len(whole) > 1
        or refuses["inspect"] > min(whole)
        or refuses["region"] > min(whole)
        or refuses["first step"] > min(whole)
    ):
        return f"{FAILED}: {outcomes}"
    return "yes"


def _inspect(data: bytes) -> str:
    """The description must be what the file begins with."""
    info, header = vaecodec.inspect(data), parse_header(data)
    beginning = SIGNATURE + pack_chunk("H", pack_fields(header))
    shared = vars(info).keys() & vars(header).keys()
    said = {name: getattr(info, name) for name in shared}
    found = {name: _hexadecimal(getattr(header, name)) for name in shared}
    same = said == found and data.startswith(beginning)
    return DESCRIBED if same else f"{FAILED}: another header"


def _hexadecimal(value: int | bytes) -> int | str:
    return value.hex() if isinstance(value, bytes) else value


def _verify(data: bytes) -> str:
    vaecodec.verify(data)
    return UNDAMAGED


def _known(
    decompress: Callable[[bytes], Image.Image], known: set[str], data: bytes
) -> str:
    """Whether this makes one of the images that it makes of the golden files."""
    return SAME if _digest(decompress(data)) in known else f"{FAILED}: another image"


def _decompress_region(data: bytes) -> Image.Image:
    """The middle of an image: half of each side."""
    info = vaecodec.inspect(data)
    width, height = (info.width + 1) // 2, (info.height + 1) // 2
    region = info.width // 4, info.height // 4, width, height
    return vaecodec.decompress(data, region=region, threads=1)


def _decompress_first_step(data: bytes) -> Image.Image:
    return vaecodec.decompress(data, steps=1, threads=1)


def _pillow(data: bytes) -> Image.Image:
    """What Pillow reads, with its own errors where they are those it promises.

    A mutated beginning may be another format's, whose reader is not ours to judge.
    """
    try:
        with Image.open(io.BytesIO(data), formats=[VaecImageFile.format]) as image:
            image.load()
            return image
    except (OSError, Image.DecompressionBombError) as error:
        raise vaecodec.VaecodecError(str(error)) from error


def _digest(image: Image.Image) -> str:
    samples = hashlib.sha256(image.tobytes()).hexdigest()
    return f"{image.mode} {image.size} {samples}"


def _metadata_of(image: Image.Image) -> str:
    kinds = (image.info.get(name) or b"" for name in FIELDS.values())
    return " ".join(hashlib.sha256(value).hexdigest() for value in kinds)
