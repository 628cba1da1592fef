"""What an integrand is made of: which laws weigh it, and whether its scales are known.

A rule that only samples its integrand cannot see a spike between the nodes. So a continuous integral is accepted only
if its integrand is a polynomial times densities, whose spread is known, and logarithms of products of such things.
Any other integrand gives *unknown*.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Add, Basic, Mul, Pow, default_sort_key

from kl_symbolic.families import Support, all_families
from kl_symbolic.proof.language import Density, Diff, Exp, Factorial, Log, Sqrt, name_of
from kl_symbolic.verification.balls import Context, Namespace, Number, UnresolvedError
from kl_symbolic.verification.quadrature import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence


def weights(integrand: Basic, variable: Basic) -> list[Basic]:
    """Return the laws whose densities at `variable` are factors of the integrand, outside logarithms."""
    if isinstance(integrand, Log):
        return []
    if isinstance(integrand, Density):
        return [integrand.args[0]] if integrand.args[1] == variable else []
    found = [law for a in integrand.args for law in weights(a, variable)]
    return list(dict.fromkeys(found))


def laws_at(integrand: Basic, variable: Basic) -> list[Basic]:
    """Return the laws whose densities at `variable` occur anywhere in the integrand."""
    found = sorted(integrand.atoms(Density), key=default_sort_key)
    return list(dict.fromkeys(d.args[0] for d in found if d.args[1] == variable))


def scale(
    ctx: Context, names: Namespace, law: Basic, arguments: Sequence[Number], support: Support, weighs: bool
) -> Scale:
    """Return the scale of a law whose parameters have these values.

    Raises
    ------
    UnresolvedError
        If it weighs an integral over something else than its support.
    """
    family = all_families()[name_of(law.args[0])]
    if weighs and family.support is not support:
        raise UnresolvedError(f"an integral over the {support.value} of the density of the {family.title}")
    centre, spread = family.scale(names, *arguments)
    if not support.discrete:
        return Scale(lambda x: family.density(names, x, *arguments), ctx.mpf(centre), spread, weighs)
    return Scale(lambda k: family.density(names, ctx.ceil(k), *arguments), ctx.ceil(centre), ctx.ceil(spread), weighs)


def has_known_scales(expr: Basic, variables: Sequence[Basic]) -> bool:
    """Whether `expr` is made of densities, polynomials in the variables, and logarithms of their products.

    Examples
    --------
    >>> from sympy import Symbol
    >>> x = Symbol("x", real=True)
    >>> has_known_scales(x**2 * Log(Exp(-x**2)), [x])
    True
    >>> has_known_scales(Exp(-x**2 * 10**60), [x])
    False
    """
    if not expr.has(*variables) or expr in variables or isinstance(expr, Density):
        return True
    match expr:
        case Add() | Mul():
            return all(has_known_scales(a, variables) for a in expr.args)
        case Pow():
            base, exponent = expr.args
            return bool(exponent.is_Integer and exponent > 0) and has_known_scales(base, variables)
        case Log():
            return _is_monomial(expr.args[0], variables)
        case Diff():
            return has_known_scales(expr.args[0], variables)
    return False


def _is_monomial(expr: Basic, variables: Sequence[Basic]) -> bool:
    """Whether the logarithm of `expr` is a sum of logarithms, and of polynomials, of known scales."""
    match expr:
        case Mul() | Sqrt() | Factorial():
            return all(_is_monomial(a, variables) for a in expr.args)
        case Exp():
            return has_known_scales(expr.args[0], variables)
        case Pow():
            base, exponent = expr.args
            return _is_monomial(base, variables) and has_known_scales(exponent, variables)
    return has_known_scales(expr, variables) and not (isinstance(expr, Add) and expr.has(Density))
