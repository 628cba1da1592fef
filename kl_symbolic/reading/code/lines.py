"""From pieces of code to statements that Python parses.

The headers of functions in R, Julia and MATLAB go, their bodies stay. What stands on the left of a sign of equality and
is no variable, ``KL(P || Q) = ...``, becomes one. Names and numerals become placeholders, so that Python neither
changes a letter, nor rounds a number, nor takes ``lambda`` for its own word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import SUPERSCRIPTS
from kl_symbolic.reading.code.bodies import ALONE, LOOP
from kl_symbolic.reading.code.calls import of_c
from kl_symbolic.reading.code.headers import assigned, refuse_shadows, without_header
from kl_symbolic.reading.code.lexemes import Lexeme, lexemes, refuse, without_prompts
from kl_symbolic.reading.code.names import Word, spelled
from kl_symbolic.reading.code.targets import OPENING, closing, equality, is_label, is_target, written
from kl_symbolic.reading.syntax import MOST_DEPTH
from kl_symbolic.reading.tokens import excerpt

MOST_OPERATORS = 1_000  # of a statement: Python's parser goes one level deeper for each
MOST_STATEMENTS = 1_000
CONTINUING = frozenset({"+", "-", "*", "/", "**", "@", "=", "+=", "-=", "*=", "/="})
ELEMENTWISE = frozenset({".^", ".*", "./", ".+", ".-", ";"})
LOOPS = frozenset({"for", "while"})
_DECLARATIONS = frozenset({"const", "let", "var", "local", "val", "final", "static", "mut", "public", "private"})
_TYPES = frozenset({"double", "float", "f64", "f32", "float64", "Double", "Float", "real", "auto"})
_JULIA = re.compile(r"\w\.\(|@\.|[0-9]f0|\s\.[+-]|::|\busing\b")  # what MATLAB does not write
_PYTHON = frozenset({"def", "import", "torch", "np", "numpy", "tf", "jnp", "th"})


@dataclass(frozen=True)
class Line:
    """A statement: its indent and its pieces."""

    indent: str
    pieces: tuple[Lexeme, ...]

    @property
    def written(self) -> str:
        """The statement as it was written, without its layout."""
        return excerpt(written(self.pieces))


@dataclass
class ParsedCode:
    """Code that Python parses, and what its placeholders stand for.

    `left` is the last left side that was cut off; `caret` says whether a power was written ``^``, `elementwise` whether
    there are operators or ends of lines as in Julia and MATLAB, and `matlab` whether they may be MATLAB's; `declared`
    says that it is of a language with whole numbers, as C, `r` that it is R, and `julia` that it is Julia.
    """

    lines: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    words: dict[str, Word] = field(default_factory=dict)
    numerals: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left: str = ""
    caret: bool = False
    elementwise: bool = False
    matlab: bool = False
    r: bool = False
    julia: bool = False
    declared: bool = False
    assigned: set[str] = field(default_factory=set)
    known: dict[tuple[str, bool], tuple[str, str]] = field(default_factory=dict)

    def placeholder(self, piece: Lexeme) -> str:
        """Return what stands for a name; two variables that are spelled alike are refused."""
        word = Word(piece.written, piece.text) if piece.written in ("√", "∑", "'") else spelled(piece.written)[0]
        letters = (unicodedata.normalize("NFKC", c) for c in piece.written if c not in SUPERSCRIPTS)
        variable = "".join(letters)
        name, other = self.known.setdefault((word.spelling, word.squared), (f"v{len(self.known)}", variable))
        if other != variable:
            raise RequestError(f"ambiguous: {other} and {variable} are two names in code; write one of them")
        self.words.setdefault(name, word)
        return name

    def fresh(self, text: str) -> str:
        """Return a placeholder for what is no name in the text."""
        name = f"w{len(self.words)}"
        self.words[name] = Word(text, text)
        return name


def program(text: str) -> ParsedCode:
    """Turn code into statements that Python parses.

    Examples
    --------
    >>> program("kl(μ, σ) = 0.5 * μ^2; -H = σ").lines
    ['w0 = n0 * v0 ** n1', 'v1 = - ( v2 )']
    """
    made = ParsedCode()
    pieces = lexemes(without_prompts(text))
    made.elementwise = any(piece.written == ";" for piece in pieces)
    made.declared = any(map(_is_typed, pieces, pieces[1:]))
    made.r = any(piece.written in ("<-", "$") for piece in pieces)
    lines = _lines(without_header(pieces))
    python = False
    if len(lines) > MOST_STATEMENTS:
        raise RequestError(f"not read: code of more than {MOST_STATEMENTS} statements; paste the formula")
    blocks = any(line.pieces[-1].text == ":" for line in lines)
    least = min((len(line.indent) for line in lines), default=0)
    for line in lines:
        first, last = line.pieces[0], line.pieces[-1]
        if first.kind == "keyword" and first.text in LOOPS and last.text != ":":
            raise RequestError(f"not read: {LOOP if first.text == 'for' else 'a while loop' + ALONE}")
        _bounded(line)
        made.caret = made.caret or any("^" in piece.written for piece in line.pieces)
        made.elementwise = made.elementwise or any(piece.written in ELEMENTWISE for piece in line.pieces)
        python = python or any(piece.text in _PYTHON for piece in line.pieces)
        parts = " ".join(_emitted(made, _with_target(made, _without_types(line.pieces))))
        made.lines.append(line.indent[least:] + parts if blocks else parts)
        made.sources.append(line.written)
        made.assigned |= assigned(line.pieces)
    made.julia = bool(_JULIA.search(text)) and not made.declared
    made.matlab = made.elementwise and not made.julia
    if made.caret and python:
        made.notes.append("^ is read as a power, which is ** in Python")
    return made


def _is_typed(piece: Lexeme, following: Lexeme) -> bool:
    """Whether two pieces are of a language in which 1/2 is 0: ``double kl``, ``0.5f``, ``std::log``, ``math.Log``."""
    if piece.kind == "number":
        return piece.written[-1] in "fF"
    declares = piece.text in _TYPES and piece.kind == following.kind == "name"
    return declares or of_c(piece.text) is not None or (piece.text == "std" and following.text == "::")


def _lines(pieces: list[Lexeme]) -> list[Line]:
    """Cut pieces into statements: at the ends of lines that leave nothing open, and at semicolons."""
    lines: list[Line] = []
    here: list[Lexeme] = []
    indent, depth = "", 0
    for at, piece in enumerate(pieces):
        if piece.kind == "newline" or (piece.text == ";" and piece.kind == "mark"):
            if depth > 0:
                if piece.kind == "mark":  # sum(x; dims=1)
                    here.append(Lexeme("mark", ",", ";", piece.end))
                continue
            open_end = piece.kind == "newline" and here and here[-1].kind == "mark" and here[-1].text in CONTINUING
            if open_end and here[0].text != "from" and at + 1 < len(pieces):  # from math import *
                continue
            if here:
                lines.append(Line(indent, tuple(here)))
            here = []
            indent = piece.text if piece.kind == "newline" else indent
            continue
        if piece.kind == "mark":
            depth += (piece.text in OPENING) - (piece.text in OPENING.values())
        of_go = piece.text == ":=" and depth == 0
        here.append(Lexeme("mark", "=", ":=", piece.end, piece.spaced) if of_go else piece)
    if here:
        lines.append(Line(indent, tuple(here)))
    declared = [_without_declaration(line) for line in lines]
    return [
        line for line in declared if line.pieces[0].text not in ("end", "using") or "=" in [p.text for p in line.pieces]
    ]


def _without_declaration(line: Line) -> Line:
    """Drop the first words of ``const kl = ...``, ``double kl = ...``."""
    pieces = line.pieces
    while len(pieces) > 1 and pieces[0].kind == pieces[1].kind == "name" and pieces[0].text in _DECLARATIONS | _TYPES:
        pieces = pieces[1:]
    return Line(line.indent, pieces)


def _bounded(line: Line) -> None:
    """Refuse what would take Python's parser deep, before it sees it."""
    depth = most = operators = 0
    for piece in line.pieces:
        if piece.kind == "other":
            continue
        if piece.kind == "mark":
            depth += (piece.text in OPENING) - (piece.text in OPENING.values())
            most = max(most, depth)
        operators += (piece.kind == "mark" and piece.text not in (",", ")", "]", "}")) or piece.kind == "keyword"
    if most > MOST_DEPTH:
        raise RequestError(f"not a formula: it is nested more than {MOST_DEPTH} deep")
    if operators > MOST_OPERATORS:
        raise RequestError(f"not a formula: a statement of more than {MOST_OPERATORS} operators, {line.written}")


