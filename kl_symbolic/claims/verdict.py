"""Compare a formula with the proved closed form: proved, refuted, or unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from textwrap import shorten
from typing import Literal, Unpack

from sympy import Basic, Expr, Symbol

from kl_symbolic.api import derive, prove
from kl_symbolic.arguments import checked
from kl_symbolic.claims.asked import Asked, as_spoken, guessed
from kl_symbolic.claims.correction import correction
from kl_symbolic.claims.diagnose import diagnoses
from kl_symbolic.claims.domain import gaps
from kl_symbolic.claims.equation import Equation, parts_of, read_equation, read_parts
from kl_symbolic.claims.numbers import DIGITS, POINTS, Values, components
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import ProofError, RequestError
from kl_symbolic.kernel import prove_step
from kl_symbolic.proof.claim import Law, RequestOptions
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.derivation import Step
from kl_symbolic.reading.aliases import canonical
from kl_symbolic.reading.formula import Reading
from kl_symbolic.verification.balls import shown

SHOWN = 30  # digits of a counterexample
MOST_SHOWN = 200  # characters of a verdict at a prompt
MOST_GAPS = 3  # places without a value that are named


@dataclass(frozen=True)
class Counterexample:
    """A point at which a formula has another value than what it claims to be; the values to 30 digits."""

    parameters: tuple[tuple[str, Fraction], ...]
    formula: str
    truth: str

    def __str__(self) -> str:
        at = ", ".join(f"{name} = {value}" for name, value in self.parameters)
        return f"at {at} the formula is {self.formula[:14]}, and the truth {self.truth[:14]}"


Status = Literal["proved", "refuted", "unknown"]


@dataclass(frozen=True)
class JudgedSide:
    """One side of an equation with several: as written, which one it is, and what was found out about it."""

    written: str
    place: int
    status: Status
    detail: str


@dataclass(frozen=True)
class Verdict:
    """What was found out about a formula.

    Attributes
    ----------
    status
        ``"proved"``: equal for all parameters, by the kernel; ``"refuted"``: there is a counterexample; ``"unknown"``:
        neither, and never to be taken for right. Of an equation, the worst of its sides.
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
    inferred
        What each name in the formula was taken for, where it is not the parameter's own: ``("s1", "sigma_1")``.
    correction
        Where it is refuted: one line that is right, in the notation of the formula; it was read and proved. Empty where
        none is known.
    notes
        What else was done to read it: a sign that was moved to the other side.
    sides
        Of an equation that claims more than one side, each of them. `formula`, `counterexample` and `diagnoses` are
        then those of the first side that is not proved.
    """

    status: Status
    derivation: Derivation
    formula: Expr
    closed_form: str
    counterexample: Counterexample | None
    diagnoses: tuple[str, ...]
    detail: str
    inferred: tuple[tuple[str, str], ...] = ()
    correction: str = ""
    notes: tuple[str, ...] = ()
    sides: tuple[JudgedSide, ...] = ()

    def __repr__(self) -> str:
        found = shorten(f"{self.status}: {self.detail}", MOST_SHOWN, placeholder=" ...")
        return f"<Verdict on a formula for {self.derivation.name}: {found}>"

    def __str__(self) -> str:
        found = self.counterexample
        out = [self.status if found else f"{self.status}: {self.detail}"]
        out += [f"  side {side.place}, {side.written}: {side.status}" for side in self.sides]
        out.append(f"  closed form: {self.closed_form}")
        if found:
            at = ", ".join(f"{name} = {value}" for name, value in found.parameters)
            wrong = next((side.written for side in self.sides if side.status == "refuted"), "the formula")
            out += [f"  at {at}", f"    {wrong} is {found.formula}", f"    the truth is   {found.truth}"]
            out += [f"  {sentence}" for sentence in self.diagnoses]
        if self.correction:
            out.append(f"  right, in your notation: {self.correction}")
        return "\n".join(out)


@checked
def check(
    text: str | Basic,
    p: Law | str | None = None,
    q: Law | str | None = None,
    *,
    symbols: Mapping[str, str] | None = None,
    **options: Unpack[RequestOptions],
) -> Verdict:
    r"""Decide whether a formula is what `derive` derives.

    Parameters
    ----------
    text
        The formula as text, as LaTeX, or a SymPy expression; see `kl_symbolic.reading.formula`. Of ``KL = a = b`` both
        a and b are judged.
    p, q
        Names of the laws. Without them they are guessed from the names in the formula; where it sums over coordinates,
        `normal` is read as `diagonal_normal`.
    symbols
        Names of one's own, and the parameter, or a formula in such, that each stands for: ``{"s": "sigma_1**2"}``.
    **options
        Those of `kl_symbolic.derive`. Without `param` it is the parameterisation that the formula speaks of.

    Raises
    ------
    RequestError
        If the text is no formula in the parameters of the laws; otherwise as `kl_symbolic.derive`.

    Examples
    --------
    >>> check("mu**2/2 + (sigma**2 - 1)/2 - log(sigma)", "normal", "standard_normal").status
    'proved'
    >>> verdict = check(r"\frac{1}{2}(\mu^2 + s - 1 - \ln s)", "normal", "standard_normal")
    >>> verdict.inferred
    (('s', 'sigma'),)
    >>> print(verdict.detail)
    at mu = ..., sigma = ... the formula is ..., and the truth ...
    >>> verdict.diagnoses
    ('sigma stands for the variance',)
    """
    parts = parts_of(text)
    nodes = [part.node for part in parts if part.node is not None]
    quantity, param = options.get("quantity", "kl"), options.get("param")
    if p is None:
        asked = guessed(nodes, quantity)
    else:
        asked = Asked(canonical(p), None if q is None or quantity == "entropy" else canonical(q))
    asked = as_spoken(replace(asked, param=param), nodes)
    options["param"] = asked.param
    derivation = derive(asked.p, asked.q, **options)
    prove(derivation)
    found = _judge(text, read_parts(parts, derivation.claim, symbols), derivation, symbols)
    return replace(found, notes=(*asked.notes, *found.notes))


def judge(text: str | Basic, derivation: Derivation, symbols: Mapping[str, str] | None = None) -> Verdict:
    """Decide whether every side of an equation, or a formula alone, is what a derivation derives.

    Parameters
    ----------
    text, symbols
        As for `check`.
    derivation
        Which has been proved.

    Raises
    ------
    RequestError
        If the text is no formula in the parameters of the laws.
    """
    return _judge(text, read_equation(text, derivation.claim, symbols), derivation, symbols)


def _judge(text: str | Basic, equation: Equation, derivation: Derivation, symbols: Mapping[str, str] | None) -> Verdict:
    values, alone = Values(derivation.claim), len(equation.sides) == 1

    def judged(reading: Reading, *, explain: bool) -> Verdict:
        return _judged(reading, derivation, values, alone=alone, explain=explain)

    read = {one.place: judged(one.reading, explain=alone) for one in equation.sides if one.reading}
    beside = next(iter(read.values()))
    verdicts = [read.get(one.place) or replace(beside, status="unknown", detail=one.refusal) for one in equation.sides]
    place = next((k for s in ("refuted", "unknown") for k, v in enumerate(verdicts) if v.status == s), -1)
    reading = equation.sides[place].reading
    worst = verdicts[place]
    if reading is not None and worst.status != "proved" and not alone:  # of several, only the worst is explained
        worst = verdicts[place] = judged(reading, explain=True)
    if worst.status == "refuted":

        def proved(right: Expr) -> bool:
            return decide(right, derivation, values, explain=False).status == "proved"

        worst = replace(worst, correction=correction(text, equation, place, derivation, symbols, proved))
    inferred = {name: meaning for verdict in verdicts[::-1] for name, meaning in verdict.inferred}
    found = replace(worst, inferred=tuple(inferred.items()), notes=equation.notes)
    if len(verdicts) == 1:
        return found
    sides = tuple(
        JudgedSide(side.written, side.place, verdict.status, verdict.detail)
        for side, verdict in zip(equation.sides, verdicts, strict=True)
    )
    side = sides[place]
    named = f"side {side.place} of {equation.count}, {side.written}: {side.detail}"
    return replace(
        found, sides=sides, detail="all sides are equal, by the kernel" if worst.status == "proved" else named
    )


def _judged(reading: Reading, derivation: Derivation, values: Values, *, alone: bool, explain: bool) -> Verdict:
    right, closed = reading.expr, derivation.record.statement.right
    if not alone and closed.atoms(Symbol) and not right.atoms(Symbol):
        words = "a number; it can be right at some parameters only"
        verdict = Verdict("unknown", derivation, right, str(derivation), None, (), words)
    else:
        verdict = decide(right, derivation, values, explain=explain)
    return replace(verdict, inferred=reading.inferred)


def decide(right: Expr, derivation: Derivation, values: Values | None = None, *, explain: bool = True) -> Verdict:
    """Decide whether an expression is the closed form of a derivation, which has been proved.

    Parameters
    ----------
    right
        In the language of derivations.
    derivation
        What it is compared with.
    values
        Values at points of the claim, where there are some already.
    explain
        Whether to say what a refuted formula is instead, and where one has no value.

    Raises
    ------
    RequestError
        If the closed form has more or fewer components.
    """
    record, statement, closed = derivation.record, str(derivation), derivation.record.statement.right
    if len(components(right)) != len(components(closed)):
        raise RequestError(f"{len(components(closed))} formulas are expected, given: {len(components(right))}")
    if right == closed:
        return Verdict("proved", derivation, right, statement, None, (), "equal, by the kernel")
    # The kernel is asked for one more step, from the closed form to the formula.
    step = Step("collect", closed, right)
    try:
        prove_step(step)
        longer = Derivation(Record(record.claim, (*record.steps, step), record.lemmas))
        return Verdict("proved", longer, right, statement, None, (), "equal, by the kernel")
    except ProofError as error:
        why = str(error).splitlines()[0]
    values = values or Values(derivation.claim)
    statuses = []
    for k in range(POINTS):
        statuses.append(values.status(right, closed, k))
        if statuses[-1] != "disagree":
            continue
        found = _counterexample(values, right, closed, k)
        words = diagnoses(right, derivation, values) if explain else ()
        return Verdict("refuted", derivation, right, statement, found, words, str(found))
    if explain:
        found_gaps = (gap for one in components(right) for gap in gaps(one))
        why = "; ".join(dict.fromkeys(islice(found_gaps, MOST_GAPS))) or why
    if all(values.at(one, k) is None for one in components(right) for k in range(POINTS)):
        detail = f"no real value was found at any of {POINTS} points: {why}"
    else:
        agreeing = statuses.count("agree")
        detail = f"agrees at {agreeing} of {POINTS} points to {DIGITS} digits, but is not proved: {why}"
    return Verdict("unknown", derivation, right, statement, None, (), detail)


def _counterexample(values: Values, right: Expr, closed: Expr, k: int) -> Counterexample:
    named = tuple((str(symbol), value) for symbol, value in values.points[k].values.items())
    pair = next(
        (one, other)
        for one, other in zip(components(right), components(closed), strict=True)
        if values.status(one, other, k) == "disagree"
    )
    digits = []
    for side in pair:
        value = values.at(side, k)
        assert value is not None
        digits.append(shown(values.ctx, value.mid, SHOWN))
    return Counterexample(named, *digits)
