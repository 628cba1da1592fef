"""Say what a wrong formula is instead: each diagnosis is an equality that the kernel proves before it is shown.

Candidates are built from proved closed forms: other quantities of the same laws, parameters read in another way, terms
with a mistake in them. Numbers at a few points pick those that may be the formula; the kernel decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain, islice
from typing import NamedTuple

import mpmath
from sympy import Add, Basic, Expr, Integer, Mul, Pow, Rational, pi, preorder_traversal

from kl_symbolic.claims.mistakes import misread, misread_in_one_term, mistaken, mistaken_in_several_terms
from kl_symbolic.claims.numbers import Values, components
from kl_symbolic.claims.quantities import Quantity, quantities
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import prove_step, substitute
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.language import Log, Vector
from kl_symbolic.proof.statement import DIMENSION, laws

FACTORS: dict[str, Expr] = {
    "twice": Integer(2),
    "half of": Rational(1, 2),
    "minus": Integer(-1),
    "minus twice": Integer(-2),
    "minus half of": Rational(-1, 2),
    "in bits: 1/log 2 times": Pow(Log(Integer(2)), Integer(-1)),
    "in nats: log 2 times": Log(Integer(2)),
}
MOST = 3  # diagnoses that are shown
MOST_PARTS = 2_000  # of a formula: what is longer is no textbook's formula with a slip
MOST_PARTS_OF_TRUTH = 300  # there are a few candidates for each of its terms, and each is as long
BUDGET = 100_000  # of the kernel for one diagnosis, many times what a textbook's formula takes
LARGEST = 60  # of the numbers in a constant that is recognised, and of its own exponent in bits


class Candidate(NamedTuple):
    """A sentence about a formula, and the expression that it would equal."""

    words: str
    expression: Expr


def diagnoses(formula: Expr, derivation: Derivation, values: Values) -> tuple[str, ...]:
    """Return what a formula is, if it is not what a derivation derives: the simplest explanations first.

    Parameters
    ----------
    formula
        In the language of derivations; as many components as the closed form has.
    derivation
        Of what the formula should be.
    values
        At points of its claim.
    """
    right, parameters = derivation.record.statement.right, laws(derivation.claim).parameters
    if not isinstance(right, Vector):
        return tuple(_of_one(formula, quantities(derivation), parameters, values)[:MOST])
    pairs = enumerate(zip(components(formula), components(right), strict=True), start=1)
    found = []
    for k, (one, true) in islice((pair for pair in pairs if not values.agree(*pair[1])), MOST):
        component = Quantity(f"component {k} of the gradient", true, derivation.claim)
        found += [f"component {k}: {words}" for words in _of_one(one, [component], parameters, values)[:1]]
    return tuple(found)


def _of_one(formula: Expr, known: list[Quantity], parameters: tuple[Expr, ...], values: Values) -> list[str]:
    for expr, most in ((formula, MOST_PARTS), (known[0].expression, MOST_PARTS_OF_TRUTH)):
        if sum(1 for _ in islice(preorder_traversal(expr), most + 1)) > most:
            return []
    if values.agree(formula, known[0].expression):
        return []
    for candidates in (
        _other_quantities(known),
        _mistakes(known[0]),
        _scaled(formula, known, values),
        _misread(formula, known, values),
        _shifted(formula, known, values),
        _mistakes_in_one_reading(known[0]),
    ):
        found = _proved(formula, candidates, values)
        if found:
            return found
    return list(_right_where(formula, known[0].expression, parameters))


def _proved(formula: Expr, candidates: Iterator[Candidate], values: Values) -> list[str]:
    """Return the sentences of the candidates that the formula is proved to equal."""
    words = []
    for candidate in candidates:
        if candidate.words not in words and values.agree(formula, candidate.expression):
            with suppress(ProofError):
                if formula != candidate.expression:
                    prove_step(Step("collect", formula, candidate.expression), BUDGET)
                words.append(candidate.words)
    return words


def _other_quantities(known: list[Quantity]) -> Iterator[Candidate]:
    for quantity in known[1:]:
        yield Candidate(f"this is {quantity.words}", quantity.expression)


def _mistakes(right: Quantity) -> Iterator[Candidate]:
    for words, expression in chain(misread(right), mistaken(right)):
        yield Candidate(words, expression)


def _mistakes_in_one_reading(right: Quantity) -> Iterator[Candidate]:
    for words, expression in chain(misread_in_one_term(right), mistaken_in_several_terms(right)):
        yield Candidate(words, expression)
    for words, expression in mistaken(right):
        yield Candidate(f"this is minus {right.words}; and {words}", Mul(Integer(-1), expression))


def _scaled(formula: Expr, known: list[Quantity], values: Values) -> Iterator[Candidate]:
    for quantity in known:
        if values.constant(_quotient(formula, quantity.expression)) is not None:
            for words, factor in FACTORS.items():
                yield Candidate(f"this is {words} {quantity.words}", Mul(factor, quantity.expression))


def _misread(formula: Expr, known: list[Quantity], values: Values) -> Iterator[Candidate]:
    """Yield quantities with parameters read in another way, times a factor."""
    for quantity in known:
        for words, expression in misread(quantity):
            if values.constant(_quotient(formula, expression)) is None:
                continue
            yield Candidate(f"this is {quantity.words}; and {words}", expression)
            for factor_words, factor in FACTORS.items():
                yield Candidate(f"this is {factor_words} {quantity.words}; and {words}", Mul(factor, expression))


def _quotient(one: Expr, other: Expr) -> Expr:
    # SymPy would take long over what people write, and drop what cancels.
    return Mul(one, Pow(other, Integer(-1), evaluate=False), evaluate=False)


def _shifted(formula: Expr, known: list[Quantity], values: Values) -> Iterator[Candidate]:
    """Yield a quantity and a constant, or a multiple of it, as numbers suggest."""
    for quantity in known:
        ratio = _recognised(values.constant(_quotient(formula, quantity.expression)), values.ctx)
        if ratio is not None:
            words = f"this is {quantity.written(ratio)} times {quantity.words}"
            yield Candidate(words, Mul(ratio, quantity.expression))
        gap = _recognised(
            values.constant(Add(formula, Mul(Integer(-1), quantity.expression), evaluate=False)), values.ctx
        )
        if gap is not None:
            size = values.size
            whole = Mul(DIMENSION, gap / size) if size else gap
            each = f"{quantity.written(gap / size)} for each coordinate" if size else quantity.written(gap)
            yield Candidate(f"this is {quantity.words} plus {each}", Add(quantity.expression, whole))


def _recognised(value: mpmath.mpf | None, ctx: mpmath.MPContext) -> Expr | None:
    """Return a constant as a small combination of 1, log 2 and log pi, if it is one."""
    if value is None or not -LARGEST < ctx.mag(value) < LARGEST:
        return None
    with ctx.workdps(30):
        relation = ctx.pslq([value, ctx.one, ctx.log(2), ctx.log(ctx.pi)], maxcoeff=LARGEST, maxsteps=2000)
    if relation is None or relation[0] == 0:
        return None
    parts = (Integer(1), Log(Integer(2)), Log(pi))
    return Add(*(Mul(Rational(-c, relation[0]), part) for c, part in zip(relation[1:], parts, strict=True)))


def _right_where(formula: Expr, right: Expr, parameters: tuple[Expr, ...]) -> Iterator[str]:
    """Yield special cases in which a formula is right; there may be others."""
    names = {str(p): p for p in parameters}
    for name, symbol in names.items():
        cases: list[tuple[str, Basic]] = []
        if "_1" in name and (other := names.get(name.replace("_1", "_2"))) is not None:
            cases.append((f"{name} = {other}", other))
        elif "_" not in name:
            cases.append((f"{name} = {1 if symbol.is_positive else 0}", Integer(1 if symbol.is_positive else 0)))
        for words, value in cases:
            one, other = (substitute(side, {symbol: value}) for side in (formula, right))
            with suppress(KLError):
                if one != other:
                    prove_step(Step("collect", one, other), BUDGET)
                yield f"this is right where {words}"
