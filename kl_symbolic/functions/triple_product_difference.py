"""The difference of a product of three numbers and a number, whose rounding errors are taken into account."""

from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding


def _program(m: Computation, a: Any, b: Any, c: Any, d: Any) -> Any:
    """Write the product as a sum of four numbers, exactly; each is at most an eps of the one before, or of two before.

    With u = eps/2 and q the first: if d is near q the difference q - d is exact. Of the other sums that of the last two
    errs by 3 u^3 q; that of q - d and the rest by u times the result and 3 u^3 q; the whole by u times the result.
    """
    p, p_rest = m.two_product(a, b)
    q, q_rest = m.two_product(p, c)
    r, r_rest = m.two_product(p_rest, c)
    rest, last = m.two_difference(q_rest, -r)
    value = ((q - d) + rest) + (last + r_rest)
    return m.where(abs(rest) + abs(r_rest) <= abs(q), value, q - d)  # infinite products have no rest


FUNCTION = Function(
    name="triple_product_difference",
    title="difference of a product of three numbers and a number",
    domains=(Domain.REAL,) * 4,
    derivatives=(
        lambda m, a, b, c, d: b * c,
        lambda m, a, b, c, d: a * c,
        lambda m, a, b, c, d: a * b,
        lambda m, a, b, c, d: -1,
    ),
    definition=lambda m, a, b, c, d: a * b * c - d,
    tex=r"\mathrm{det}_3",
    program=_program,
    rounding=Rounding(
        1.5, (), "where product and number are equal or differ by 2 eps^2 of them; closer, eps^3 of them"
    ),
    sources=(
        "Dekker, A floating-point technique for extending the available precision, Numerische Mathematik 18 (1971)",
    ),
)
