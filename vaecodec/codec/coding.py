"""Pictures <-> the bytes of a file, by a model or without loss.

In: a picture and what a user asks for; out: the bytes of a file, and back. A lossy file
that would be larger than a lossless one is not what anybody wants, so the lossless one
is taken then.
"""

from __future__ import annotations

from dataclasses import replace

from vaecodec.codec.codec_model import model_to_compress, model_to_decompress
from vaecodec.codec.image_coding import decode_with, encode_with
from vaecodec.codec.lossless.coding import decode_lossless, encode_lossless
from vaecodec.codec.lossless.estimate import may_be_smaller
from vaecodec.codec.model_channels import listed_for
from vaecodec.codec.options import DecodeOptions, EncodeOptions
from vaecodec.codec.pictures.picture import Picture
from vaecodec.codec.regions_of_interest import checked_map
from vaecodec.codec.search.effort import FASTEST, with_effort
from vaecodec.codec.search.targets import encode_to_target
from vaecodec.format.container import ImageFile
from vaecodec.models.depth import Samples


def encode_picture(picture: Picture, options: EncodeOptions) -> bytes:
    """The file of a picture."""
    if options.lossless or options.max_error is not None:
        return _encode_lossless(picture, options)
    lossy = _encode_lossy(picture, options)
    if not (options.may_be_lossless and may_be_smaller(picture, len(lossy))):
        return lossy
    return min(lossy, _encode_lossless(picture, options), key=len)


def decode_samples(
    file: ImageFile, options: DecodeOptions, *, out: Samples | None = None
) -> Samples:
    """Samples [H, W], or [H, W, 2..16]."""
    header, threads = file.header, options.threads
    if header.is_lossless:
        return decode_lossless(
            file,
            region=options.region,
            reduction=options.reduction,
            out=out,
            threads=threads,
        )
    return decode_with(
        model_to_decompress(header, options.painter, threads=threads),
        file,
        region=options.region,
        reduction=options.reduction,
        steps=options.steps,
        out=out,
    )


def _encode_lossless(picture: Picture, options: EncodeOptions) -> bytes:
    return encode_lossless(
        picture,
        largest_error=options.max_error or 0,
        learned=options.effort > FASTEST,
        threads=options.threads,
    )


def _encode_lossy(picture: Picture, options: EncodeOptions) -> bytes:
    samples = picture.samples
    model = model_to_compress(options.model, tune=options.tune, threads=options.threads)
    picture = replace(picture, listed=listed_for(picture, model.architecture))
    if options.target:
        return encode_to_target(model, picture, options.target, effort=options.effort)
    cells, (height, width) = options.quality_map, samples.shape[:2]
    data = encode_with(
        model,
        samples,
        quality=options.quality,
        depth=picture.depth,
        listed=picture.listed,
        quality_map=None if cells is None else checked_map(cells, (height, width)),
        metadata=picture.metadata,
    )
    return with_effort(options.effort, data, samples, model)
