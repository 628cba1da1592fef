"""What quantities and densities stand for: their definitions, on terms."""

from __future__ import annotations

from functools import cache

from kl_symbolic.errors import ProofError
from kl_symbolic.proof import statement
from kl_symbolic.proof.question import any_question
from kl_symbolic.proof.supports import family_of, variable
from kl_symbolic.terms import DEFINED_HEADS, Product, Spend, Term, parts_with, rebuilt, substitute


def definitions(term: Term, _: Spend) -> Term | None:
    """KL(P, Q), H(P) and H(P, Q) are the integrals that define them."""
    if term.head not in DEFINED_HEADS:
        return None
    unfolded = statement.definition(term)  # only where P lies within Q has the quantity a meaning, see `form`
    for integral in parts_with(unfolded, "Integral"):
        x = integral.args[1]
        if x.free & term.free:
            raise ProofError(f"the variable of integration {x} would be captured")
    return unfolded


def densities(term: Term, spend: Spend) -> Term | None:
    """Under a logarithm, a density is its formula; a product density is the product over its coordinates."""
    if term.head != "log":
        return None
    unfolded = rebuilt(term, {"Density": lambda law, x: _formula(law, x, spend)}, spend)
    return None if unfolded is term else unfolded


def formulas(term: Term, spend: Spend) -> Term | None:
    """Write a density as its formula, wherever it stands."""
    if term.head != "Density":
        return None
    law, x = term.args
    return _formula(law, x, spend)


def _formula(law: Term, x: Term, spend: Spend) -> Term:
    if law.head != "ProductLaw":
        return _density_at(law, x, spend)
    inner, i, size = law.args
    return Product(_density_at(inner, x[i], spend), i, size)


def _density_at(law: Term, point: Term, spend: Spend) -> Term:
    family = family_of(law)
    formula, x, parameters = generic_density(family.name)
    return substitute(formula, {x: point, **dict(zip(parameters, law.args[1:], strict=True))}, spend)


@cache
def generic_density(family: str) -> tuple[Term, Term, tuple[Term, ...]]:
    """Return the density of a family as a formula, its variable and its parameters."""
    law, _, parameters = statement.laws(any_question(family))
    x = variable(family_of(law).support)
    return statement.density_formula(law, x), x, parameters
