r"""The sides of an equation as people write it: ``D_KL(P || Q) = a = b``.

What stands first and is no formula may be a name of the quantity, or its definition as an integral. Every other side is
a formula that somebody claims, and none is passed over.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from kl_symbolic.arguments import checked, require_type
from kl_symbolic.claims.left import is_negative, require_asked
from kl_symbolic.claims.sides import exchanged_by, is_name, is_ours, split
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import Special
from kl_symbolic.reading.code import is_code, read_code
from kl_symbolic.reading.formula import Reading, parsed, read_together
from kl_symbolic.reading.spelling import says_parameter
from kl_symbolic.reading.syntax import Name, Node, walk
from kl_symbolic.reading.targets import result_of
from kl_symbolic.reading.tokens import excerpt, plain
from kl_symbolic.terms import Term

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


def read_equation(text: object, question: Question, symbols: Mapping[str, str] | None = None) -> Equation:
    """Read every side of an equation, or a formula alone.

    Parameters
    ----------
    text, question, symbols
        As for `kl_symbolic.claims.read`.

    Raises
    ------
    RequestError
        If the only side is no formula, or what stands on the left is more than a name: ``2 KL = ...``.

    Examples
    --------
    >>> found = read_equation("-H(P) = -log(sigma) = 1 - log(sigma)", Question("entropy", "normal"))
    >>> [(side.place, side.reading.term) for side in found.sides]
    [(2, log(sigma)), (3, -(1 - log(sigma)))]
    >>> found.notes
    ('the minus sign before H(P) is moved to the other sides',)
    """
    return _read_parts(parts_of(text), question, symbols)


@dataclass(frozen=True)
class Part:
    """What stands between two signs of equality: as written, its tree, or why it has none, and what was done."""

    written: str
    node: Node | None
    refusal: str = ""
    notes: tuple[str, ...] = ()


def parts_of(text: object) -> tuple[Part, ...]:
    """Cut an equation, or a formula alone, into its sides.

    Raises
    ------
    RequestError
        If it has too many sides, or holds what is no formula at all.

    Examples
    --------
    >>> [part.written for part in parts_of("KL = a = b")]
    ['KL', ' a', ' b']
    """
    sympy = sys.modules.get("sympy")  # without it there are no expressions of it
    require_type(text, (str, Term, *([sympy.Basic] if sympy else [])), "a formula")
    if not isinstance(text, str):
        return (Part("", parsed(text).node),)
    if is_code(text):
        code = read_code(text)
        named = code.left or result_of(text)
        left = (Part(named, None),) if named else ()
        return (*left, Part(text, code.node, notes=code.notes))
    whole, tex = plain(text)
    written = tuple(islice(split(whole), MOST_SIDES + 1))
    if len(written) > MOST_SIDES:
        raise RequestError(f"not read: an equation of more than {MOST_SIDES} sides")
    return tuple(_part(side, tex) for side in written)


def _part(written: str, tex: bool) -> Part:
    try:
        found = parsed(written, tex)
        return Part(written, found.node, notes=found.notes)
    except RequestError as refusal:
        return Part(written, None, str(refusal))


def read_parts(parts: Sequence[Part], derivation: Derivation, symbols: Mapping[str, str] | None = None) -> Equation:
    """Read the sides of an equation in the parameters of a derivation; those on the left may be names.

    In a special case the user's own names of parameters are known, and one name may stand for two that are equal.

    Raises
    ------
    RequestError
        As `read_equation`.
    """
    special = derivation.special
    if special is None:
        return _read_parts(parts, derivation.question, symbols)
    return _read_parts(parts, derivation.question, special.called | dict(symbols or {}), special)


def _read_parts(
    parts: Sequence[Part], question: Question, symbols: Mapping[str, str] | None = None, special: Special | None = None
) -> Equation:
    notes: list[str] = []
    minus, first = False, 0
    exchanged: frozenset[str] = frozenset()
    for part in parts[:-1]:
        sign = _SIGN.match(part.written)
        name = part.written[sign.end() :] if sign else part.written
        of_code = part.node is None and not part.refusal
        if not of_code and not is_name(name, question):
            break
        if part.node is not None and _has_parameter(part.node, question):
            break
        if not is_ours(name, question):
            require_asked(name, question)
        if is_negative(name):
            minus = not minus
            notes.append(f"{excerpt(name)} is minus the quantity")
        if sign and first:
            raise RequestError(f"not read: a minus sign before {excerpt(name)}, which is not on the left")
        if sign:
            minus = not minus
            notes.append(f"the minus sign before {excerpt(name)} is moved to the other sides")
        if len(free_laws(question)) > 1 and (order := exchanged_by(name)):
            exchanged = order
            notes.append(f"P and Q are in the order of the left side, {excerpt(name)}")
        first += 1
    claimed = parts[first:]
    found = iter(
        read_together([part.node for part in claimed if part.node is not None], question, symbols, exchanged, special)
    )
    sides = []
    for place, part in enumerate(claimed, start=first + 1):
        read = RequestError(part.refusal) if part.node is None else next(found)
        reading, refusal = (None, str(read)) if isinstance(read, RequestError) else (read, "")
        sides.append(Side(excerpt(part.written), place, reading, refusal))
    if sides[0].reading is None and first == 0 and len(parts) > 1:
        raise RequestError(
            f"not read: the left-hand side {sides[0].written} is no formula, and more than a name; move all but the "
            "name to the right"
        )
    if not any(side.reading for side in sides):
        raise RequestError(sides[-1].refusal)
    notes += [note for part in claimed for note in part.notes]
    notes += [note for side in sides if side.reading for note in side.reading.notes]
    return Equation(tuple(map(_negated, sides)) if minus else tuple(sides), len(parts), tuple(dict.fromkeys(notes)))


def _has_parameter(node: Node, question: Question) -> bool:
    families = [member.family for member in free_laws(question).values()]
    return any(says_parameter(part.spelling, families) for part in walk(node) if isinstance(part, Name))


@checked
def read(text: str | Term | object, question: Question, symbols: Mapping[str, str] | None = None) -> Reading:
    r"""Read a formula in the parameters of a question, and say what its names were taken for.

    Parameters
    ----------
    text
        Text, LaTeX, a SymPy expression or a term, see `kl_symbolic.reading.formula`; for a gradient as many formulas,
        with commas between or in a column vector. Of an equation, its last side.
    question
        Whose parameters the names stand for.
    symbols
        Names of one's own: ``{"m": "mu_1"}``.

    Raises
    ------
    RequestError
        If it is anything else, too large, or has two meanings.

    Examples
    --------
    >>> found = read(r"\ln s + \tfrac12", Question("entropy", "normal"))
    >>> found.term, found.inferred
    (log(sigma) + 1/2, (('s', 'sigma'),))
    """
    last = read_equation(text, question, symbols).sides[-1]
    if last.reading is None:
        raise RequestError(last.refusal)
    return last.reading


@checked
def formula(text: str | Term | object, question: Question, symbols: Mapping[str, str] | None = None) -> Term:
    """Read a formula in the parameters of a question: the expression of `read`.

    Examples
    --------
    >>> formula("log(sigma) + 0.5", Question("entropy", "normal"))
    log(sigma) + 1/2
    """
    return read(text, question, symbols).term


def _negated(side: Side) -> Side:
    if side.reading is None:
        return side
    term = side.reading.term
    negated = Term("Vector", *(-one for one in term.args)) if term.head == "Vector" else -term
    return replace(side, reading=replace(side.reading, term=negated))
