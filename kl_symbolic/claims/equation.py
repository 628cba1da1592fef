r"""The sides of an equation as people write it: ``D_KL(P || Q) = a = b``.

What stands first and is no formula may be a name of the quantity, or its definition as an integral. Every other side is
a formula that somebody claims, and none is passed over.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice

from sympy import Basic, Expr, Integer

from kl_symbolic.arguments import checked
from kl_symbolic.claims.numbers import components
from kl_symbolic.claims.sides import exchanged_by, is_name, split
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Vector
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.reading.arithmetic import multiply
from kl_symbolic.reading.formula import Reading, read_side
from kl_symbolic.reading.tokens import excerpt, plain

MOST_SIDES = 20
_SIGN = re.compile(r"\s*[-−–]\s*")


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
    written = tuple(islice(split(whole), MOST_SIDES + 1))
    if len(written) > MOST_SIDES:
        raise RequestError(f"not read: an equation of more than {MOST_SIDES} sides")
    sides: list[Side] = []
    notes: list[str] = []
    minus = False
    exchanged: frozenset[str] = frozenset()
    for place, part in enumerate(written, start=1):
        try:
            sides.append(Side(excerpt(part), place, read_side(part, claim, symbols, tex, exchanged)))
        except RequestError as refusal:
            if place == len(written) and not any(side.reading for side in sides):
                raise
            sign = _SIGN.match(part)
            name = part[sign.end() :] if sign else part
            if not sides and is_name(name, claim):
                if sign and place > 1:
                    raise RequestError(
                        f"not read: a minus sign before {excerpt(name)}, which is not on the left"
                    ) from None
                if sign:
                    minus = True
                    notes.append(f"the minus sign before {excerpt(name)} is moved to the other sides")
                if len(free_laws(claim)) > 1 and (order := exchanged_by(name)):
                    exchanged = order
                    notes.append(f"P and Q are in the order of the left side, {excerpt(name)}")
            elif place == 1:
                raise RequestError(
                    f"not read: the left-hand side {excerpt(part)} is no formula, and more than a name; move all but "
                    "the name to the right"
                ) from None
            else:
                sides.append(Side(excerpt(part), place, None, str(refusal)))
    return Equation(tuple(map(_negated, sides)) if minus else tuple(sides), len(written), tuple(dict.fromkeys(notes)))


@checked
def read(text: str | Basic, claim: Claim, symbols: Mapping[str, str] | None = None) -> Reading:
    r"""Read a formula in the parameters of a claim, and say what its names were taken for.

    Parameters
    ----------
    text
        Text, LaTeX or a SymPy expression, see `kl_symbolic.reading.formula`; for a gradient as many formulas, with
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


@checked
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
