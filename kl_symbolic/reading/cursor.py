"""A place in the tokens of a formula, and how one moves along and refuses."""

from __future__ import annotations

from typing import NoReturn

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.syntax import MOST_DEPTH
from kl_symbolic.reading.tokens import Token, excerpt, source


class Cursor:
    """A place in the tokens of a formula.

    Parameters
    ----------
    text, tex
        The formula, and whether it is LaTeX.
    """

    def __init__(self, text: str, tex: bool) -> None:
        read = source(text, tex)
        self.text, self.tex, self.tokens = read.text, read.tex, list(read.tokens)
        self.notes = list(read.notes)
        self.decorations: dict[str, str] = {}  # by name
        self.written_as: dict[str, set[str]] = {}  # under which decorations, or none, a word stands
        for token in self.tokens:
            if token.kind == "name":
                self.written_as.setdefault(token.text, set()).add(token.decoration)
        self.at = self.depth = 0

    @property
    def token(self) -> Token:
        """The token at which one stands."""
        return self.tokens[self.at]

    def sees(self, *marks: str) -> bool:
        """Whether the token is one of these marks."""
        return self.token.kind == "mark" and self.token.text in marks

    def next(self) -> Token:
        """Step over the token and return it; the end is never passed."""
        token = self.token
        self.at += token.kind != "end"
        return token

    def expect(self, mark: str) -> None:
        """Step over a mark that must be there."""
        if not self.sees(mark):
            found = excerpt(self.text[self.token.start :])
            self.fail(f"expected {mark} before {found}" if found else f"a {mark} is missing at the end")
        self.next()

    def note(self, note: str) -> None:
        """Record what was done to read the formula."""
        if note not in self.notes:
            self.notes.append(note)

    def fail(self, why: str) -> NoReturn:
        """Refuse the formula in one line."""
        raise RequestError(f"not a formula: {why}")

    def slice(self, start: int, end: int | None = None) -> str:
        """Return the source from token `start` up to token `end`, which does not belong to it."""
        last = self.tokens[(self.at if end is None else end) - 1].end
        return excerpt(self.text[self.tokens[start].start : last])

    def ambiguous(self, start: int, *readings: str) -> NoReturn:
        """Refuse what has two meanings, and say which."""
        raise RequestError(f"ambiguous: {self.slice(start)} may be {' or '.join(readings)}; write parentheses")

    def deeper(self) -> None:
        """Count one more level of nesting, and refuse too many."""
        self.depth += 1
        if self.depth > MOST_DEPTH:
            self.fail(f"it is nested more than {MOST_DEPTH} deep")
