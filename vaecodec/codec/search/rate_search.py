"""A wanted size, PSNR or score -> the file that meets it, in few trials.

In: a function that makes a file for a quality and a factor, and what is wanted. Out: a
file close to it, or a `TargetError`. One step of quality changes the rate by 3 to
6 %, which is too coarse. Between two qualities the sender weighs errors less, by a
factor (`CodecModel.weighing_errors`): the rate falls to that of the next lower quality
at nearly the same PSNR, and the receiver needs to know nothing. So the search runs over
*positions*, of which each quality has `STEPS`. Where two qualities of a model are
further apart, as the highest ones of a scale of scores are, their gap is searched, too.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from vaecodec.errors import TargetError
from vaecodec.format.header import MAX_QUALITY

TOLERANCE = 0.02
# Below so many bytes one symbol may be more than the tolerance; there the best file
# that keeps to the target is taken.
SMALL_FILE = 2048

STEPS = 16
SMALLEST_FACTOR = 0.65  # over one step of quality
LOWEST, HIGHEST = -3 * STEPS, MAX_QUALITY * STEPS
MOST_TRIALS = 14
SMALLEST_FACTOR_IN_GAP, MOST_TRIALS_IN_GAP = 0.1, 6

# How ln(bits per pixel), PSNR and SSIMULACRA2 go with quality, about: `standard` on
# photographs.
# Other pictures differ mostly by a shift, so this makes for good guesses.
QUALITIES = (LOWEST / STEPS, 0, 10, 20, 30, 40, 50, 60, 70, 80, 85, 90, 100)
# fmt: off
LOG_RATES = (
    -3.60, -3.32, -2.85, -2.34, -1.85, -1.56, -1.24, -0.87, -0.45, 0.08, 0.50, 0.93,
    1.32,
)
PSNRS = (
    23.0, 23.5, 24.8, 26.2, 27.7, 28.6, 29.7, 31.2, 33.2, 36.3, 38.9, 42.0, 44.5
)
SCORES = (
    -42.0, -35.2, -12.2, 11.6, 31.7, 41.2, 50.9, 60.5, 70.0, 79.9, 85.0, 89.8, 91.3
)
# fmt: on

EncodeAt = Callable[[int, float], bytes]
LevelOf = Callable[[bytes], float]


class Trial(NamedTuple):
    """One file made on the way: where, what is measured on it, and the file."""

    position: int
    level: float
    data: bytes


def compress_to_size(encode_at: EncodeAt, *, size: int, pixels: int) -> bytes:
    """Return a file of at most `size` bytes and at least 98 % of it.

    Args:
        encode_at: makes a file for a quality 0..100 and a factor 0..1 on the weight of
            errors; larger for larger ones.
        size: in bytes. Below `SMALL_FILE` the largest file found that fits is enough.
        pixels: of the image.

    Raises:
        TargetError: No such file can be made.
    """

    def log_rate(length: float) -> float:
        return math.log(8 * length / pixels)

    trials = _search(
        encode_at,
        lambda data: log_rate(len(data)),
        lowest=log_rate((1 - TOLERANCE) * size),
        highest=log_rate(size),
        curve=LOG_RATES,
    )
    fitting = [trial.data for trial in trials if len(trial.data) <= size]
    best = max(fitting, key=len, default=b"")
    small = size < SMALL_FILE and 0 < len(fitting) < len(trials)
    if small or len(best) >= (1 - TOLERANCE) * size:
        return best
    low, high, between = _choice(encode_at, trials, log_rate(size))
    raise TargetError(
        f"cannot make a file of {size:,} bytes, only of "
        f"{len(low):,} {between} {len(high):,} bytes"
    )


class Goal(NamedTuple):
    """A level of a measure that an image shall reach.

    Attributes:
        level: at least this.
        most: and at most this, where files are not small.
        curve: how the measure goes with quality, about.
        words: how to say a level of it, with a place for the number.
    """

    level: float
    most: float
    curve: tuple[float, ...]
    words: str


def psnr_goal(psnr: float) -> Goal:
    """A PSNR in dB, and at most 2 % more."""
    return Goal(psnr, psnr * (1 + TOLERANCE), PSNRS, "a PSNR of {:.2f} dB")


def score_goal(score: float) -> Goal:
    """A SSIMULACRA2, and at most one point more."""
    return Goal(score, score + 1, SCORES, "a SSIMULACRA2 of {:.2f}")


def compress_to_level(encode_at: EncodeAt, level_of: LevelOf, goal: Goal) -> bytes:
    """Return a small file whose image reaches a goal.

    Args:
        encode_at: as for `compress_to_size`.
        level_of: the measure of a file's image.
        goal: what is wanted. Files below `SMALL_FILE` bytes may be above its `most`.

    Raises:
        TargetError: No such file can be made.
    """
    level, most, curve, words = goal
    highest = level + (most - level) / 5
    trials = _search(encode_at, level_of, lowest=level, highest=highest, curve=curve)
    fitting = [trial for trial in trials if trial.level >= level]
    if fitting:
        best = min(fitting, key=lambda trial: len(trial.data))
        small = len(best.data) < SMALL_FILE and len(fitting) < len(trials)
        if small or best.level <= most:
            return best.data
    low, high, between = _choice(encode_at, trials, level)
    raise TargetError(
        f"cannot reach {words.format(level)}, only "
        f"{level_of(low):.2f} {between} {level_of(high):.2f}"
    )


def settings_at(position: int) -> tuple[int, float]:
    """The quality of a position, and the factor on the weight of errors."""
    quality = max(0, -(-position // STEPS))
    return quality, SMALLEST_FACTOR ** (quality - position / STEPS)


def _search(
    encode_at: EncodeAt,
    level_of: LevelOf,
    *,
    lowest: float,
    highest: float,
    curve: tuple[float, ...],
) -> list[Trial]:
    """Trials up to one whose level is wanted, or until no position is left to try."""
    trials: list[Trial] = []
    left, right = LOWEST, HIGHEST
    while left <= right and len(trials) < MOST_TRIALS:
        wanted = (lowest + highest) / 2
        position = min(max(_guess(trials, wanted, curve), left), right)
        data = encode_at(*settings_at(position))
        trial = Trial(position, level_of(data), data)
        trials.append(trial)
        if lowest <= trial.level <= highest:
            break
        if trial.level < lowest:
            left = position + 1
        else:
            right = position - 1
    else:
        trials += _trials_in_gap(encode_at, level_of, trials, lowest, highest)
    return trials


def _trials_in_gap(
    encode_at: EncodeAt,
    level_of: LevelOf,
    trials: list[Trial],
    lowest: float,
    highest: float,
) -> list[Trial]:
    """Trials between a quality and the smallest factor of the next one, by halving."""
    below = max((t for t in trials if t.level < lowest), default=None)
    above = min((t for t in trials if t.level > highest), default=None)
    if not below or not above or below.position % STEPS:
        return []
    quality, factor = settings_at(above.position)
    large, small = math.log(factor), math.log(SMALLEST_FACTOR_IN_GAP)
    found: list[Trial] = []
    while len(found) < MOST_TRIALS_IN_GAP:
        middle = (small + large) / 2
        data = encode_at(quality, math.exp(middle))
        found.append(Trial(above.position, level_of(data), data))
        if lowest <= found[-1].level <= highest:
            break
        if found[-1].level < lowest:
            small = middle
        else:
            large = middle
    return found


def _guess(trials: list[Trial], wanted: float, curve: tuple[float, ...]) -> int:
    """Where the wanted level may lie."""
    below = max((t for t in trials if t.level < wanted), default=None)
    above = min((t for t in trials if t.level > wanted), default=None)
    if below and above:
        if len(trials) > 4 and len(trials) % 2:  # not a straight line at all
            return (below.position + above.position) // 2
        share = (wanted - below.level) / (above.level - below.level)
        ends = (below.position / STEPS, above.position / STEPS)
        low, high = np.interp(ends, QUALITIES, curve)
        return _position(low + share * (high - low), curve)
    if len(trials) > 2:  # the curve is no help here
        return LOWEST if above else HIGHEST
    shift = 0.0
    if known := below or above:
        shift = known.level - np.interp(known.position / STEPS, QUALITIES, curve)
    return _position(wanted - shift, curve)


def _position(level: float, curve: tuple[float, ...]) -> int:
    """Where a curve has a level."""
    return round(STEPS * float(np.interp(level, curve, QUALITIES)))


def _choice(
    encode_at: EncodeAt, trials: list[Trial], wanted: float
) -> tuple[bytes, bytes, str]:
    """What can be had instead: two files, and the word between them.

    They are the nearest ones if the target falls between two files ("or"), else those
    with the lowest and the highest quality ("to").
    """
    below = [trial for trial in trials if trial.level < wanted]
    above = [trial for trial in trials if trial.level > wanted]
    if below and above:
        return max(below).data, min(above).data, "or"
    low, high = (encode_at(*settings_at(position)) for position in (LOWEST, HIGHEST))
    return low, high, "to"
