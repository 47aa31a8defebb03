"""What the channels of an image are: those of a layout, or a list of roles.

In: roles in the order of the channels; out: the data of chunk `C`, and back. Pictures
have one of four layouts, and files of them no such chunk.
Specification: FORMAT.md, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from vaecodec.errors import FormatError
from vaecodec.format.chunks import pack_varint, parse_varint

LETTER = "C"
MAX_CHANNELS = 16


class Role(IntEnum):
    """What a channel is."""

    GRAY = 0
    RED = 1
    GREEN = 2
    BLUE = 3
    ALPHA = 4
    OTHER = 5

    @property
    def word(self) -> str:
        """As people write it."""
        return self.name.lower()


Roles = tuple[Role, ...]

_RGB = Role.RED, Role.GREEN, Role.BLUE
LAYOUTS: dict[int, Roles] = {  # by number, which is that of the channels
    1: (Role.GRAY,),
    2: (Role.GRAY, Role.ALPHA),
    3: _RGB,
    4: (*_RGB, Role.ALPHA),
}


def alpha_channel(roles: Roles) -> int | None:
    """Which channel is alpha; None if none is."""
    return roles.index(Role.ALPHA) if Role.ALPHA in roles else None


def check_list(roles: Roles) -> None:
    """Refuse a list that cannot stand in a file.

    Raises:
        FormatError: There are too few or too many channels, they contradict each other,
            or are those of a layout.
    """
    if not 1 <= len(roles) <= MAX_CHANNELS:
        raise FormatError(f"{len(roles)} channels, allowed 1..{MAX_CHANNELS}")
    for role in set(roles) - {Role.OTHER}:
        if roles.count(role) > 1:
            raise FormatError(f"list of channels: {role.word} is there twice")
    colours = [role for role in _RGB if role in roles]
    if len(colours) not in (0, len(_RGB)) or (colours and Role.GRAY in roles):
        raise FormatError(
            f"list of channels: {words_of(roles)}, expected gray, all of red, green "
            "and blue, or none of them"
        )
    for layout, known in LAYOUTS.items():
        if roles == known:
            raise FormatError(f"layout 0 lists the channels of layout {layout}")


def pack_list(roles: Roles) -> bytes:
    """Write the data of chunk `C`; nothing for no roles."""
    return pack_varint(len(roles)) + bytes(roles) if roles else b""


def parse_list(data: bytes) -> Roles:
    """Inverse of `pack_list`.

    Raises:
        FormatError: The data is no list that can stand in a file.
    """
    count, start = parse_varint(data, 0, name="list of channels: their number")
    numbers = data[start:]
    if len(numbers) != count or not count:
        raise FormatError(f"list of channels: {len(numbers)} roles for {count}")
    if max(numbers) > Role.OTHER:
        raise FormatError(f"list of channels: a role {max(numbers)} is not in 0..5")
    roles = tuple(map(Role, numbers))
    check_list(roles)
    return roles


def list_of(words: Sequence[str]) -> Roles:
    """The list of channels with roles in words; empty for those of a layout.

    Raises:
        FormatError: They cannot stand in a file.
        ValueError: A word is none of a role.
    """
    known = {role.word: role for role in Role}
    for word in words:
        if word not in known:
            raise ValueError(f"role {word!r}, allowed {', '.join(known)}")
    roles = tuple(known[word] for word in words)
    if roles in LAYOUTS.values():
        return ()
    check_list(roles)
    return roles


def words_of(roles: Roles) -> str:
    """Roles as people read them: red, green, blue, other x2."""
    found: list[str] = []
    position = 0
    while position < len(roles):
        role, count = roles[position], 1
        while roles[position : position + count + 1] == (role,) * (count + 1):
            count += 1
        found.append(role.word if count == 1 else f"{role.word} x{count}")
        position += count
    return ", ".join(found)
