"""Say what a wrong formula is instead: each diagnosis is an equality that the kernel proves before it is shown.

Numbers at a few points pick those entries of the catalogue of slips that may be the formula; the kernel decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

import mpmath

from kl_symbolic.claims.cases import in_special_case
from kl_symbolic.claims.numbers import Values, components
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import prove_step
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.parameters import base_of, parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import put_in
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips import Candidate, quantities, search
from kl_symbolic.terms import Number, Term, add, length, rebuilt

MOST = 3  # diagnoses that are shown
MOST_PARTS = 2_000  # of a formula: what is longer is no textbook's formula with a slip
MOST_PARTS_OF_TRUTH = 300  # there are a few candidates for each of its terms, and each is as long
BUDGET = 100_000  # of the kernel for one diagnosis, many times what a textbook's formula takes
SMALL = Fraction(1, 1000)  # what is added for the sake of arithmetic
DIGITS = 30  # of constants that are recognised


def diagnoses(formula: Term, derivation: Derivation, values: Values) -> tuple[str, ...]:
    """Return what a formula is, if it is not what a derivation derives: the simplest explanations first.

    Parameters
    ----------
    formula
        In the language of derivations; as many components as the closed form has.
    derivation
        Of what the formula should be.
    values
        At points of its question.
    """
    right, question = derivation.statement.right, derivation.question
    if right.head != "Vector":
        known = [
            quantity._replace(expression=in_special_case(quantity.expression, derivation))
            for quantity in quantities(derivation.record)
        ]
        known[0] = known[0]._replace(expression=right)
        return tuple(_of_one(formula, known, values)[:MOST])
    pairs = enumerate(zip(components(formula), components(right), strict=True), start=1)
    found = []
    for k, (one, true) in islice((pair for pair in pairs if not values.agree(*pair[1])), MOST):
        component = Candidate(f"component {k} of the gradient", true, question)
        found += [f"component {k}: {words}" for words in _of_one(one, [component], values)[:1]]
    return tuple(found)


def _of_one(formula: Term, known: list[Candidate], values: Values) -> list[str]:
    for one, most in ((formula, MOST_PARTS), (known[0].expression, MOST_PARTS_OF_TRUTH)):
        if length(one) > most:
            return []
    if values.agree(formula, known[0].expression):
        return []
    found = [slip.words for slip in search(known, _Kernel(formula, values))]
    found = found or list(_guarded(formula, known[0], values))
    return found or list(_right_where(formula, known[0].expression, values))[:MOST]


@dataclass(frozen=True)
class _Kernel:
    """A judge of a formula: numbers say what it may be, and the kernel what it is."""

    formula: Term
    values: Values
    digits: int = DIGITS

    def agrees(self, expression: Term) -> bool:
        if not self.values.agree(self.formula, expression):
            return False
        with suppress(ProofError):
            if self.formula != expression:
                prove_step(Step("collect", self.formula, expression), BUDGET)
            return True
        return False

    def ratios(self, expression: Term) -> list[mpmath.mpf]:
        constant = self.values.constant(self.formula / expression)
        return [] if constant is None else [constant]

    def gap(self, expression: Term) -> mpmath.mpf | None:
        constant = self.values.constant(self.formula - expression)
        with self.values.ctx.workdps(DIGITS + 5):
            return None if constant is None else constant / (self.values.size or 1)


def _guarded(formula: Term, right: Candidate, values: Values) -> Iterator[str]:
    """Yield what small numbers are added, an epsilon in a logarithm, if a formula is right without them."""
    small: list[Fraction] = []

    def without(*terms: Term) -> Term:
        added = [_small_part(one) for one in terms]
        small.extend(filter(None, added))
        return add(*terms, -sum(added))

    plain = rebuilt(formula, {"Add": without})
    if small and _Kernel(plain, values).agrees(right.expression):
        shown = " and ".join(dict.fromkeys(f"{float(one):g}" for one in small))
        yield f"{shown} is added; without it this is {right.words}"


def _small_part(term: Term) -> Fraction:
    """Return what is added to a half or a whole number, if it is small; else 0."""
    if not isinstance(term, Number):
        return Fraction(0)
    found = term.value - Fraction(round(2 * term.value), 2)
    return found if 0 < found <= SMALL else Fraction(0)


def _right_where(formula: Term, right: Term, values: Values) -> Iterator[str]:
    """Yield special cases in which a formula is right, the most general ones; there may be others."""
    cases = list(_equalities(values.question))
    found: set[str] = set()
    for several in (*((case,) for case in cases), *combinations(cases, 2)):
        if found & {words for words, _, _ in several}:
            continue
        table = {parameter: value for _, parameter, value in several}
        if len(table) < len(several) or any(parameter in table for parameter in table.values()):
            continue
        one, other = (put_in(side, table.items()) for side in (formula, right))
        if not values.agree(one, other) or values.agree(other, Number(0)):  # both are 0 where P is Q
            continue
        with suppress(KLError):
            if one != other:
                prove_step(Step("collect", one, other), BUDGET)
            found |= {words for words, _, _ in several}
            yield f"this is right where {' and '.join(words for words, _, _ in several)}"


def _equalities(question: Question) -> Iterator[tuple[str, Term, Term]]:
    """Yield what laws often have: equal parameters, and those of a standard law."""
    parameters = laws(question).parameters
    names = {str(base_of(p)): p for p in parameters}
    for name, parameter in names.items():
        other = names.get(name.replace("_1", "_2"))
        if "_1" in name and other is not None:
            yield f"{name} = {base_of(other)}", parameter, other
    for parameter, record in zip(parameters, parameter_records(question), strict=True):
        number = Number(1 if record.domain.positive else 0)
        yield f"{base_of(parameter)} = {number}", parameter, number
