"""Units of information."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from kl_symbolic.numeric.dispatch import by_library
from kl_symbolic.numeric.inputs import Floats, as_floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike


@by_library
def in_bits(nats: ArrayLike) -> Floats:
    """Convert from nats to bits.

    Parameters
    ----------
    nats
        Real numbers of any shape, in nats; infinite and NaN entries stay what they are.

    Returns
    -------
    array or NumPy scalar
        ``nats / log(2)``, in bits, of the same shape; float32 for float32, else float64.

    Raises
    ------
    RequestError
        If `nats` is not real.

    References
    ----------
    Cover and Thomas, Elements of Information Theory, 2nd ed., section 2.1 (lemma 2.1.2: change of base).

    Examples
    --------
    >>> float(in_bits(1.0))
    1.4426950408889634
    """
    (values,) = as_floats(nats=nats)
    with np.errstate(over="ignore"):  # the result is infinite, and shows it
        return (values / values.dtype.type(math.log(2)))[()]
