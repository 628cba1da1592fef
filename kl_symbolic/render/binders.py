"""Integrals, expectations, sums over coordinates and derivatives, whose parts the printer has written already."""

from __future__ import annotations

from typing import NamedTuple

from kl_symbolic.render.layout import (
    BRACES,
    BRACKETS,
    COMMA,
    EQUALS,
    MINUS,
    SPACE,
    Apply,
    Big,
    Fence,
    Fraction,
    Layout,
    Mark,
    Row,
    Script,
    number,
    row,
)

INFINITE_END = Mark(r"\infty")


class Range(NamedTuple):
    """What a variable runs over: its ends, None where there is none, and whether these are whole numbers."""

    lower: Layout | None
    upper: Layout | None
    discrete: bool

    @property
    def space(self) -> Layout:
        """The set by its usual name, or as an interval."""
        if self.upper is None and (self.lower is None or self.discrete):
            return Mark(r"\mathbb{N}_0" if self.discrete else r"\mathbb{R}")
        lower, upper = self.lower or row(MINUS, INFINITE_END), self.upper or INFINITE_END
        if self.discrete:
            return Fence(row(lower, COMMA, Mark(r"\ldots"), COMMA, upper), BRACES)
        return Fence(row(lower, COMMA, upper))


def integral(body: Layout, variable: Layout, over: Range, size: Layout | None) -> Layout:
    """Write an integral, or a sum over counts; with a `size`, over that many coordinates."""
    space = over.space if size is None else Script(over.space, None, size)
    lower, upper = over.lower or row(MINUS, INFINITE_END), over.upper or INFINITE_END
    if over.discrete:
        below = row(variable, EQUALS, lower) if size is None else row(variable, Mark(r"\in", "operator"), space)
        return row(Big(Mark(r"\sum"), below, upper if size is None else None), body)
    mark = Big(Mark(r"\int"), lower, upper, over.lower is None) if size is None else Big(Mark(r"\int"), space)
    return row(mark, body, SPACE, Mark(r"\mathrm{d}"), variable)


def expectation(law: Layout, body: Layout) -> Layout:
    """Write an expectation under a law."""
    return row(Script(Mark(r"\mathbb{E}"), law), Fence(body, BRACKETS))


def total(sign: str, body: Layout, index: Layout, size: Layout) -> Layout:
    """Write a sum or a product over coordinates."""
    return row(Big(Mark(sign), row(index, EQUALS, number(1)), size), body)


def derivative(body: Layout, variable: Layout) -> Layout:
    """Write a partial derivative."""
    bottom = Fence(variable) if isinstance(variable, Apply | Row) else variable
    return row(Fraction(Mark(r"\partial"), row(Mark(r"\partial"), bottom)), body)
