r"""The sides of an equation as people write it: ``D_KL(P || Q) = a = b``.

What stands first and is no formula is a name of the quantity, or its definition as an integral. Every other side is a
formula that somebody claims, and none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from sympy import Basic, Expr, Integer

from kl_symbolic import render
from kl_symbolic.claims.arithmetic import multiply
from kl_symbolic.claims.formula import Reading, read_side
from kl_symbolic.claims.numbers import components
from kl_symbolic.claims.tokens import GREEK, SPACES, excerpt, plain
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Vector
from kl_symbolic.proof.statement import laws, left_side
from kl_symbolic.render.printer import Printer

MOST_SIDES = 20
_CLOSING = {")": "(", "]": "[", "}": "{"}
_SIGN = re.compile(r"\s*[-−–]")
_HYPHEN = re.compile(r"(?<=[A-Za-z])-(?=[A-Za-z])")
_OPERATOR = re.compile(r"[-−–+*/·⋅×÷]|\\(?:cdot|times|div)\b|^\s*(?:[0-9½⅓⅔¼¾⅕⅛]|\\[dtc]?frac\s*[0-9{]\s*[0-9])")
_INTEGRAL = re.compile(r"\\int\b|∫")  # the definition of the quantity
_WORD = re.compile(r"\\?[A-Za-z]+")


@dataclass(frozen=True)
class Side:
    """One side: as written, which one it is, counted from 1, and what it says, or why it is not read."""

    written: str
    place: int
    reading: Reading | None
    refusal: str = ""


@dataclass(frozen=True)
class Equation:
    """The sides that claim something, how many there are with the names, and what was done to read them."""

    sides: tuple[Side, ...]
    count: int
    notes: tuple[str, ...] = ()


def read_equation(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Equation:
    """Read every side of an equation, or a formula alone.

    Parameters
    ----------
    text, claim, symbols
        As for `kl_symbolic.claims.read`.

    Raises
    ------
    RequestError
        If the only side is no formula, or what stands on the left is more than a name: ``2 KL = ...``.

    Examples
    --------
    >>> found = read_equation("-H(P) = -log(sigma) = 1 - log(sigma)", Claim("entropy", "normal"))
    >>> [(side.place, side.reading.expr) for side in found.sides]
    [(2, -(-1)*Log(sigma)), (3, -(1 - Log(sigma)))]
    >>> found.notes
    ('the minus sign before H(P) is moved to the other sides',)
    """
    if not isinstance(text, str):
        return Equation((Side("", 1, read_side(text, claim, symbols)),), 1)
    whole, tex = plain(text)
    written = tuple(islice(_split(whole), MOST_SIDES + 1))
    if len(written) > MOST_SIDES:
        raise RequestError(f"not read: an equation of more than {MOST_SIDES} sides")
    sides: list[Side] = []
    notes: list[str] = []
    minus = False
    for place, part in enumerate(written, start=1):
        try:
            sides.append(Side(excerpt(part), place, read_side(part, claim, symbols, tex)))
        except RequestError as refusal:
            if sides:
                sides.append(Side(excerpt(part), place, None, str(refusal)))
            elif place == len(written):
                raise
            else:
                if _squeezed(part) in _own_left_sides(claim):
                    continue
                sign = _SIGN.match(part)
                name = part[sign.end() :] if sign else part
                _require_name(name)
                if sign and place == 1:
                    minus = True
                    notes.append(f"the minus sign before {excerpt(name)} is moved to the other sides")
    return Equation(tuple(map(_negated, sides)) if minus else tuple(sides), len(written), tuple(notes))


def read(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Reading:
    r"""Read a formula in the parameters of a claim, and say what its names were taken for.

    Parameters
    ----------
    text
        Text, LaTeX or a SymPy expression, see `kl_symbolic.claims.formula`; for a gradient as many formulas, with
        commas between or in a column vector. Of an equation, its last side.
    claim
        Whose parameters the names stand for.
    symbols
        Names of one's own: ``{"m": "mu_1"}``.

    Raises
    ------
    RequestError
        If it is anything else, too large, or has two meanings.

    Examples
    --------
    >>> read(r"\ln s + \tfrac12", Claim("entropy", "normal"))
    Reading(expr=Log(sigma) + 1/2, inferred=(('s', 'sigma'),))
    """
    last = read_equation(text, claim, symbols).sides[-1]
    if last.reading is None:
        raise RequestError(last.refusal)
    return last.reading


def formula(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Expr:
    """Read a formula in the parameters of a claim: the expression of `read`.

    Examples
    --------
    >>> formula("log(sigma) + 0.5", Claim("entropy", "normal"))
    Log(sigma) + 1/2
    """
    return read(text, claim, symbols).expr


def _negated(side: Side) -> Side:
    if side.reading is None:
        return side
    parts = [multiply((Integer(-1), one)) for one in components(side.reading.expr)]
    whole = Vector(*parts) if isinstance(side.reading.expr, Vector) else parts[0]
    return replace(side, reading=replace(side.reading, expr=whole))


def _split(text: str) -> Iterator[str]:
    """Yield what stands between the signs of equality that are in no brackets."""
    depth, last = 0, 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "=" and depth <= 0:
            if text[at - 1 : at] in set("<>!=~") or text[at + 1 : at + 2] == "=":
                raise RequestError(f"not a formula: {text[at - 1 : at + 1].strip()} is no sign of equality")
            yield text[last:at].removesuffix(":")
            last = at + 1
    yield text[last:]


def _require_name(side: str) -> None:
    """Refuse a left-hand side that is more than a name: what stands beside the name would be lost."""
    outside = _HYPHEN.sub("", _outside_of_brackets(side.strip(SPACES)))
    words = _WORD.findall(outside)
    first = words[0].removeprefix("\\") if words else ""
    factor = len(words) > 1 and (first in GREEK.values() or (len(first) == 1 and first != "E"))
    more = re.search(r"[-−–+]", outside) if _INTEGRAL.match(outside) else _OPERATOR.search(outside) or factor
    if more:
        raise RequestError(
            f"not read: the left-hand side {excerpt(side)} is no formula, and more than a name; move all but the name "
            "to the right"
        )


def _own_left_sides(claim: Claim) -> set[str]:
    """Return what we print on the left: of an asymmetry that is a difference, in bits a multiple."""
    left, pair = left_side(claim), laws(claim)
    written = (Printer(render.Notation(logarithm=name), pair).expression(left) for name in ("log", "ln"))
    return {_squeezed(text) for layout in written for text in (render.text(layout), plain(render.latex(layout))[0])}


def _squeezed(text: str) -> str:
    return "".join(text.replace(r"\,", "").split())


def _outside_of_brackets(text: str) -> str:
    out, open_ = [], []
    for c in text:
        if c in "([{":
            open_.append(c)
        elif open_ and _CLOSING.get(c) == open_[-1]:
            open_.pop()
        elif not open_:
            out.append(c)
    return "".join(out)
