"""A PyTorch data set of `.vaec` files, and batches of images of different sizes."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.utils.data import Dataset

from vaecodec.format.file_bytes import Encoded
from vaecodec.plugins.training_images import ImageReader


class VaecDataset(Dataset[Tensor]):
    """Files as tensors [3, H, W]: gray is repeated, alpha is left out.

    They are uint8, or uint16 from files of more than 8 bits.

    Args:
        files: Paths, or bytes of files.
        crop: Side of a random square of each, drawn anew whenever it is read. Only its
            tiles are read. Smaller images are mirrored at their edges.
        preview: 8 for images of an eighth of the width and height.
    """

    def __init__(
        self,
        files: Sequence[Encoded],
        *,
        crop: int | None = None,
        preview: int | None = None,
    ) -> None:
        self._files = files
        self._read = ImageReader(crop, preview)

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, number: int) -> Tensor:
        """Raises what `vaecodec.decode` does."""
        samples = self._read(self._files[number])
        return torch.from_numpy(samples).contiguous()


def collate_sizes(images: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Make a batch of images of different sizes; for `collate_fn` of a `DataLoader`.

    Args:
        images: [C, h, w] each, of one type.

    Returns:
        The images [N, C, H, W], with zeros to the right and below where they are
        smaller than the largest, and their heights and widths, int64 [N, 2].
    """
    sizes = torch.tensor([image.shape[1:] for image in images])
    height, width = sizes.amax(0).tolist()
    batch = images[0].new_zeros(len(images), images[0].shape[0], height, width)
    for place, image in zip(batch, images, strict=True):
        place[:, : image.shape[1], : image.shape[2]] = image
    return batch, sizes
