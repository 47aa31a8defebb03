"""What travels with a picture and stays behind: gain and depth maps, films, provenance.

In: the bytes of an image file and its XMP; out: names for what is left out, and XMP
that speaks of it no more. A kept claim would be false: a viewer would look for a gain
map behind the picture, and a checker for a signature that the pixels no longer have.

Whatever way a file announces them, it does so by names that are looked for as they are.
Adobe gain map 1.0, ISO 21496-1, Google's Ultra HDR, Motion Photo and Dynamic Depth,
Apple's auxiliary images, C2PA 2 (JUMBF boxes).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.parsers import expat

GAIN_MAP = "the gain map"

_SIGNS = {
    GAIN_MAP: (
        *(b"urn:iso:std:iso:ts:21496:-1", b"//ns.adobe.com/hdr-gain-map/"),
        *(b"//ns.apple.com/HDRGainMap/", b"aux:hdrgainmap", b'Semantic="GainMap"'),
    ),
    "the depth map": (
        *(b"//ns.google.com/photos/1.0/depthmap/", b"//ns.google.com/photos/dd/1.0/"),
        *(b"auxiliary:depth", b"aux:depth", b'Semantic="Depth"'),
    ),
    "the film of a motion photo": (
        *(b"MotionPhoto_Data", b'Semantic="MotionPhoto"', b'MotionPhoto="1"'),
        *(b"MotionPhoto>1<", b'MicroVideo="1"', b"MicroVideo>1<"),
    ),
    "C2PA provenance": (b"jumdc2pa", b":provenance=", b":provenance>"),
}
_GAIN_MAP_IN_AVIF = re.compile(rb"infe.{8}tmap", re.DOTALL)
_AVIF_HEAD = 1 << 16

# Namespace and name of properties that say something of the above, or of extended XMP.
_CLAIM = re.compile(
    r"http://ns\.adobe\.com/hdr-gain-map/|http://ns\.apple\.com/HDRGainMap/"
    r"|http://ns\.google\.com/photos/(1\.0/(container|depthmap|image|audio)|dd/1\.0)/"
    r"|http://ns\.google\.com/photos/1\.0/camera/ (Motion|Micro)"
    r"|http://ns\.adobe\.com/xmp/note/ HasExtendedXMP"
    r"|http://purl\.org/dc/terms/ provenance"
)
_NAMESPACES = re.compile(
    rb"//ns\.(adobe\.com/(hdr-gain-map|xmp/note)|apple\.com/HDRGainMap|google\.com)/"
    rb"|//purl\.org/dc/terms/"
)
_TAG_NAME = re.compile(rb"<[^\s/>]+")
_END_OF_EMPTY = re.compile(rb"\s*/>")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=>]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")


def companions_left_out(data: bytes, xmp: bytes | None) -> Iterator[str]:
    """Name what a file holds or speaks of beside its picture."""
    in_avif = _GAIN_MAP_IN_AVIF.search(data[:_AVIF_HEAD])
    for name, signs in _SIGNS.items():
        said = any(sign in data or sign in (xmp or b"") for sign in signs)
        if said or (in_avif and name == GAIN_MAP):
            yield name


def without_claims(xmp: bytes | None) -> bytes | None:
    """XMP without what it says of them; None if it is damaged and says something."""
    if xmp is None or not _NAMESPACES.search(xmp):
        return xmp
    try:
        claims = _Claims(xmp).found
    except (expat.ExpatError, ValueError):
        return None
    kept, position = [], 0
    for start, stop in sorted(claims):
        if start >= position:
            kept.append(xmp[position:start])
            position = stop
    return b"".join([*kept, xmp[position:]])


class _Claims:
    """Where in the bytes of XMP the claims stand: elements, attributes, prefixes."""

    def __init__(self, xmp: bytes) -> None:
        self.found: list[tuple[int, int]] = []
        self._xmp = xmp
        self._namespaces: dict[str, str] = {}
        # Of each open element: where it starts if it is a claim, and where it stops if
        # it has no content.
        self._open: list[tuple[int | None, int | None]] = []
        self._parser = parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartNamespaceDeclHandler = self._declare
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.StartDoctypeDeclHandler = self._refuse
        parser.Parse(xmp.rstrip(b"\0"), True)

    def _declare(self, prefix: str | None, uri: str) -> None:
        self._namespaces[prefix or ""] = uri

    def _refuse(self, *_: object) -> None:
        raise ValueError("XMP has no document type")

    def _start(self, name: str, _: object) -> None:
        place = self._parser.CurrentByteIndex
        tag = _TAG_NAME.match(self._xmp, place)
        position = tag.end() if tag else place
        while attribute := _ATTRIBUTE.match(self._xmp, position):
            position = attribute.end()
            if self._is_claim(attribute):
                self.found.append(attribute.span())
        empty = _END_OF_EMPTY.match(self._xmp, position)
        start = place if _CLAIM.match(name) else None
        self._open.append((start, empty and empty.end()))

    def _is_claim(self, attribute: re.Match[bytes]) -> bool:
        prefix, _, name = attribute[1].decode().rpartition(":")
        if prefix == "xmlns":
            uri = (attribute[2] or attribute[3] or b"").decode()
            return bool(_CLAIM.match(uri))
        return bool(_CLAIM.match(f"{self._namespaces.get(prefix, '')} {name}"))

    def _end(self, _: str) -> None:
        start, stop = self._open.pop()
        if start is not None:
            closing = self._parser.CurrentByteIndex
            self.found.append((start, stop or self._xmp.index(b">", closing) + 1))
