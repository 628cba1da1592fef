"""What to sum, and what does the rows of a block: plain records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from kl_symbolic.numeric.inputs import Floats

Mask: TypeAlias = "NDArray[np.bool_] | None"
Masks: TypeAlias = "tuple[NDArray[np.bool_], NDArray[np.bool_]]"


class Fast(Protocol):
    """A fast formula."""

    def __call__(self, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats], /) -> Mask:
        """Write the sums, and the derivatives if there are arrays for them.

        Return a mask of the rows where they are not good, if there are any but those of small or large sums.
        """


class Run(Protocol):
    """What does the rows of one block."""

    def __call__(
        self, kernel: Kernel, operands: Sequence[Floats], sums: Floats, gradient: Sequence[Floats], /
    ) -> Masks | None:
        """Write the sums, and the derivatives if there are arrays for them.

        Return masks of the rows whose sums, and whose derivatives, are to be computed again, if there are any.
        """


@dataclass(frozen=True)
class Kernel:
    """What to sum, of parameters in the order of their names."""

    name: str
    parameters: tuple[str, ...]
    check: Callable[..., object]  # of the axis and the parameters by name; raises RequestError
    small: Callable[[int], float]  # of the number of terms: fast sums are good from here on
    fast: Fast
    sums: Callable[..., Floats]
    derivatives: Callable[..., tuple[Floats, ...]] | None = None
    large: float = 5e4  # for a logarithm t of the ratio of variances, |t| < 11.6: its rounding costs less than 6 eps
