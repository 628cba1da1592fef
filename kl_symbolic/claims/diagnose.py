"""Say what a wrong formula is instead: each diagnosis is an equality that the kernel proves before it is shown.

Numbers at a few points pick those entries of the catalogue of slips that may be the formula; the kernel decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import combinations, islice

import mpmath
from sympy import Add, Basic, Expr, Indexed, Integer, Mul, Pow, Rational, preorder_traversal

from kl_symbolic.claims.cases import in_place, in_special_case
from kl_symbolic.claims.numbers import Values, components
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import KLError, ProofError
from kl_symbolic.kernel import prove_step
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.language import Vector
from kl_symbolic.proof.parameters import base_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips import Quantity, quantities, search

MOST = 3  # diagnoses that are shown
MOST_PARTS = 2_000  # of a formula: what is longer is no textbook's formula with a slip
MOST_PARTS_OF_TRUTH = 300  # there are a few candidates for each of its terms, and each is as long
BUDGET = 100_000  # of the kernel for one diagnosis, many times what a textbook's formula takes
SMALL = Rational(1, 1000)  # what is added for the sake of arithmetic
UNEVALUATED = (Add, Mul, Pow)  # SymPy would drop what cancels
DIGITS = 30  # of constants that are recognised


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
    right, parameters = derivation.statement.right, laws(derivation.claim).parameters
    if not isinstance(right, Vector):
        known = [
            quantity._replace(expression=in_special_case(quantity.expression, derivation))
            for quantity in quantities(derivation.record)
        ]
        known[0] = known[0]._replace(expression=right)
        return tuple(_of_one(formula, known, parameters, values)[:MOST])
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
    found = [slip.words for slip in search(known, _Kernel(formula, values))]
    found = found or list(_guarded(formula, known[0], values))
    return found or list(_right_where(formula, known[0].expression, parameters, values))[:MOST]


@dataclass(frozen=True)
class _Kernel:
    """A judge of a formula: numbers say what it may be, and the kernel what it is."""

    formula: Expr
    values: Values
    digits: int = DIGITS

    def agrees(self, expression: Expr) -> bool:
        if not self.values.agree(self.formula, expression):
            return False
        with suppress(ProofError):
            if self.formula != expression:
                prove_step(Step("collect", self.formula, expression), BUDGET)
            return True
        return False

    def ratios(self, expression: Expr) -> list[mpmath.mpf]:
        # SymPy would take long over what people write, and drop what cancels.
        inverse = Pow(expression, Integer(-1), evaluate=False)
        constant = self.values.constant(Mul(self.formula, inverse, evaluate=False))
        return [] if constant is None else [constant]

    def gap(self, expression: Expr) -> mpmath.mpf | None:
        constant = self.values.constant(Add(self.formula, Mul(Integer(-1), expression), evaluate=False))
        with self.values.ctx.workdps(DIGITS + 5):
            return None if constant is None else constant / (self.values.size or 1)


def _guarded(formula: Expr, right: Quantity, values: Values) -> Iterator[str]:
    """Yield what small numbers are added, an epsilon in a logarithm, if a formula is right without them."""
    small: list[Rational] = []

    def without(part: Basic) -> Basic:
        if not part.args or isinstance(part, Indexed):
            return part
        kept = [one for one in part.args if not (isinstance(part, Add) and _is_small(one))]
        small.extend(one for one in part.args if isinstance(part, Add) and _is_small(one))
        parts = [without(one) for one in kept]
        if isinstance(part, Add) and len(parts) == 1:
            return parts[0]
        return part.func(*parts, evaluate=False) if isinstance(part, UNEVALUATED) else part.func(*parts)

    plain = without(formula)
    if small and _Kernel(plain, values).agrees(right.expression):
        shown = " and ".join(dict.fromkeys(f"{float(one):g}" for one in small))
        yield f"{shown} is added; without it this is {right.words}"


def _is_small(part: Basic) -> bool:
    return isinstance(part, Rational) and 0 < part <= SMALL


def _right_where(formula: Expr, right: Expr, parameters: tuple[Expr, ...], values: Values) -> Iterator[str]:
    """Yield special cases in which a formula is right, the most general ones; there may be others."""
    cases = list(_equalities(parameters))
    found: set[str] = set()
    for several in (*((case,) for case in cases), *combinations(cases, 2)):
        if found & {words for words, _, _ in several}:
            continue
        table = {symbol: value for _, symbol, value in several}
        if len(table) < len(several) or any(symbol in table for symbol in table.values()):
            continue
        one, other = (in_place(side, table) for side in (formula, right))
        if not values.agree(one, other) or values.agree(other, Integer(0)):  # both are 0 where P is Q
            continue
        with suppress(KLError):
            if one != other:
                prove_step(Step("collect", one, other), BUDGET)
            found |= {words for words, _, _ in several}
            yield f"this is right where {' and '.join(words for words, _, _ in several)}"


def _equalities(parameters: tuple[Expr, ...]) -> Iterator[tuple[str, Expr, Expr]]:
    """Yield what laws often have: equal parameters, and those of a standard law."""
    names = {str(base_of(p)): p for p in parameters}
    for name, symbol in names.items():
        other = names.get(name.replace("_1", "_2"))
        if "_1" in name and other is not None:
            yield f"{name} = {base_of(other)}", symbol, other
    for name, symbol in names.items():
        number = Integer(1 if symbol.is_positive else 0)
        yield f"{name} = {number}", symbol, number
