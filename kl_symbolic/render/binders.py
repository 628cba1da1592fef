"""Integrals, expectations, sums over coordinates and derivatives, whose parts the printer has written already."""

from __future__ import annotations

from kl_symbolic.families import Support
from kl_symbolic.render.layout import (
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

SPACES: dict[Support, Layout] = {
    Support.REALS: Mark(r"\mathbb{R}"),
    Support.POSITIVE_REALS: Fence(row(number(0), COMMA, Mark(r"\infty"))),
    Support.NATURALS: Mark(r"\mathbb{N}_0"),
}


def integral(body: Layout, variable: Layout, support: Support, size: Layout | None) -> Layout:
    """Write an integral, or a sum over counts; with a `size`, over that many coordinates."""
    space = SPACES[support] if size is None else Script(SPACES[support], None, size)
    lower = row(MINUS, Mark(r"\infty")) if support is Support.REALS else number(0)
    if support.discrete:
        below = row(variable, EQUALS, lower) if size is None else row(variable, Mark(r"\in", "operator"), space)
        return row(Big(Mark(r"\sum"), below, Mark(r"\infty") if size is None else None), body)
    sign = Mark(r"\int")
    mark = Big(sign, lower, Mark(r"\infty"), support is Support.REALS) if size is None else Big(sign, space)
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
