"""The search for what was written in place of a closed form: the simplest explanations first.

It asks a judge: of formulas one with numbers to many digits and the kernel's proof, of functions one with digits alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple, Protocol

import mpmath

from kl_symbolic.engine import simplified
from kl_symbolic.slips.constants import factors, recognised
from kl_symbolic.slips.quantities import Candidate
from kl_symbolic.slips.readings import misread, misread_in_one_term
from kl_symbolic.slips.terms import mistaken, mistaken_in_functions, mistaken_in_several_terms
from kl_symbolic.terms import DIMENSION, Number, Term


class Slip(NamedTuple):
    """What somebody may have written: in words, as a term in the parameters of the question, and made of what."""

    words: str
    expression: Term
    quantity: Candidate


class Judge(Protocol):
    """Compares what was written with expressions."""

    @property
    def digits(self) -> int:
        """To how many digits constants are told apart."""

    def agrees(self, expression: Term) -> bool:
        """Return whether what was written is an expression."""

    def ratios(self, expression: Term) -> list[mpmath.mpf]:
        """Return what was written divided by an expression, where that is a constant; several, as it may be read."""

    def gap(self, expression: Term) -> mpmath.mpf | None:
        """Return the difference where that is a constant and not 0; for each coordinate, where their number is open."""


def search(known: list[Candidate], judge: Judge) -> list[Slip]:
    """Return what was written, if it is none of the known quantities' first; all slips of the first kind that fits.

    Parameters
    ----------
    known
        What should have been written, and then the other quantities of the same laws.
    judge
        Of what was written.
    """
    right = known[0]
    # A difference may be 0 in a special case, and then explains nothing.
    known = [one for one in known if one is right or not one.made_of[1:] or simplified(one.expression) is not Number(0)]
    for slips in (
        (Slip(f"this is {quantity.words}", quantity.expression, quantity) for quantity in known[1:]),
        (Slip(*slip, right) for slip in chain(misread(right), mistaken_in_functions(right), mistaken(right))),
        _scaled(known, judge),
        _misread(known, judge),
        _shifted(known, judge),
        (Slip(*slip, right) for slip in chain(misread_in_one_term(right), mistaken_in_several_terms(right))),
        (Slip(f"this is minus {right.words}; and {words}", -one, right) for words, one in mistaken(right)),
    ):
        found = {slip.words: slip for slip in slips if judge.agrees(slip.expression) and slip.quantity.is_proved}
        if found:
            return list(found.values())
    return []


def times(quantity: Candidate, judge: Judge, also: str = "") -> Iterator[Slip]:
    """Yield the products of a quantity with the factors that people know, if it is in proportion."""
    if judge.ratios(quantity.expression):
        for words, factor in factors(quantity.question):
            yield Slip(f"this is {words} {quantity.words}{also}", factor * quantity.expression, quantity)


def _scaled(known: list[Candidate], judge: Judge) -> Iterator[Slip]:
    for quantity in known:
        yield from times(quantity, judge)


def _misread(known: list[Candidate], judge: Judge) -> Iterator[Slip]:
    """Yield quantities with parameters read in another way, times a factor."""
    for quantity in known:
        for words, expression in misread(quantity):
            also = f"; and {words}"
            scaled = list(times(quantity._replace(expression=expression), judge, also))
            if scaled:
                yield Slip(f"this is {quantity.words}{also}", expression, quantity)
                yield from scaled


def _shifted(known: list[Candidate], judge: Judge) -> Iterator[Slip]:
    """Yield a quantity times a constant, and one plus a constant, as numbers suggest."""
    for quantity in known:
        for number in judge.ratios(quantity.expression):
            ratio = recognised(number, judge.digits)
            if ratio is not None:
                words = f"this is {quantity.written(ratio)} times {quantity.words}"
                yield Slip(words, ratio * quantity.expression, quantity)
        number = judge.gap(quantity.expression)
        gap = None if number is None else recognised(number, judge.digits)
        if gap is not None:
            yield plus(quantity, gap, quantity.written(gap))


def plus(quantity: Candidate, gap: Term, shown: str) -> Slip:
    """Return a quantity and a constant; at each coordinate, where their number is open."""
    if not quantity.by_coordinate:
        return Slip(f"this is {quantity.words} plus {shown}", quantity.expression + gap, quantity)
    words = f"this is {quantity.words} plus {shown} for each coordinate"
    return Slip(words, quantity.expression + DIMENSION * gap, quantity)
