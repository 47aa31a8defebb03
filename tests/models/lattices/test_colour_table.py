from __future__ import annotations

import numpy as np

from vaecodec.models.lattices.colour_table import ColourTable
from vaecodec.models.lattices.laws import ALIKE, LARGEST_WEIGHT


def at(weights, value, row=0):
    return weights.entries[weights.zero[row] + value]


def pixels(*colours):
    return np.array(colours, np.int32)[None]


def column(*values):
    return np.array(values, np.int32)


def test_before_any_pixel_all_colours_weigh_the_same():
    table, green = ColourTable(255), column(100)
    assert at(table.weights([green]), 7) == ALIKE
    assert at(table.weights([green, column(80)]), 7) == ALIKE


def test_pairs_that_occur_weigh_more_than_those_around_them():
    table = ColourTable(255)
    table.see(pixels(*[(110, 100, 90)] * 50))
    weights = table.weights([column(30), column(40)])  # red - green is 10 as well
    assert at(weights, 20) > 5 * ALIKE  # so blue - green is -10
    assert at(weights, 21) < ALIKE
    assert at(weights, 60) == ALIKE


def test_red_weighs_what_its_difference_to_green_does():
    table = ColourTable(255)
    table.see(pixels(*[(110, 100, 90)] * 50))
    weights = table.weights([column(30, 31)])
    assert at(weights, 40) == at(weights, 41, row=1) > 2 * ALIKE
    assert at(weights, 41) < ALIKE


def test_green_weighs_nothing_outside_of_what_8_bits_hold():
    weights = ColourTable(255).weights([])
    found = [at(weights, value) for value in (-1, 0, 255, 256)]
    assert found == [0, ALIKE, ALIKE, 0]


def test_weights_stay_within_what_is_exact():
    table = ColourTable(255)
    table.see(np.full((1000, 1000, 3), 9, np.int32))
    entries = table.weights([column(9), column(9)]).entries
    assert entries.min() == 1
    assert LARGEST_WEIGHT - 49 < entries.max() <= LARGEST_WEIGHT
