"""What families state of stable forms, in the parameters of a question, and its derivatives by rule."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.functions import find_function
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.stable import stable_form, stable_gradient
from kl_symbolic.proof.statement import laws, unit_in_nats
from kl_symbolic.terms import (
    COORDINATE,
    ONE_COORDINATE,
    Namespace,
    Number,
    Term,
    Vector,
    add,
    factors,
    has,
    mul,
    power,
    substitute,
)

FORMULAS = Namespace()
_ZERO = Number(0)


def stated(question: Question) -> Term:
    """Return the stable form that a family states for a question about two laws of one coordinate.

    Raises
    ------
    NoClosedFormError
        If there is none.
    """
    form = stable_form(question)
    if form is None:
        raise NoClosedFormError(f"no stable form is stated for {question.p} and {question.q} in these parameters")
    return tidied(form) / unit_in_nats(question)


def derivative(term: Term, theta: Term) -> Term:
    """Return a derivative by the rules of calculus, term by term, so that what keeps its digits is not taken apart.

    Examples
    --------
    >>> from kl_symbolic.functions import Domain
    >>> from kl_symbolic.terms import Symbol
    >>> x, y = (Symbol(name, Domain.POSITIVE) for name in "xy")
    >>> derivative((x - y) ** 2 / (2 * y) + Term("itakura_saito", x, y), x)
    (x - y)/y + (x - y)/(y*x)
    """
    return _merged(tidied(_slope(term, theta)))


def tidied(term: Term) -> Term:
    """Leave out what is 0, and terms that a function has at two equal points; work squares of numbers out."""
    if not term.args:
        return term
    args = [tidied(a) for a in term.args]
    function = find_function(term.head)
    if function is not None and function.gap and (args[0] is args[1]):
        return _ZERO
    match term.head, args:
        case "Add", _:
            return add(*(a for a in args if a is not _ZERO))
        case "Mul", _:
            return _ZERO if _ZERO in args else mul(*args)
        case "exp", [Number(0)]:
            return Number(1)
        case "pow", [Number(0), _]:
            return _ZERO
        case "pow", [Number(value), Number(2)]:
            return Number(value**2)
        case "pow", [base, exponent]:
            return power(base, exponent)
    return Term(term.head, *args)


def _merged(term: Term) -> Term:
    """Write powers of equal bases as one power, and whole powers of products as products of powers."""
    if not term.args:
        return term
    args = [_merged(a) for a in term.args]
    if term.head == "Add":
        return add(*args)
    if term.head not in ("Mul", "pow"):
        return Term(term.head, *args)
    exponents: dict[Term, Fraction] = {}
    number = Fraction(1)
    for base, exponent in _powers(power(*args) if term.head == "pow" else mul(*args)):
        if isinstance(base, Number) and base.value and exponent.denominator == 1:
            number *= base.value ** int(exponent)
        else:
            exponents[base] = exponents.get(base, Fraction(0)) + exponent
    return mul(number, *(power(base, e) for base, e in exponents.items() if e))


def _powers(term: Term) -> Iterator[tuple[Term, Fraction]]:
    """Yield the bases and exponents of a product."""
    for factor in factors(term):
        match factor:
            case Term("pow", (Term("Mul") as inside, Number(e))) if e.denominator == 1:
                yield from ((base, f * e) for base, f in _powers(inside))
            case Term("pow", (base, Number(e))):
                yield base, e
            case _:
                yield factor, Fraction(1)


def _slope(term: Term, theta: Term) -> Term:
    if term is theta:
        return Number(1)
    if not has(term, theta):
        return _ZERO
    match term:
        case Term("Add", parts):
            return add(*(_slope(part, theta) for part in parts))
        case Term("Mul", parts):
            return add(*(mul(_slope(p, theta), *parts[:k], *parts[k + 1 :]) for k, p in enumerate(parts)))
        case Term("pow", (base, Number() as exponent)):
            return mul(exponent, power(base, exponent - 1), _slope(base, theta))
    function = find_function(term.head)
    if function is None or None in function.derivatives:
        raise NoClosedFormError(f"no rule differentiates {term.head}")
    slopes = zip(function.derivatives, term.args, strict=True)
    return add(*(mul(formula(FORMULAS, *term.args), _slope(a, theta)) for formula, a in slopes if formula))


def gradient(question: Question) -> Term:
    """Return the derivatives of a stable form by all parameters, as the family states them or by rule."""
    value, unit = stated(question), unit_in_nats(question)
    said = stable_gradient(question)
    if said is not None:
        slopes = [_merged(tidied(slope)) / unit for slope in said]
    else:
        slopes = [derivative(value, theta) for theta in laws(question).parameters]
    coordinates = [ONE_COORDINATE] if question.dim is None else [Number(k) for k in range(1, question.dim + 1)]
    return Vector(*(substitute(slope, {COORDINATE: k}) for slope in slopes for k in coordinates))
