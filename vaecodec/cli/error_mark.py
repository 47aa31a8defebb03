"""The mark of an exported image that is only nearly lossless: a property in its XMP.

In: metadata and a largest error; out: metadata whose XMP says it, every other byte of
which is the same. All image formats that hold metadata hold XMP, and whoever compresses
the image again keeps it: so it can be told for good that samples are not those of the
original. The property lists an error as often as there was one, each as a share of the
range of samples, such as 2/255.
XMP (ISO 16684-1), sections 7.4 and 7.5.
"""

from __future__ import annotations

import re
from dataclasses import replace

from vaecodec.format.metadata import Metadata

NAMESPACE = b"urn:vaecodec:xmp"

_EMPTY = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    b'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"></rdf:RDF></x:xmpmeta>'
)
_END = re.compile(rb"</([\w.-]+):RDF\s*>")
_ERRORS = re.compile(rb'vaecodec:maxErrors="([0-9/ ]+)"')


def marked(metadata: Metadata, largest_error: int, depth: int) -> Metadata:
    """The metadata of an image whose samples of so many bits may be off by as much.

    What has no RDF, as all XMP has, is left as it is.
    """
    from vaecodec.models.depth import greatest  # needs numpy, which `info` does not

    errors = [*errors_marked(metadata), f"{largest_error}/{greatest(depth)}"]
    mark = b'vaecodec:maxErrors="%s"' % " ".join(errors).encode()
    xmp = metadata.xmp or _EMPTY
    if _ERRORS.search(xmp):
        return replace(metadata, xmp=_ERRORS.sub(mark, xmp))
    end = _END.search(xmp)
    if end is None:
        return metadata
    element = b'<%s:Description %s:about="" xmlns:vaecodec="%s" %s/>'
    added = element % (end[1], end[1], NAMESPACE, mark)
    return replace(metadata, xmp=xmp[: end.start()] + added + xmp[end.start() :])


def errors_marked(metadata: Metadata) -> list[str]:
    """The largest errors that XMP tells of, the first one first, such as 2/255."""
    found = _ERRORS.search(metadata.xmp or b"")
    return found[1].decode().split() if found else []
