"""Compare a formula with the proved closed form: proved, refuted, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import mpmath
from sympy import Expr

from kl_symbolic.api import derive, prove
from kl_symbolic.claims.formula import formula
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import KLError, ProofError, RequestError
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.language import Vector
from kl_symbolic.verification.compare import compare
from kl_symbolic.verification.evaluate import Evaluator
from kl_symbolic.verification.instantiate import instantiate
from kl_symbolic.verification.points import Point, draw

DIGITS, POINTS, SHOWN = 40, 5, 30


@dataclass(frozen=True)
class Counterexample:
    """A point at which a formula has another value than what it claims to be; the values to 30 digits."""

    parameters: tuple[tuple[str, Fraction], ...]
    formula: str
    truth: str

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value}" for name, value in self.parameters)
        return f"at {at} the formula is {self.formula[:14]}, and the truth {self.truth[:14]}"


@dataclass(frozen=True)
class Verdict:
    """What was found out about a formula.

    Attributes
    ----------
    status
        ``"proved"``: equal, by the kernel; ``"refuted"``: there is a counterexample; ``"unknown"``: neither, and never
        to be taken for right.
    derivation
        The derivation of the closed form that the formula was compared with; where it is proved and differs in form,
        one step longer, to the formula.
    formula
        The formula as it was read.
    counterexample
        Where it is refuted.
    detail
        One line for people.
    """

    status: Literal["proved", "refuted", "unknown"]
    derivation: Derivation
    formula: Expr
    counterexample: Counterexample | None
    detail: str


def check(text: str, p: str, q: str | None = None, **options: Any) -> Verdict:
    """Decide whether a formula is what `derive` derives.

    Parameters
    ----------
    text
        The formula, in the syntax of Python and SymPy, see `kl_symbolic.claims.formula`.
    p, q
        Names of the laws.
    **options
        Those of `kl_symbolic.derive`.

    Raises
    ------
    RequestError
        If the text is no formula in the parameters of the laws; otherwise as `kl_symbolic.derive`.

    Examples
    --------
    >>> check("mu**2/2 + (sigma**2 - 1)/2 - log(sigma)", "normal", "standard_normal").status
    'proved'
    >>> print(check("mu**2/2 + (sigma - 1)/2 - log(sigma)", "normal", "standard_normal").detail)
    at mu = ..., sigma = ... the formula is ..., and the truth ...
    """
    derivation = derive(p, q, **options)
    prove(derivation)
    record = derivation.record
    right, closed = formula(text, record.claim), record.statement.right
    if len(_components(right)) != len(_components(closed)):
        raise RequestError(f"{len(_components(closed))} formulas are expected, given: {len(_components(right))}")
    if right != closed:
        # The kernel is asked for one more step, from the closed form to the formula.
        longer = Record(record.claim, (*record.steps, Step("collect", closed, right)), record.lemmas)
        try:
            prove(Derivation(longer))
        except ProofError as error:
            return _by_numbers(derivation, right, str(error))
        derivation = Derivation(longer)
    return Verdict("proved", derivation, right, None, "equal, by the kernel")


def _by_numbers(derivation: Derivation, right: Expr, why: str) -> Verdict:
    ctx, closed = mpmath.MPContext(), derivation.record.statement.right
    for point in draw(derivation.claim, POINTS, seed=0):
        try:
            pairs = [
                [Evaluator(ctx, DIGITS, point.values).value(instantiate(e, point.integers)) for e in pair]
                for pair in zip(_components(right), _components(closed), strict=True)
            ]
        except (KLError, ArithmeticError, ValueError) as error:
            return Verdict("unknown", derivation, right, None, f"not proved, and no value: {error}")
        for one, other in pairs:
            if compare(ctx, one, other, DIGITS).status == "disagree":
                found = _counterexample(ctx, point, one.mid, other.mid)
                return Verdict("refuted", derivation, right, found, str(found))
    return Verdict(
        "unknown", derivation, right, None, f"agrees at {POINTS} points to {DIGITS} digits, but is not proved: {why}"
    )


def _components(expr: Expr) -> tuple[Expr, ...]:
    return expr.args if isinstance(expr, Vector) else (expr,)


def _counterexample(ctx: mpmath.MPContext, point: Point, wrong: Any, true: Any) -> Counterexample:
    named = tuple((str(symbol), value) for symbol, value in point.values.items())
    return Counterexample(named, *(ctx.nstr(value, SHOWN) for value in (wrong, true)))
