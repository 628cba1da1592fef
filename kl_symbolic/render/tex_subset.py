r"""The TeX that is accepted for symbols: a small part of it is read into layouts, everything else is refused by name.

A symbol is one factor or more, and begins with a letter. A factor is

* a letter: ``m``, ``\mu``, ``μ``, ``\ell``; or a number;
* a letter with an accent: ``\hat\mu``, ``\tilde{\sigma}``;
* a word in a font: ``\mathbf{m}``, ``\mathcal N``, ``\boldsymbol{\mu}``, ``\mathrm{KL}``, ``\text{log-rate}``;
* factors in braces, or anything in parentheses: ``\sigma(t)``;

with at most one subscript and one superscript, and primes; behind braces there are none. Scripts and parentheses hold
operators and signs as well: ``\mu_{t+1}``, ``\sigma_{q,\phi}``, ``\mu^*``, ``\theta^{(k)}``. Which letters, accents,
operators and signs there are, `layout` says; which word goes into which font, `fonts`. Characters of Unicode that stand
for one of these are read as it, and so are small digits: ``μ₁``.

What is printed is made from the layout, never from the text that was given.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import NoReturn

from kl_symbolic.errors import RequestError
from kl_symbolic.render.fonts import DIGITS, FONTS, LATIN, UPRIGHT, in_alphabet
from kl_symbolic.render.layout import (
    ACCENTS,
    LETTERS,
    OPERATORS,
    SIGNS,
    Accent,
    Fence,
    Layout,
    Mark,
    Row,
    Script,
    beginning,
    number,
    row,
)

MOST_CHARACTERS, MOST_DEPTH = 200, 20

SPACES = (r"\,", r"\:", r"\;")
STRUCTURE = frozenset("{}()_^' ")
# What stands for a command: the character that the command is printed as, and the keys that are nearest to it.
SYNONYMS = {c: tex for tex, c in (LETTERS | OPERATORS | SIGNS).items() if not c.isascii()}
SYNONYMS |= {"µ": r"\mu", "*": r"\ast", "|": r"\vert"}
ACCEPTED = r"the Greek letters, \ell \hbar \imath \jmath, " + ", ".join(
    " ".join(t for t in table if t[0] == "\\") for table in (ACCENTS, FONTS, OPERATORS, SIGNS, SPACES)
)


@lru_cache(maxsize=256)
def read(tex: str, what: str) -> Layout:
    r"""Read the TeX of a symbol.

    Parameters
    ----------
    tex
        The TeX, of 200 characters at most.
    what
        What it is, for the message: ``the symbol mu_1``.

    Raises
    ------
    RequestError
        Naming what is not accepted.

    Examples
    --------
    >>> read(r"\mu_1", "the symbol")
    Script(base=Mark(tex='\\mu', kind='identifier', unicode=''), sub=Mark(tex='1', kind='number', unicode=''), sup=None)
    >>> read(r"\mu\write18{}", "the symbol mu")
    Traceback (most recent call last):
    ...
    kl_symbolic.errors.RequestError: the symbol mu: \write is not among the commands that are accepted: ...
    """
    return _Reader(tex, what).symbol()


class _Reader:
    """A place in the pieces of a symbol, and how one reads on."""

    def __init__(self, tex: str, what: str) -> None:
        self.what, self.at, self.depth = what, 0, 0
        if len(tex) > MOST_CHARACTERS:
            self.fail(f"{len(tex)} characters are given, and {MOST_CHARACTERS} are accepted")
        self.pieces = self.split(tex)

    def fail(self, why: str) -> NoReturn:
        raise RequestError(f"{self.what}: {why}")

    def split(self, tex: str) -> list[str]:
        """Return the characters and commands; small digits become scripts."""
        found: list[str] = []
        at = 0
        while at < len(tex):
            end = at + 1
            if tex[at] == "\\":
                while end < len(tex) and tex[end] in LATIN:
                    end += 1
                end = max(end, at + 2)
                found.append(self.command(tex[at:end]))
            elif mark := _script_of(tex[at]):
                while end < len(tex) and _script_of(tex[end]) == mark:
                    end += 1
                inside = [self.character(unicodedata.normalize("NFKC", c)) for c in tex[at:end]]
                found += [mark, "{", *inside, "}"]
            else:
                found.append(self.character(tex[at]))
            at = end
        return found

    def command(self, name: str) -> str:
        if name not in SPACES and not any(name in table for table in (LETTERS, ACCENTS, FONTS, OPERATORS, SIGNS)):
            self.fail(f"\\{_named(name[1:])} is not among the commands that are accepted: {ACCEPTED}")
        return name

    def character(self, c: str) -> str:
        if c in LATIN or c in DIGITS or c in STRUCTURE or c in OPERATORS or c in SIGNS:
            return c
        if c not in SYNONYMS:
            self.fail(f"{_named(c)} is not among the characters that are accepted")
        return SYNONYMS[c]

    def peek(self) -> str:
        """Return the next piece, or nothing at the end; spaces mean nothing."""
        while self.pieces[self.at : self.at + 1] == [" "]:
            self.at += 1
        return "".join(self.pieces[self.at : self.at + 1])

    def next(self) -> str:
        piece = self.peek()
        self.at += 1
        return piece

    def symbol(self) -> Layout:
        layout = self.factors("", loose=False)
        first = beginning(layout)
        if isinstance(first, Fence) or (isinstance(first, Mark) and first.kind in ("number", "space")):
            self.fail("it has to begin with a letter")
        return layout

    def factors(self, end: str, *, loose: bool) -> Layout:
        """Read up to a closing mark; what is loose may hold operators and signs."""
        items: list[Layout] = []
        while (piece := self.peek()) != end:
            if not piece:
                self.fail(f"it needs balanced TeX, and a {end} is missing")
            if piece in SPACES:
                items.append(Mark(self.next(), "space"))
            elif piece in OPERATORS or piece in SIGNS:
                if not loose:
                    self.fail(f"{piece} stands outside of scripts and parentheses, so this is not a single symbol")
                items.append(self.sign())
            else:
                items.append(self.scripted(self.nucleus(loose=loose)))
        self.at += 1
        if all(isinstance(item, Mark) and item.kind == "space" for item in items):
            self.fail(f"there is nothing before the {end}" if end else "there is nothing to print")
        return row(*items)

    def scripted(self, nucleus: Layout) -> Layout:
        """Read the scripts of a factor."""
        primes: list[Layout] = []
        sub = sup = None
        while (mark := self.peek()) and mark in "_^'":
            if isinstance(nucleus, Row | Script):
                self.fail(f"{mark} stands behind braces, where it has no letter; write parentheses, or put it inside")
            self.at += 1
            if (sub if mark == "_" else sup) is not None:
                self.fail(f"{mark} follows a script of the same kind, which TeX refuses; write braces")
            if mark == "'":
                primes.append(Mark(r"\prime", "postfix"))
            elif mark == "_":
                sub = self.argument(mark, loose=True)
            else:
                sup = self.argument(mark, loose=True)
        if primes:
            sup = row(*primes, *([] if sup is None else [sup]))
        return nucleus if sub is None and sup is None else Script(nucleus, sub, sup)

    def argument(self, owner: str, *, loose: bool) -> Layout:
        """Read what belongs to a script or an accent: one piece, or what stands in braces."""
        piece = self.peek()
        if piece in DIGITS:
            return number(int(self.next()))
        if loose and (piece in OPERATORS or piece in SIGNS):
            return self.sign()
        if not piece or piece in "}()_^'" or piece in OPERATORS or piece in SIGNS or piece in SPACES:
            self.fail(f"{owner} needs a letter or something in braces after it" + (f", not {piece}" if piece else ""))
        return self.nucleus(loose=loose)

    def nucleus(self, *, loose: bool) -> Layout:
        """Read a factor without its scripts."""
        piece = self.next()
        if piece in LATIN or piece in LETTERS:
            return Mark(piece)
        if piece in DIGITS:
            while self.peek() in DIGITS:
                piece += self.next()
            return Mark(piece, "number")
        if piece in FONTS:
            return self.word(piece)
        if piece not in ("{", "(") and piece not in ACCENTS:
            self.fail(
                f"it needs balanced TeX, and {piece} closes nothing"
                if piece in "})"
                else f"nothing stands before {piece}"
            )
        self.depth += 1
        if self.depth > MOST_DEPTH:
            self.fail(f"it is nested more than {MOST_DEPTH} deep")
        if piece == "{":
            inside = self.factors("}", loose=loose)
        elif piece == "(":
            inside = Fence(self.factors(")", loose=True))
        else:
            letter = self.argument(piece, loose=False)
            if not isinstance(letter, Mark):
                self.fail(rf"{piece} stands over one letter, with scripts behind it, like {piece}{{x}}_1")
            inside = Accent(piece, letter)
        self.depth -= 1
        return inside

    def word(self, name: str) -> Layout:
        """Read what stands in a font."""
        font = FONTS[name]
        letters = [self.next()]
        if letters == ["{"]:
            end = self.pieces.index("}", self.at) if "}" in self.pieces[self.at :] else len(self.pieces)
            letters, self.at = self.pieces[self.at : end], end + 1
            if end == len(self.pieces):
                self.fail(f"it needs balanced TeX, and the }} of {name} is missing")
        if " " not in font.holds:
            letters = [c for c in letters if c != " "]
        for c in letters:
            if c not in font.holds:
                self.fail(f"{c} stands in {name}, which holds {font.words}" if c else f"{name} needs a word after it")
        if not "".join(letters).strip():
            self.fail(f"{name} holds nothing")
        tex = "".join(f"{c} " if c in LETTERS else c for c in letters).rstrip()
        shown = "".join(in_alphabet(font.alphabet, LETTERS.get(c, c)) for c in letters).strip()
        return Mark(f"{font.command}{{{tex}}}", "word" if font.command in UPRIGHT else "identifier", shown)

    def sign(self) -> Layout:
        piece = self.next()
        return Mark(piece, "operator" if piece in OPERATORS else "postfix")


def _script_of(c: str) -> str:
    """Return the mark of TeX for a character that is a small digit, letter or sign of Unicode."""
    kind, *letters = unicodedata.decomposition(c).split() or [""]
    return {"<sub>": "_", "<super>": "^"}.get(kind, "") if len(letters) == 1 else ""


def _named(c: str) -> str:
    if c.isascii() and c.isprintable():
        return c
    return " ".join(f"U+{ord(one):04X} ({unicodedata.name(one, 'a character without a name')})" for one in c)
