"""What a term looks like: its addends, its factors, the number in front."""

from __future__ import annotations

from fractions import Fraction

from kl_symbolic.terms.term import Number, Term, mul


def addends(term: Term) -> tuple[Term, ...]:
    """Return the terms of a sum; of anything else, itself.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> addends(Symbol("x") - 1), addends(Symbol("x"))
    ((x, -1), (x,))
    """
    return term.args if term.head == "Add" else (term,)


def factors(term: Term) -> tuple[Term, ...]:
    """Return the factors of a product; of anything else, itself."""
    return term.args if term.head == "Mul" else (term,)


def coefficient(term: Term) -> tuple[Fraction, Term]:
    """Return the number in front of a term, and the rest.

    Examples
    --------
    >>> from kl_symbolic.terms import Symbol
    >>> coefficient(-2 * Symbol("x") / 3), coefficient(Symbol("x"))
    ((Fraction(-2, 3), x), (Fraction(1, 1), x))
    """
    number, others = Fraction(1), []
    for factor in factors(term):
        if isinstance(factor, Number):
            number *= factor.value
        else:
            others.append(factor)
    return number, mul(*others)


def base_and_exponent(term: Term) -> tuple[Term, Term]:
    """Return the base and the exponent of a power; of anything else, itself and 1."""
    if term.head == "pow":
        base, exponent = term.args
        return base, exponent
    return term, Number(1)
