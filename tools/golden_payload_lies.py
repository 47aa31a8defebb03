"""Damaged .vaec files whose chunks are right, but not what they hold or their rounds.

See `golden_lies`.
"""

from __future__ import annotations

from tools.golden_truth import STEPS, Truth, join
from vaecodec.codec.codec_model import CodecModel
from vaecodec.format.chunks import pack_chunk as chunk
from vaecodec.models.architecture import Symbols

Lies = dict[str, tuple[bytes, str]]


def payload_lies(model: CodecModel) -> Lies:
    """Fused files in which the payload of the first tile lies."""
    truth = Truth(model)
    [good], [of_second] = truth.payloads(0), truth.payloads(1)
    flipped = bytearray(good)
    flipped[len(good) // 2] ^= 0x04
    hyper, latent = _too_large(truth)
    [other_header] = Truth(model, channels=1).payloads(0)
    [other_map] = Truth(model, quality_map=bytes([50, 50])).payloads(0)
    wrong = {
        "empty": (b"", "a tile payload of 0 bytes"),
        "zero-end": (good + b"\0", "ends in a zero byte"),
        "flipped-bit": (bytes(flipped), "tile 1 of 2"),
        "cut": (good[:-1].rstrip(b"\0"), "tile 1 of 2"),
        "longer": (good + b"\1", "tile 1 of 2"),
        "far-too-long": (good + b"\1" * 2000, "a tile payload of"),
        "of-another-tile": (of_second, "tile 1 of 2"),
        "of-another-header": (other_header, "tile 1 of 2"),
        "under-a-map": (other_map, "tile 1 of 2"),
        "hyper-symbol-32": (truth.payloads(0, symbols=hyper)[0], "magnitude 32"),
        "latent-symbol-32768": (
            truth.payloads(0, symbols=latent)[0],
            "beyond +-32767",
        ),
    }
    second = truth.tiles()[1]
    return {
        f"payload-{name}": (
            join(chunk("H", truth.header()), chunk("T", payload), second),
            text,
        )
        for name, (payload, text) in wrong.items()
    }


def round_lies(model: CodecModel) -> Lies:
    """Files with a payload for each step, or with a number of rounds that lies."""
    truth, fused = Truth(model, rounds=STEPS), Truth(model)
    tiles, header = truth.tiles(), chunk("H", truth.header())
    return (
        {
            "rounds-not-of-the-model": (
                Truth(model, rounds=2).file(),
                "the file has 2 rounds, its model 3",
            ),
            "rounds-15": (
                Truth(model, rounds=15).file(),
                "the file ends",
            ),
            "round-missing": (join(header, *tiles[:4]), "the file ends"),
            "round-too-many": (join(header, *tiles, *tiles[:2]), "after the last tile"),
            "rounds-exchanged": (
                join(header, *tiles[2:4], *tiles[:2], *tiles[4:]),
                "tile 1 of 2",
            ),
            "rounds-tile-after-tile": (
                join(header, *tiles[0::2], *tiles[1::2]),
                "tile 1 of 2",
            ),
            "rounds-of-a-fused-file": (
                fused.file(header=truth.header()),
                "the file ends",
            ),
            "rounds-in-a-fused-file": (
                truth.file(header=fused.header()),
                "after the last tile",
            ),
            "lossless-tile-in-second-round": (
                join(header, *tiles[:2], chunk("L", b"\0"), *tiles[3:]),
                "not read by this program",
            ),
        }
        | _later_payloads(truth)
        | _early_payloads(truth)
    )


def _later_payloads(truth: Truth) -> Lies:
    """The payload of the first tile in the second round is not its own."""
    good = truth.payloads(0)
    others = truth.symbols(0)
    others.planes[0][0] += 1  # in the first step only
    _, latent = _too_large(truth)
    flipped = bytearray(good[1])
    flipped[-1] ^= 0x04
    of_another_file = truth.payloads(0, symbols=others)
    wrong = {
        "empty": (b"", "a tile payload of 0 bytes"),
        "zero-end": (good[1] + b"\0", "ends in a zero byte"),
        "flipped-bit": (bytes(flipped), "tile 1 of 2"),
        "of-another-tile": (truth.payloads(1)[1], "tile 1 of 2"),
        "of-another-file": (of_another_file[1], "tile 1 of 2"),
        "latent-symbol-32768": (
            truth.payloads(0, symbols=latent)[1],
            "beyond +-32767",
        ),
    }
    header, tiles = chunk("H", truth.header()), truth.tiles()
    return {
        f"later-payload-{name}": (
            join(header, *tiles[:2], chunk("T", payload), *tiles[3:]),
            text,
        )
        for name, (payload, text) in wrong.items()
    }


def _early_payloads(truth: Truth) -> Lies:
    """The payload of the first tile in the first round is not its own."""
    hyper, _ = _too_large(truth)
    others = truth.symbols(0)
    others.planes[0][0] += 1
    header, tiles = chunk("H", truth.header()), truth.tiles()
    wrong = {
        # The first round is right in itself, but the second does not follow from it.
        "of-another-file": (truth.payloads(0, symbols=others)[0], "tile 1 of 2"),
        "hyper-symbol-32": (truth.payloads(0, symbols=hyper)[0], "magnitude 32"),
    }
    return {
        f"first-payload-{name}": (join(header, chunk("T", payload), *tiles[1:]), text)
        for name, (payload, text) in wrong.items()
    }


def _too_large(truth: Truth) -> tuple[Symbols, Symbols]:
    """Symbols of the first tile, one of which is beyond its limit."""
    hyper, latent = truth.symbols(0), truth.symbols(0)
    hyper.planes[0][0] = 32
    latent.planes[1][0, 0, :2] = -32768  # one of each group
    return hyper, latent
