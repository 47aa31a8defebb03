"""Exceptions of the package: everything a caller may want to catch.

    VaecodecError
    ├── FormatError    a .vaec file is damaged or not understood
    ├── ModelError     a model file is damaged, or no model has the wanted id
    ├── ImageError     an image that cannot be compressed
    └── TargetError    a size or score that an image cannot have

A message is one line and names the offending value together with the allowed range.
Mistakes in calling the package (a wrong type, a quality of 300) stay the built-in
TypeError and ValueError; files that cannot be read or written stay OSError.
"""

from __future__ import annotations

from typing import ClassVar


class VaecodecError(Exception):
    """The base of all errors about the data that the package was given.

    `exit_code` is what the command line returns when the error ends a command.
    """

    exit_code: ClassVar[int] = 1


class FormatError(VaecodecError):
    """A .vaec file is damaged, cut off, or uses something this version cannot read."""


class ModelError(VaecodecError):
    """A model file is damaged, or no model with the requested id was found."""

    exit_code = 5


class ImageError(VaecodecError):
    """The data is not an image, or is of a kind that cannot be compressed."""


class TargetError(VaecodecError):
    """An image cannot reach the requested size, rate or score."""

    exit_code = 7
