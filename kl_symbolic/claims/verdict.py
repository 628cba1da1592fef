"""Compare a formula with the proved closed form: proved, refuted, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

from sympy import Expr

from kl_symbolic.api import derive, prove
from kl_symbolic.claims.diagnose import diagnoses
from kl_symbolic.claims.formula import formula
from kl_symbolic.claims.numbers import DIGITS, POINTS, Values, components
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import ProofError, RequestError
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.derivation import Step

SHOWN = 30  # digits of a counterexample


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
    closed_form
        The proved statement, as one line of text.
    diagnoses
        What a refuted formula is instead, in sentences, the simplest first; each is proved by the kernel.
    detail
        One line for people.
    """

    status: Literal["proved", "refuted", "unknown"]
    derivation: Derivation
    formula: Expr
    closed_form: str
    counterexample: Counterexample | None
    diagnoses: tuple[str, ...]
    detail: str


def check(text: str, p: str, q: str | None = None, **options: Any) -> Verdict:
    """Decide whether a formula is what `derive` derives.

    Parameters
    ----------
    text
        The formula, see `kl_symbolic.claims.formula`.
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
    >>> verdict = check("mu**2/2 + (sigma - 1)/2 - log(sigma)/2", "normal", "standard_normal")
    >>> print(verdict.detail)
    at mu = ..., sigma = ... the formula is ..., and the truth ...
    >>> verdict.diagnoses
    ('sigma stands for the variance',)
    """
    derivation = derive(p, q, **options)
    prove(derivation)
    record, shown = derivation.record, str(derivation)
    right, closed = formula(text, record.claim), record.statement.right
    if len(components(right)) != len(components(closed)):
        raise RequestError(f"{len(components(closed))} formulas are expected, given: {len(components(right))}")
    if right != closed:
        # The kernel is asked for one more step, from the closed form to the formula.
        longer = Derivation(Record(record.claim, (*record.steps, Step("collect", closed, right)), record.lemmas))
        try:
            prove(longer)
        except ProofError as error:
            return _by_numbers(derivation, right, str(error).splitlines()[0])
        derivation = longer
    return Verdict("proved", derivation, right, shown, None, (), "equal, by the kernel")


def _by_numbers(derivation: Derivation, right: Expr, why: str) -> Verdict:
    shown, closed, values = str(derivation), derivation.record.statement.right, Values(derivation.claim)
    statuses = [values.status(right, closed, k) for k in range(len(values.points))]
    if "disagree" in statuses:
        found = _counterexample(values, right, closed, statuses.index("disagree"))
        return Verdict("refuted", derivation, right, shown, found, diagnoses(right, derivation), str(found))
    agreeing = statuses.count("agree")
    detail = f"agrees at {agreeing} of {POINTS} points to {DIGITS} digits, but is not proved: {why}"
    return Verdict("unknown", derivation, right, shown, None, (), detail)


def _counterexample(values: Values, right: Expr, closed: Expr, k: int) -> Counterexample:
    named = tuple((str(symbol), value) for symbol, value in values.points[k].values.items())
    pair = next(
        (one, other)
        for one, other in zip(components(right), components(closed), strict=True)
        if values.status(one, other, k) == "disagree"
    )
    shown = []
    for side in pair:
        value = values.at(side, k)
        assert value is not None
        shown.append(values.ctx.nstr(value.mid, SHOWN))
    return Counterexample(named, *shown)