def _without_types(pieces: tuple[Lexeme, ...]) -> list[Lexeme]:
    """Drop the types of Julia, ``p::Poisson``; the package in ``keras::k_exp(...)`` of R is one with a dot."""
    made: list[Lexeme] = []
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        at += 1
        if piece.text != "::" or piece.kind != "mark":
            made.append(piece)
        elif pieces[at + 1 : at + 2] and pieces[at + 1].text == "(":
            made.append(Lexeme("mark", ".", "::", piece.end))
        else:
            while at < len(pieces) and (pieces[at].kind == "name" or pieces[at].text == "."):
                at += 1
            if at < len(pieces) and pieces[at].text == "{":
                at = closing(pieces, at) + 1
    return made


def _with_target(made: ParsedCode, pieces: list[Lexeme]) -> list[Lexeme]:
    """Put a variable in the place of a left side that is none; its minus sign belongs to the right."""
    equal = equality(pieces)
    if equal is None or pieces[0].kind == "keyword":
        return pieces
    if is_target(pieces[:equal]):
        following = equality(pieces[equal + 1 :])
        if following is None or is_target(pieces[equal + 1 : equal + 1 + following]):
            return pieces
    minus = pieces[0].text == "-"
    left, right = pieces[minus:equal], pieces[equal + 1 :]
    label = excerpt(written(left))
    if equality(right) is not None:
        raise RequestError(f"not read: several sides in {excerpt(written(pieces))}; paste one formula")
    if not left or not is_label(left) or not right:
        raise RequestError(f"not read: the left-hand side {excerpt(written(pieces[:equal]))} is more than a name")
    if len(left) > 1:
        refuse_shadows(made.assigned, left[1:])
        made.left = label
        left = [Lexeme("keyword", made.fresh(label), label, pieces[equal].end)]
    if minus:
        made.notes.append(f"the minus sign before {label} is moved to the other side")
        right = [_mark("-"), _mark("("), *right, _mark(")")]
    return [*left, pieces[equal], *right]


def _mark(text: str) -> Lexeme:
    return Lexeme("mark", text, text, 0)


def _emitted(made: ParsedCode, pieces: Sequence[Lexeme]) -> list[str]:
    """Write pieces with placeholders for names and numerals."""
    parts: list[str] = []
    for piece in pieces:
        if piece.kind == "name":
            parts.append(made.placeholder(piece))
        elif piece.kind == "number":
            made.numerals[f"n{len(made.numerals)}"] = piece.text
            parts.append(f"n{len(made.numerals) - 1}")
        elif piece.kind == "other":
            raise refuse(piece)
        else:
            parts.append(piece.text)
    return parts
