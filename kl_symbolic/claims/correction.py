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

from sympy import Basic, Expr, Indexed, pi

from kl_symbolic.claims.equation import Equation, parts_of
from kl_symbolic.claims.shapes import Shape, Shapes
from kl_symbolic.claims.wording import Wording, completed, namings_of
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Sum, Vector
from kl_symbolic.reading.styles import style_of
from kl_symbolic.reading.syntax import Inverse, Name, Negative, Node, Plus, Samples, walk
from kl_symbolic.reading.writing import Style, write

MOST_TRIED = 6  # lines that are read back
MOST_COMPARED = 400  # characters of a formula to which shapes are compared
MOST_TERMS = 30
COST = 0.01  # of a part of a shape, in likeness
LIKE = 0.5  # how much two terms have in common at least, to stand in the same place

_CODE = re.compile(
    r"^\s*(?:return|def|function)\b|<-|[\w)\]]\.\w*\(|\w\$\w|::|\.[*/^]|\bk_\w+\(|\*\*|;\s*$|[-+*/]=|\b(?:axis|dims?)\s*=", re.MULTILINE
)
_NAME = r"[^\W\d][\w.]*(?:\[[^\]\n]*\])?(?:\([^()\n=]*\))?"
_STATEMENT = re.compile(rf"[ \t]*(?:(?:def\b.*:[ \t]*)?(return)\b|({_NAME})[ \t]*(<-|[-+*/]?=)(?!=))")
_CONTINUED = re.compile(r"[-+*/.)\]}]|end\b")
_NUMBER_IN_SUM = re.compile(r"(?:sum|mean)\S{0,20}?[(\[]-?(?:0?\.5|1/2)|\\sum\S{0,20}?\\[dt]?frac")
_FRAME = re.compile(r"\$|\\\[|\\\(|\\begin\{[^{}]*\}|&|\\\\")


def correction(
    text: str | Basic,
    closed: Expr,
    equation: Equation,
    place: int,
    claim: Claim,
    symbols: Mapping[str, str] | None,
    proved: Callable[[str], bool],
) -> str:
    """Return a line that is right, in the notation of a formula that is wrong; empty where there is none.

    Parameters
    ----------
    text
        The formula, or the equation.
    closed
        The proved closed form; of a product law with a symbolic dimension, where there is a sum.
    equation
        As it was read.
    place
        Which of its sides is wrong, counted from 0.
    claim, symbols
        With which it was read.
    proved
        Whether a line is read, and proved.
    """
    lines = proposals(text, closed, equation, place, claim, symbols)
    return next((line for line in islice(lines, MOST_TRIED) if proved(line)), "")


def proposals(
    text: str | Basic,
    closed: Expr,
    equation: Equation,
    place: int,
    claim: Claim,
    symbols: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Yield lines that may be right, those most like what was written first."""
    source = str(text)
    side = equation.sides[place]
    alone = len(equation.sides) == 1
    style = style_of(source if alone else side.written)
    if isinstance(closed, Vector) or (not closed.has(Sum) and len(_coordinates(closed)) > 1):
        return
    if closed.has(Sum) and style.total is None:
        return
    parts = parts_of(text)
    nodes = [part.node for part in (parts[side.place - 1], *parts) if part.node is not None]
    names = [part for node in nodes for part in walk(node) if isinstance(part, Name)]
    sides = [side, *equation.sides]
    found = [pair for one in sides if one.reading for pair in one.reading.names]
    namings = completed(namings_of(found, claim, symbols or {}, names), claim, tex=style.tex)
    wording = Wording(claim, namings)
    expression = wording.put_into(closed)
    compared = _squeezed((source if alone else side.written)[:MOST_COMPARED])
    shapes = Shapes(wording.written, compared, base="e" in style.constants and closed.has(pi))
    before, behind = _target(source, equation, place)
    divided = "".join(f" / {name}" for name in _samples(nodes[0]))
    scores: dict[str, float] = {}
    for one in shapes.of(expression):
        if one.inside and not _NUMBER_IN_SUM.search(compared):
            continue
        for shape in (one, one.reordered(_in_their_order(one, nodes[0], style))):
            if shape.front < 0 and isinstance(shape.terms[0], Negative):
                continue
            line = _line(shape.node, style, divided)
            parts_written = sum(1 for _ in walk(shape.node)) + 2 * isinstance(shape.terms[0], Negative)
            scores[line] = _likeness(_squeezed(line), compared) - COST * parts_written
    for line in sorted(scores, key=lambda line: -scores[line]):
        yield f"{before}{line}{behind}"


def _coordinates(closed: Expr) -> set[Basic]:
    return {one.indices[0] for one in closed.atoms(Indexed)}


def _line(node: Node, style: Style, divided: str) -> str:
    """Write a whole formula, with what stands around it."""
    text = write(node, style)
    for around in style.whole:
        method = around.behind.startswith(").")
        chained = method and style.total is not None and text.endswith(style.total.behind)
        text = text + around.behind[1:] if chained else f"{around.before}{text}{around.behind}"
        style = replace(style, total=around)
    return f"({text}){divided}" if divided and isinstance(node, Plus) and not style.whole else text + divided


def _samples(node: Node) -> list[str]:
    """Return by which numbers of samples a formula is divided."""
    return [one.inner.written for one in walk(node) if isinstance(one, Inverse) and isinstance(one.inner, Samples)]


def _in_their_order(shape: Shape, node: Node, style: Style) -> list[Node]:
    """Return the terms of a shape in the order of those in a formula to which they are alike."""
    sums = [one.terms for one in walk(node) if isinstance(one, Plus)]
    theirs = [write(_unsigned(one), style) for one in max(sums, key=len, default=())][:MOST_TERMS]

    def place(term: Node) -> int:
        written = write(_unsigned(term), style)
        likeness = [_likeness(written, one) for one in theirs]
        best = max(likeness, default=0.0)
        return likeness.index(best) if best >= LIKE else len(theirs)

    return sorted(shape.terms, key=place)


def _unsigned(term: Node) -> Node:
    return term.inner if isinstance(term, Negative) else term


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def _target(text: str, equation: Equation, place: int) -> tuple[str, str]:
    """Return what stands before a formula, such as ``kl =``, and behind it."""
    behind = ";" if text.rstrip().endswith(";") else ""
    if "\\" not in text.replace("\\\n", "") and _CODE.search(text):
        return _assigned(text), behind
    first = equation.sides[0].place
    if first == 1 or (left := _left(text)) == "":
        return "", behind
    return f"{left} = ", behind


def _left(text: str) -> str:
    """Return what stands before the first sign of equality."""
    depth = 0
    for at, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "=" and depth == 0:
            left = " ".join(_FRAME.sub(" ", text[:at]).split())
            return re.sub(r"^[-−–]\s*", "", left).rstrip(": ")
    return ""


def _assigned(text: str) -> str:
    """Return the target of the last statement of code, or its return."""
    depth, last, started = 0, "", True
    for line in re.split(r"\n|;(?=[^)\]]*$)", text.strip().rstrip(";")):
        if depth == 0 and started and line.strip() and not _CONTINUED.match(line.strip()):
            last = line
        depth += sum((c in "([{") - (c in ")]}") for c in line.rstrip().removesuffix("{"))
        depth = max(depth, 0)
        started = not re.search(r"(?:\\|[-+*/=,])\s*$", line)
    found = _STATEMENT.match(last)
    if found is None:
        return ""
    return "return " if found[1] else f"{found[2]} {found[3].lstrip('-+*/') if found[3] != '<-' else '<-'} "
