"""Units of information."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.code.operations import argument
from kl_symbolic.code.program import Program
from kl_symbolic.numeric.evaluate import value
from kl_symbolic.numeric.formula import ALL_NUMBERS, ANY_NUMBER, Formula, Routine
from kl_symbolic.numeric.inputs import Floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

NATS = Formula(
    Routine(Program("in_bits", ("nats",), (argument("nats"),))),
    spaces={"nats": ANY_NUMBER},
    within={"nats": ALL_NUMBERS},
    compiled=False,
)


def in_bits(nats: ArrayLike) -> Floats:
    """Convert from nats to bits.

    Parameters
    ----------
    nats
        Real numbers of any shape, in nats; infinite and NaN entries stay what they are.

    Returns
    -------
    array or NumPy scalar
        ``nats / log(2)``, in bits, of the same shape, within 1.1 eps; float32 for float32 and half precision, else
        float64.

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
    return value(NATS, {"nats": nats}, unit="bits")
