r"""What would have been right, in the notation of whoever wrote a wrong formula: one line that can be pasted.

The proved closed form is put into their names and written in many shapes. Those most like what they wrote are read
back, and the first that is proved is the correction; there is none where no such line is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from itertools import islice

from kl_symbolic import engine
from kl_symbolic.claims.equation import Equation, parts_of, read_parts
from kl_symbolic.claims.shapes import Shapes
from kl_symbolic.claims.wording import Naming, Wording, completed, entrywise, namings_of
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code import is_code
from kl_symbolic.reading.formula import Reading
from kl_symbolic.reading.styles import style_of
from kl_symbolic.reading.syntax import (
    FUNCTIONS,
    Call,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Reduction,
    Samples,
    Times,
    Total,
    walk,
)
from kl_symbolic.reading.targets import target_of
from kl_symbolic.reading.writing import Around, Style, write
from kl_symbolic.terms import Term, has, parts_with

MOST_TRIED = 6  # lines that are read back
MOST_CHARACTERS = 5_000  # of a formula that is corrected
MOST_COMPARED = 400  # characters of a formula to which shapes are compared
MOST_TERMS = 30
LEADING_MINUS = 4  # counts as so many parts
COST = 0.01  # of a part of a shape, in likeness
LIKE = 0.5  # how much two terms have in common at least, to stand in the same place

_ASSIGNED = re.compile(r"^[ \t]*([^\W\d][\w., ]*?)[ \t]*(?:<-|[-+*/]?=(?!=))", re.MULTILINE)
_BARE = re.compile(rf"(?<![\w.$])({'|'.join(FUNCTIONS)})\s*\(")
_NUMBER_IN_SUM = re.compile(r"(?:sum|mean)\S{0,20}?[(\[]-?(?:0?\.5|1/2)|\\sum\S{0,20}?\\[dt]?frac")


def correction(
    text: object,
    equation: Equation,
    place: int,
    derivation: Derivation,
    symbols: Mapping[str, str] | None,
    proved: Callable[[Term], bool],
) -> str:
    """Return a line that is right, in the notation of a formula that is wrong; empty where there is none.

    Parameters
    ----------
    text
        The formula, or the equation.
    equation
        As it was read.
    place
        Which of its sides is wrong, counted from 0.
    derivation
        Of what it should be.
    symbols
        With which it was read.
    proved
        Whether an expression is proved to be what the derivation derives.
    """
    theirs = [part.node for part in parts_of(text) if part.node is not None]
    wanted = _arrays(theirs[-1])[:-1] if _is_chain(theirs[-1]) else []
    bare = set(_BARE.findall(str(text))) if isinstance(text, str) and is_code(text) else None

    def right(line: str) -> bool:
        try:
            parts = parts_of(line)
            sides = read_parts(parts, derivation, symbols).sides
        except RequestError:
            return False
        found = [_arrays(part.node) for part in parts if part.node is not None]
        if any(one[:-1] != wanted for one in found if one) or (bare is not None and not bare >= {*_BARE.findall(line)}):
            return False  # the sums stand around each other in another order, or a function is not imported
        return all(side.reading is not None and proved(side.reading.term) for side in sides)

    lines = proposals(text, equation, place, derivation, symbols)
    return next((line for line in islice(lines, MOST_TRIED) if right(line)), "")


def proposals(
    text: object,
    equation: Equation,
    place: int,
    derivation: Derivation,
    symbols: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Yield lines that may be right, those most like what was written first."""
    source, side, closed = str(text), equation.sides[place], _closed_form(derivation)
    if len(source) > MOST_CHARACTERS:
        return
    theirs = source if len(equation.sides) == 1 else side.written
    parts = parts_of(text)
    nodes = [part.node for part in (parts[min(side.place, len(parts)) - 1], *parts) if part.node is not None]
    style = style_of(theirs)
    if not _is_chain(nodes[0]):
        style = replace(style, whole=())
    if _is_over_several_axes(nodes[0]) or _puts_in_place(source, side.reading, equation.notes):
        return
    if not any(isinstance(part, Total | Reduction) and not isinstance(part.body, Name) for part in walk(nodes[0])):
        style = replace(style, total=None, whole=())  # mean(p) is a parameter
    written_out = not has(closed, "Sum") and len({one.args[1] for one in parts_with(closed, "Indexed")}) > 1
    no_sum = has(closed, "Sum") and style.total is None
    matrices = no_sum and style.tex
    if closed.head == "Vector" or written_out or (no_sum and not matrices):
        return
    names = [part for node in nodes for part in [*walk(node)][::-1] if isinstance(part, Name)]
    found = [pair for one in (side, *equation.sides) if one.reading for pair in one.reading.names]
    own = derivation.special.called if derivation.special else {}
    namings = namings_of(found, derivation.question, own | dict(symbols or {}), names)
    for name, parameter in own.items():
        namings.setdefault(parameter, [Naming(name)])
    for parameter, naming in _softplus(nodes[0], side.reading, style):
        namings.setdefault(parameter, []).append(naming)
    wording = Wording(derivation.question, completed(namings, derivation.question, tex=style.tex))
    if matrices:
        style = replace(style, total=Around(r"\sum_{i=1}^{n}", "", fenced=False))
        wording = Wording(derivation.question, entrywise(derivation.question))
    expression = wording.put_into(closed)
    compared = _squeezed(theirs[:MOST_COMPARED])
    shapes = Shapes(wording.written, compared, base="e" in style.constants and has(closed, "pi"))
    before, behind = target_of(source, named=equation.sides[0].place > 1)
    divided = "".join(f" / {name}" for name in _samples(nodes[0]))
    order = _Order(nodes[0], style)
    scores: dict[str, float] = {}
    for one in shapes.of(expression):
        if not one.terms or (one.inside and not _NUMBER_IN_SUM.search(compared)):  # 0 has no terms
            continue
        orders = (one.terms, order.of(one.terms))
        for terms in dict.fromkeys((*orders, *map(_positive_first, orders))):
            negative = isinstance(terms[0], Negative)
            if negative and one.front < 0:
                continue
            whole = one.reordered(terms).node
            line = _line(whole, style, divided)
            if line not in scores:
                size = sum(1 + isinstance(part, Call) for part in walk(whole)) + LEADING_MINUS * negative
                scores[line] = _likeness(_squeezed(line), compared) - COST * size
    for line in sorted(scores, key=lambda line: -scores[line]):
        yield f"{before}{line}{behind}"


