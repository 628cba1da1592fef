"""The headers of functions in other languages than Python: they go, their bodies stay."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.code.lexemes import Lexeme
from kl_symbolic.reading.code.targets import OPENING, closing

MOST_ANONYMOUS = 20  # places where an anonymous function is looked for


def without_header(pieces: list[Lexeme]) -> list[Lexeme]:
    """Drop the header of a function in R, Julia, MATLAB or JavaScript, and the braces around its body."""
    places = [at for at, piece in enumerate(pieces) if piece.kind == "keyword" and piece.text == "function"]
    if not places:
        return _without_anonymous(_without_braces(pieces))
    if len(places) > 1:
        raise RequestError("not read: several functions; paste the one with the formula")
    start = at = places[0]
    while start > 0 and pieces[start - 1].kind != "newline" and pieces[start - 1].text != ";":
        start -= 1
    while at < len(pieces) and pieces[at].text != "(" and pieces[at].kind != "newline":
        at += 1
    if at == len(pieces) or pieces[at].text != "(" or any(p.text in OPENING for p in pieces[start : places[0]]):
        raise RequestError("not read: a function within a formula")
    end = closing(pieces, at) + 1
    refuse_shadows(assigned(pieces[:start]), pieces[at:end])
    if pieces[end].text in ("::", "where"):
        while pieces[end].kind != "newline":
            end += 1
    body = end
    while body < len(pieces) and pieces[body].kind == "newline":
        body += 1
    if body < len(pieces) and pieces[body].text == "{":
        close = closing(pieces, body)
        return [*pieces[:start], *pieces[body + 1 : close], *pieces[close + 1 :]]
    return pieces[:start] + pieces[end:]


def _without_braces(pieces: list[Lexeme]) -> list[Lexeme]:
    """Drop the header of a function as C, Java, Go and Rust write it, ``double kl(double m) {...}``."""
    start = next((at for at, piece in enumerate(pieces) if piece.kind != "newline"), 0)
    at, parameters = start, False
    while at < len(pieces) and pieces[at].text != "{":
        if pieces[at].text == "(":
            parameters, at = parameters or pieces[at - 1].kind == "name", closing(pieces, at)
        elif (
            (pieces[at].kind == "newline" and not parameters)
            or pieces[at].kind in ("keyword", "number", "string")
            or pieces[at].text in ("=", ";")
        ):
            return pieces
        at += 1
    if at == len(pieces) or not parameters or pieces[start].kind != "name":
        return pieces
    return _in_braces(pieces, at)


def _without_anonymous(pieces: list[Lexeme]) -> list[Lexeme]:
    """Drop the arguments of ``kl = @(m, s) ...``, ``kl = (m, s) -> ...`` and ``kl = (m, s) => ...``."""
    begins = (at for at in range(1, len(pieces)) if pieces[at - 1].text == "=" or pieces[at - 1].kind == "newline")
    for start in itertools.islice(begins, MOST_ANONYMOUS):
        matlab = pieces[start].text == "@"
        at = start + matlab
        if at == len(pieces) or pieces[at].text != "(" or pieces[at].kind != "mark":
            continue
        end = closing(pieces, at) + 1
        arrow = 1 if pieces[end].text == "->" else 2 if [one.text for one in pieces[end : end + 2]] == ["=", ">"] else 0
        if not (matlab or arrow):
            continue
        refuse_shadows(assigned(pieces[:start]), pieces[at:end])
        end += 0 if matlab else arrow
        if pieces[end].text != "{":
            return pieces[:start] + pieces[end:]
        before = start
        while pieces[before].kind != "newline":
            before -= 1
        return pieces[: before + 1] + _in_braces(pieces, end)
    return pieces


def _in_braces(pieces: list[Lexeme], at: int) -> list[Lexeme]:
    """Return the body of a function that ends the code."""
    close = closing(pieces, at)
    if any(piece.kind != "newline" and piece.text != ";" for piece in pieces[close + 1 :]):
        raise RequestError("not read: code behind a function; paste the function alone")
    return pieces[at + 1 : close]


def assigned(pieces: Sequence[Lexeme]) -> set[str]:
    """Return the names that are given values."""
    return {name.text for name, sign in itertools.pairwise(pieces) if sign.text == "=" and name.kind == "name"}


def refuse_shadows(assigned: set[str], arguments: Sequence[Lexeme]) -> None:
    """Refuse arguments that are called as variables which were given a value before."""
    for one in arguments:
        if one.kind == "name" and one.text in assigned:
            raise RequestError(f"ambiguous: {one.written} is a variable and an argument; paste the function alone")
