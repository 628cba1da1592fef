"""What an integrand is made of: which laws weigh it, and whether its scales are known.

A rule that only samples its integrand cannot see a spike between the nodes. So a continuous integral is accepted only
if its integrand is a polynomial times densities, whose spread is known, and logarithms of products of such things.
Any other integrand gives *unknown*.
"""

from __future__ import annotations

from collections.abc import Sequence

from kl_symbolic.families import Support
from kl_symbolic.families.family import NAMED_SUPPORTS
from kl_symbolic.numbers.arithmetic import Context, Namespace, UnresolvedError, Value
from kl_symbolic.numbers.quadrature import Scale
from kl_symbolic.proof.supports import family_of
from kl_symbolic.terms import Number, Term, Text, has, parts_with


def support_named(integral: Term) -> Support:
    """Return the support over which an integral is.

    Raises
    ------
    UnresolvedError
        If that has no name, but ends.
    """
    name = integral.args[2]
    if not isinstance(name, Text):
        raise UnresolvedError(f"an integral over {name}")
    return NAMED_SUPPORTS[name.text]


def weights(integrand: Term, variable: Term) -> list[Term]:
    """Return the laws whose densities at `variable` are factors of the integrand, outside logarithms."""
    match integrand:
        case Term("log"):
            return []
        case Term("Density", (law, at)):
            return [law] if at is variable else []
    found = [law for a in integrand.args for law in weights(a, variable)]
    return list(dict.fromkeys(found))


def laws_at(integrand: Term, variable: Term) -> list[Term]:
    """Return the laws whose densities at `variable` occur anywhere in the integrand."""
    densities = parts_with(integrand, "Density")
    return list(dict.fromkeys(d.args[0] for d in densities if d.args[1] is variable))


def scale(
    ctx: Context, names: Namespace, law: Term, arguments: Sequence[Value], support: Support, weighs: bool
) -> Scale:
    """Return the scale of a law whose parameters have these values.

    Raises
    ------
    UnresolvedError
        If it weighs an integral over something else than its support.
    """
    family = family_of(law)
    if weighs and family.support is not support:
        raise UnresolvedError(f"an integral over the {support} of the density of the {family.title}")
    centre, spread = family.scale(names, *arguments)
    if not support.discrete:
        return Scale(lambda x: family.density(names, x, *arguments), ctx.mpf(centre), spread, weighs)
    return Scale(lambda k: family.density(names, ctx.ceil(k), *arguments), ctx.ceil(centre), ctx.ceil(spread), weighs)


def has_known_scales(term: Term, variables: Sequence[Term]) -> bool:
    """Whether `term` is made of densities, polynomials in the variables, and logarithms of their products.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> x = Symbol("x")
    >>> has_known_scales(x**2 * Term("log", Term("exp", -(x**2))), [x])
    True
    >>> has_known_scales(Term("exp", -(x**2) * 10**60), [x])
    False
    """
    if not has(term, *variables) or term in variables or term.head == "Density":
        return True
    match term:
        case Term("Add" | "Mul", args):
            return all(has_known_scales(a, variables) for a in args)
        case Term("pow", (base, Number(exponent))):
            return exponent.denominator == 1 and exponent > 0 and has_known_scales(base, variables)
        case Term("log", (inner,)):
            return _is_monomial(inner, variables)
        case Term("Diff", (body, _)):
            return has_known_scales(body, variables)
    return False


def _is_monomial(term: Term, variables: Sequence[Term]) -> bool:
    """Whether the logarithm of `term` is a sum of logarithms, and of polynomials, of known scales."""
    match term:
        case Term("Mul" | "sqrt", args):
            return all(_is_monomial(a, variables) for a in args)
        case Term("exp", (inner,)):
            return has_known_scales(inner, variables)
        case Term("pow", (base, exponent)):
            return _is_monomial(base, variables) and has_known_scales(exponent, variables)
    return has_known_scales(term, variables) and not (term.head == "Add" and has(term, "Density"))
