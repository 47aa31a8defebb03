"""Several processes that train one model, on one machine or on many.

`torchrun` starts them, and says in the environment who each of them is. All of them
draw the same batch and take their part of it; gradients are averaged. On CPUs the noise
of training is that of the whole batch too, so the result is that of one process up to
rounding.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, distributed
from torch.overrides import TorchFunctionMode


@dataclass(frozen=True)
class Team:
    """This process among those that train together; all must make the same calls.

    Attributes:
        rank: 0 is the process that prints and writes.
        size: how many processes there are.
    """

    rank: int = 0
    size: int = 1

    def check(self, count: int) -> None:
        """Raise ValueError unless a batch of so many crops falls into equal parts."""
        if count % self.size:
            raise ValueError(f"{self.size} processes cannot share {count} crops evenly")

    def part(self, batch: Tensor) -> Tensor:
        """What this process has of a batch [B, ...]."""
        return batch.chunk(self.size)[self.rank]

    def whole(self, part: Tensor) -> Tensor:
        """Inverse of `part`."""
        if self.size == 1:
            return part
        parts = [torch.empty_like(part) for _ in range(self.size)]
        distributed.all_gather(parts, part)
        return torch.cat(parts)

    def average_gradients(self, parameters: Iterable[Tensor]) -> None:
        """Replace gradients by their mean over all processes, in one message."""
        if self.size == 1:
            return
        gradients = [each.grad for each in parameters if each.grad is not None]
        flat = torch.cat([gradient.flatten() for gradient in gradients])
        distributed.all_reduce(flat)
        flat /= self.size
        parts = flat.split([gradient.numel() for gradient in gradients])
        for gradient, mean in zip(gradients, parts, strict=True):
            gradient.copy_(mean.view(gradient.shape))

    def largest(self, *numbers: float, device: str) -> list[float]:
        """The largest of each number over all processes."""
        if self.size == 1:
            return list(numbers)
        values = torch.tensor(numbers, dtype=torch.float64, device=device)
        distributed.all_reduce(values, distributed.ReduceOp.MAX)
        return values.tolist()

    def noise(self, device: str) -> contextlib.AbstractContextManager[object]:
        """Makes `rand_like` draw for a whole batch and return the part that is ours.

        Not on GPUs, whose graphs are compiled.
        """
        shared = self.size > 1 and device == "cpu"
        return _PartOfNoise(self) if shared else contextlib.nullcontext()


class _PartOfNoise(TorchFunctionMode):
    def __init__(self, team: Team) -> None:
        super().__init__()
        self._team = team

    def __torch_function__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if function is not torch.rand_like:
            return function(*args, **(kwargs or {}))
        [like] = args
        # Numbers are drawn in the order of memory, in which images come one by one.
        shape = len(like) * self._team.size, *like.shape[1:]
        whole = torch.empty_strided(shape, like.stride(), dtype=like.dtype)
        return self._team.part(torch.rand_like(whole))


@contextlib.contextmanager
def joined_team() -> Iterator[Team]:
    """The team that `torchrun` started; one process where it did not."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1:
        yield Team()
        return
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    team = Team(distributed.get_rank(), distributed.get_world_size())
    with open(os.devnull, "w") as nowhere, contextlib.ExitStack() as stack:
        if team.rank:
            stack.enter_context(contextlib.redirect_stdout(nowhere))
        yield team
    distributed.destroy_process_group()
