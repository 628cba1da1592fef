"""What stands on the left of a sign of equality in code: a variable, or the name of a quantity."""

from __future__ import annotations

from collections.abc import Sequence

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code.lexemes import Lexeme
from kl_symbolic.reading.syntax import FUNCTIONS

OPENING = {"(": ")", "[": "]", "{": "}"}


def written(pieces: Sequence[Lexeme]) -> str:
    """Return the text of some pieces."""
    return "".join((" " if piece.spaced else "") + piece.written for piece in pieces).strip()


def closing(pieces: Sequence[Lexeme], start: int) -> int:
    """Return where the bracket closes that opens at `start`.

    Raises
    ------
    RequestError
        If it does not.
    """
    depth = 0
    for at in range(start, len(pieces)):
        if pieces[at].kind == "mark":
            depth += (pieces[at].text in OPENING) - (pieces[at].text in OPENING.values())
        if depth == 0:
            return at
    raise RequestError(f"not a formula: {pieces[start].text} is not closed")


def equality(pieces: Sequence[Lexeme]) -> int | None:
    """Return where the sign of equality stands that is in no brackets."""
    depth = 0
    for at, piece in enumerate(pieces):
        if piece.kind == "mark":
            depth += (piece.text in OPENING) - (piece.text in OPENING.values())
            if piece.text == "=" and depth == 0:
                return at
    return None


def is_target(pieces: Sequence[Lexeme]) -> bool:
    """Whether Python can assign to this: names with dots and subscripts, several with commas, an annotation."""
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        if piece.text in ("[", "("):
            if piece.text == "(" and at > 0:
                return False
            at = closing(pieces, at)
        elif piece.text == ":" and at > 0:
            return True
        elif piece.kind != "name":
            if piece.text not in (".", ",", "*"):
                return False
        elif at > 0 and (pieces[at - 1].kind == "name" or pieces[at - 1].text in ("]", ")")):
            return False
        at += 1
    return bool(pieces)


def is_label(pieces: Sequence[Lexeme]) -> bool:
    """Whether this names a quantity: a name, and perhaps what it is of in brackets; no function of one."""
    if pieces[0].kind != "name" or pieces[0].text in FUNCTIONS:
        return False
    at = 1
    while at < len(pieces):
        if pieces[at].text not in OPENING:
            return False
        at = closing(pieces, at) + 1
    return True
