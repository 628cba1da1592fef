"""The difference of two products, whose rounding errors are taken into account."""

from math import inf
from typing import Any

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Computation, Function
from kl_symbolic.functions.rounding import Rounding

_LARGE, _SCALE = 2.0**100, 2.0**-30  # a factor beyond the first is split into halves only when it is scaled


def _program(m: Computation, a: Any, b: Any, c: Any, d: Any) -> Any:
    (p, p_rest), (q, q_rest) = _product(m, a, b), _product(m, c, d)
    value = ((p - q) + p_rest) - q_rest
    return m.where(abs(p_rest) + abs(q_rest) <= abs(p) + abs(q), value, p - q)  # infinite products have no rest


def _product(m: Computation, a: Any, b: Any) -> tuple[Any, Any]:
    a_scale, b_scale = (m.where(abs(u) < _LARGE, 1.0, _SCALE) for u in (a, b))
    product, rest = m.two_product(a * a_scale, b * b_scale)
    return product / a_scale / b_scale, rest / a_scale / b_scale


FUNCTION = Function(
    name="difference_of_products",
    title="difference of two products",
    domains=(Domain.REAL,) * 4,
    derivatives=(
        lambda m, a, b, c, d: b,
        lambda m, a, b, c, d: a,
        lambda m, a, b, c, d: -d,
        lambda m, a, b, c, d: -c,
    ),
    definition=lambda m, a, b, c, d: a * b - c * d,
    tex=r"\mathrm{det}",
    program=_program,
    rounding=Rounding(1.5, (inf,) * 4, "no product beyond the dtype, or so small that its rounding error is"),
    sources=(
        "Dekker, A floating-point technique for extending the available precision, Numerische Mathematik 18 (1971)",
    ),
)
