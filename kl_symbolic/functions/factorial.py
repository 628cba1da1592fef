"""The factorial."""

import math
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Algebra, Function

_LARGEST = 20  # number whose factorial is worked out without being asked for


def _of_number(k: Algebra, n: Any) -> Any:
    """Return 0! = 1, 1! = 1, 2! = 2, ..."""
    c = k.constant_part(n)
    whole = n == k.number(c) and c.denominator == 1 and 0 <= c <= _LARGEST
    return k.number(math.factorial(int(c))) if whole else None


FUNCTION = Function(
    name="factorial",
    title="factorial",
    domains=(Domain.NATURAL,),
    value=Domain.POSITIVE,
    rapid=True,
    identities={"algebra": _of_number},
    style="postfix",
    tex="!",
    spellings=("factorial",),
    names={"sympy": "factorial", "mpmath": "factorial", "arb": "fac", "python": "math.factorial"},
)