def _arrays(node: Node) -> list[tuple[str, tuple[int, ...] | None]]:
    """Return the sums and means of arrays in a formula, the outermost first."""
    return [(part.kind, part.axes) for part in walk(node) if isinstance(part, Reduction)]


def _is_chain(node: Node) -> bool:
    """Whether the sums and means of arrays stand one around the other, and around all of a formula but factors."""
    count = sum(isinstance(part, Reduction) for part in walk(node))
    while count:
        match node:
            case Reduction(_, inner) | Negative(inner):
                count -= isinstance(node, Reduction)
                node = inner
            case Times(factors):
                having = [one for one in factors if any(isinstance(part, Reduction) for part in walk(one))]
                if len(having) != 1:
                    return False
                (node,) = having
            case _:
                return False
    return True


def _is_over_several_axes(node: Node) -> bool:
    """Whether axes are named that a single sum over the coordinates would not have."""
    axes = [part.axes for part in walk(node) if isinstance(part, Reduction)]
    return len(axes) > 1 and ((0,) in axes[1:] or sum(one not in (None, (0,)) for one in axes) > 1)


def _puts_in_place(text: str, reading: Reading | None, notes: tuple[str, ...]) -> bool:
    """Whether a line in the names of code would say something else in its place.

    They may have been given new values, or something else is left out of what stood there.
    """
    if any(note.startswith("what is judged is") or note.endswith("is left out") for note in notes):
        return True
    assigned = {name for names in _ASSIGNED.findall(text) for name in re.split(r"[\s,]+", names)}
    unread = {note.partition(" stands for ")[0] for note in notes if " stands for " in note}
    names = {name for name, _ in reading.names} if reading else set()
    return bool(assigned & names - unread)


def _closed_form(derivation: Derivation) -> Term:
    """Return the closed form, that of n coordinates where they are a number."""
    question = derivation.question
    if question.dim is None or derivation.is_special:
        return derivation.statement.right
    return engine.derive(replace(question, dim=None)).statement.right


def _line(node: Node, style: Style, divided: str) -> str:
    """Write a whole formula, with what stands around it."""
    text = write(node, style)
    for around in style.whole:
        method = around.behind.startswith(").")
        chained = method and style.total is not None and text.endswith(style.total.behind)
        text = text + around.behind[1:] if chained else f"{around.before}{text}{around.behind}"
        style = replace(style, total=around)
    return f"({text}){divided}" if divided and isinstance(node, Plus) and not style.whole else text + divided


def _softplus(node: Node, reading: Reading | None, style: Style) -> Iterator[tuple[str, Naming]]:
    """Yield the parameters that stand as log(1 + e^rho), and how that is written."""
    inferred = dict(reading.inferred) if reading else {}
    for call in walk(node):
        match call:
            case Call("softplus", Name(rho)) | Call("log", Plus((Number(), Call("exp", Name(rho))))):
                shown = inferred.get(f"softplus({rho})")
                if shown:
                    yield shown.partition("[")[0], Naming(write(call, style))


def _samples(node: Node) -> list[str]:
    """Return by which numbers of samples a formula is divided."""
    return [one.inner.written for one in walk(node) if isinstance(one, Inverse) and isinstance(one.inner, Samples)]


class _Order:
    """The order of the terms of a formula."""

    def __init__(self, node: Node, style: Style) -> None:
        sums = [one.terms for one in walk(node) if isinstance(one, Plus)]
        self.style = style
        self.theirs = [write(_unsigned(one), style) for one in max(sums, key=len, default=())[:MOST_TERMS]]
        self.places: dict[Node, int] = {}

    def of(self, terms: tuple[Node, ...]) -> tuple[Node, ...]:
        """Return terms in the order of those to which they are alike."""
        return tuple(sorted(terms, key=self.place))

    def place(self, term: Node) -> int:
        """Return the place of the term to which one is alike."""
        if term not in self.places:
            written = write(_unsigned(term), self.style)
            likeness = [_likeness(written, one) for one in self.theirs]
            best = max(likeness, default=0.0)
            self.places[term] = likeness.index(best) if best >= LIKE else len(self.theirs)
        return self.places[term]


def _positive_first(terms: tuple[Node, ...]) -> tuple[Node, ...]:
    if not isinstance(terms[0], Negative):
        return terms
    return tuple(sorted(terms, key=lambda term: isinstance(term, Negative)))


def _unsigned(term: Node) -> Node:
    return term.inner if isinstance(term, Negative) else term


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one[:MOST_COMPARED], other[:MOST_COMPARED], autojunk=False).ratio()


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)
