"""A second decoder: exact programs, networks of integers.

Written from vaecodec/models/exact/SPEC.md alone, with the standard library.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable
from typing import Any, NamedTuple

from tests.reference.layers import Grid, Planes, dense, depthwise, shuffle
from tests.reference.model import Model, refuse_unless

EXACT_LIMIT = 2**24
SIGNED, UNSIGNED = (-128, 127), (0, 255)
FIELDS = {
    *("weight", "bias", "shift", "lift", "table"),
    *("left_shift", "right_shift", "most"),
}
Record = dict[str, Any]  # an input or operation, with its arrays


class Program(NamedTuple):
    inputs: list[Record]
    operations: list[Record]
    outputs: list[str]
    answer: bytes

    def takes(self, name: str) -> tuple[int, int]:
        """The range of an input."""
        [given] = [given for given in self.inputs if given["name"] == name]
        return given["low"], given["high"]


def read_program(model: Model, name: str) -> Program:
    text = json.loads(model[name].data)
    refuse_unless(text.keys() == {"inputs", "operations", "outputs"}, "a program")
    inputs = [
        given | arrays(model, f"{name}.{given['name']}") for given in text["inputs"]
    ]
    operations = [
        each | arrays(model, f"{name}.{each['out']}") for each in text["operations"]
    ]
    answer = model[f"{name}.known_answer"].data
    return Program(inputs, operations, text["outputs"], answer)


def arrays(model: Model, prefix: str) -> Record:
    """The arrays of an operation, cut along their first axis where it has several."""
    stored = {field: f"{prefix}.{field}" for field in FIELDS}
    there = {field: model[name] for field, name in stored.items() if name in {*model}}
    return {
        field: array.values() if len(array.shape) == 1 else array.rows()
        for field, array in there.items()
    }


def run(
    program: Program, feeds: dict[str, Planes], qualities: Grid
) -> dict[str, Planes]:
    """The outputs; `qualities` are those of the cells of 64 x 64 pixels."""
    tensors, pixels = dict(feeds), pixels_of(program)
    for each in program.operations:
        names = sources_of(each)
        sources = [tensors[name] for name in names]
        if each["op"] == "gain":
            found = gain(each, sources[0], qualities, pixels[names[0]])
        else:
            found = OPERATIONS[each["op"]](each, *sources)
        most = max(abs(value) for plane in found for row in plane for value in row)
        refuse_unless(most < EXACT_LIMIT, f"{each['out']} reaches {most}")
        tensors[each["out"]] = found
    return {name: tensors[name] for name in program.outputs}


def sources_of(operation: Record) -> list[str]:
    """Names of the tensors that it reads."""
    keys = "source", "left", "right"
    return [operation[key] for key in keys if key in operation]


def pixels_of(program: Program) -> dict[str, int]:
    """Side of the square of pixels that a position of each tensor stands for."""
    pixels = {given["name"]: given["pixels"] for given in program.inputs}
    for each in program.operations:
        size = pixels[each["left" if each["op"] == "add" else "source"]]
        changed = {"quarters": 2 * size, "unquarters": size // 2}
        changed["shuffle"] = size // each.get("by", 1)
        pixels[each["out"]] = changed.get(each["op"], size)
    return pixels


def rne(value: int, shift: int) -> int:
    """``value / 2**shift``, rounded to the nearest integer, halves to the even one."""
    if shift <= 0:
        return value << -shift
    whole, rest = value >> shift, value % 2**shift
    half = 2 ** (shift - 1)
    return whole + (rest > half or (rest == half and whole % 2 == 1))


def clamp(value: int, low: int, high: int) -> int:
    return min(max(value, low), high)


def of_channel(values: tuple[int, ...], channel: int) -> int:
    return values[channel if len(values) > 1 else 0]


def each_value(planes: Planes, change: Callable[[int, int], int]) -> Planes:
    """Change every value, of which the channel is told as well."""
    return [
        [[change(value, channel) for value in row] for row in plane]
        for channel, plane in enumerate(planes)
    ]


def narrowed(planes: Planes, each: Record) -> Planes:
    low, high = SIGNED if each["signed"] else UNSIGNED
    shifts = each["shift"]
    return each_value(
        planes, lambda value, c: clamp(rne(value, of_channel(shifts, c)), low, high)
    )


def lifted(planes: Planes, shifts: tuple[int, ...]) -> Planes:
    return each_value(planes, lambda value, c: value << of_channel(shifts, c))


def pointwise(each: Record, planes: Planes) -> Planes:
    groups, sums = each.get("groups", 1), []
    outputs, inputs = len(each["weight"]) // groups, len(planes) // groups
    layer = list(zip(each["weight"], each["bias"], strict=True))
    for group in range(groups):
        part = planes[group * inputs : (group + 1) * inputs]
        sums += dense(layer[group * outputs : (group + 1) * outputs], part)
    if "shift" in each:
        return narrowed(sums, each)
    return lifted(sums, each["lift"]) if "lift" in each else sums


def filtered(each: Record, planes: Planes) -> Planes:
    layer = zip(each["weight"], each["bias"], strict=True)
    return narrowed(depthwise(layer, planes), each)


def add(each: Record, left: Planes, right: Planes) -> Planes:
    both = lifted(left, each["left_shift"]), lifted(right, each["right_shift"])
    return [
        [
            [a + b for a, b in zip(*rows, strict=True)]
            for rows in zip(*planes, strict=True)
        ]
        for planes in zip(*both, strict=True)
    ]


def gain(each: Record, planes: Planes, qualities: Grid, pixels: int) -> Planes:
    table = each["table"]
    return [
        [
            [
                value * table[qualities[y * pixels // 64][x * pixels // 64]][channel]
                for x, value in enumerate(row)
            ]
            for y, row in enumerate(plane)
        ]
        for channel, plane in enumerate(planes)
    ]


def quarters(_: Record, planes: Planes) -> Planes:
    return [
        [row[p % 2 :: 2] for row in plane[p // 2 :: 2]]
        for p in range(4)
        for plane in planes
    ]


def unquarters(_: Record, planes: Planes) -> Planes:
    count, height, width = len(planes) // 4, len(planes[0]), len(planes[0][0])
    return [
        [
            [
                planes[(2 * (y % 2) + x % 2) * count + c][y // 2][x // 2]
                for x in range(2 * width)
            ]
            for y in range(2 * height)
        ]
        for c in range(count)
    ]


OPERATIONS: dict[str, Callable[..., Planes]] = {
    "narrow": lambda each, planes: narrowed(planes, each),
    "widen": lambda each, planes: lifted(planes, each["shift"]),
    "pointwise": pointwise,
    "depthwise": filtered,
    "add": add,
    "shuffle": lambda each, planes: shuffle(planes, each["by"]),
    "quarters": quarters,
    "unquarters": unquarters,
}


def known_answer(program: Program) -> bytes:
    """CRC-32 of the outputs for made-up inputs in an area of two cells."""
    side = max(64, *pixels_of(program).values())
    feeds = {given["name"]: made_up(given, side) for given in program.inputs}
    row = [25] * (side // 64) + [75] * (side // 64)
    outputs = run(program, feeds, [row] * (side // 64))
    checksum = 0
    for _, planes in sorted(outputs.items()):
        values = [value for plane in planes for row in plane for value in row]
        checksum = zlib.crc32(struct.pack(f"<{len(values)}i", *values), checksum)
    return struct.pack("<I", checksum)


def made_up(given: Record, side: int) -> Planes:
    height, width = side // given["pixels"], 2 * side // given["pixels"]
    planes: Planes = []
    for channel in range(given["channels"]):
        low, high = given["low"], given["high"]
        if "most" in given:
            most = max(given["most"][channel], 0)
            low, high = max(low, -most), min(high, most)
        start = channel * height * width
        plane = [
            [
                clamp(made_up_value(start + y * width + x), low, high)
                for x in range(width)
            ]
            for y in range(height)
        ]
        planes.append(plane)
    return planes


def made_up_value(number: int) -> int:
    drawn = number * 2654435761 % 2**32
    signed = drawn - 2**32 if drawn >= 2**31 else drawn
    return signed >> (drawn // 16 % 24 + 8)
