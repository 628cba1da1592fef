"""What was found out about a formula: proved, refuted, or unknown."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from textwrap import shorten
from typing import Literal

from kl_symbolic.derivation import Derivation
from kl_symbolic.terms import Term

MOST_SHOWN = 200  # characters of a verdict at a prompt


@dataclass(frozen=True)
class Counterexample:
    """A point at which a formula has another value than what it claims to be; the values to 30 digits."""

    parameters: tuple[tuple[str, Fraction], ...]
    formula: str
    truth: str

    @property
    def at(self) -> str:
        """The point in words; there is one alone where there are no parameters."""
        named = ", ".join(f"{name} = {value}" for name, value in self.parameters)
        return f"at {named}" if named else "without parameters"

    def __str__(self) -> str:
        return f"{self.at} the formula is {self.formula[:14]}, and the truth {self.truth[:14]}"


Status = Literal["proved", "refuted", "computed", "unknown"]


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
        ``"proved"``: equal for all parameters, by the kernel; ``"refuted"``: there is a counterexample; ``"computed"``:
        equal, if values are right that were computed to many digits and are not proved; ``"unknown"``: none of these,
        and never to be taken for right. Of an equation, the worst of its sides.
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
    shown
        The formula as it was read, in our notation.
    remarks
        Of a right formula, what people quarrel about: sum or mean, which logarithm, which law is P. Of the reverse
        divergence, how to say that the other law comes first.
    sides
        Of an equation that claims more than one side, each of them. `formula`, `counterexample` and `diagnoses` are
        then those of the first side that is not proved.
    """

    status: Status
    derivation: Derivation
    formula: Term
    closed_form: str
    counterexample: Counterexample | None
    diagnoses: tuple[str, ...]
    detail: str
    inferred: tuple[tuple[str, str], ...] = ()
    correction: str = ""
    notes: tuple[str, ...] = ()
    sides: tuple[JudgedSide, ...] = ()
    shown: str = ""
    remarks: tuple[str, ...] = ()

    def __repr__(self) -> str:
        found = shorten(f"{self.status}: {self.detail}", MOST_SHOWN, placeholder=" ...")
        return f"<Verdict on a formula for {self.derivation.name}: {found}>"

    def __str__(self) -> str:
        found = self.counterexample
        out = [self.status if found else f"{self.status}: {self.detail}"]
        out += [f"  side {side.place}, {side.written}: {side.status}" for side in self.sides]
        if self.shown and self.shown not in self.closed_form:
            out.append(f"  read as:     {self.shown}")
        out.append(f"  closed form: {self.closed_form}")
        if found:
            wrong = next((side.written for side in self.sides if side.status == "refuted"), "the formula")
            out += [f"  {found.at}", f"    {wrong} is {found.formula}", f"    the truth is   {found.truth}"]
        out += [f"  {sentence}" for sentence in (*self.diagnoses, *self.remarks)]
        if self.correction:
            out.append(f"  right, in your notation: {self.correction}")
        return "\n".join(out)
