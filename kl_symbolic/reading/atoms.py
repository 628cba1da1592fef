"""The atoms of the grammar: numbers, names, parentheses, fractions, functions and sums over coordinates."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.cursor import Cursor
from kl_symbolic.reading.syntax import (
    FUNCTIONS,
    Call,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Times,
    Total,
)
from kl_symbolic.reading.tokens import Kind, excerpt, number

CLOSING = {"(": ")", "[": "]", "{": "}"}
STATEMENTS = frozenset(
    "if else for in and or not is import from def class while return yield True False None".split()  # noqa: SIM905
)
SQUARE = Number(Fraction(2))
_LIMIT = re.compile(r"([a-z])(?:=1)?", re.ASCII)


class Factor(NamedTuple):
    """A factor, what it looks like, and where it begins: ``bare`` is a function without parentheses."""

    node: Node
    shape: str
    start: int


class Atoms(Cursor, ABC):
    """Read what is not made of operators."""

    @abstractmethod
    def sum(self) -> Node:
        """Read terms with + and - between."""

    @abstractmethod
    def term(self) -> Node:
        """Read a product."""

    @abstractmethod
    def signed(self) -> Factor:
        """Read a power with its sign."""

    @abstractmethod
    def power(self) -> Factor:
        """Read an atom and its exponent."""

    def exponent(self) -> Node:
        """Read what follows ^."""
        self.deeper()
        if self.sees("{"):
            node = self.braces()
        elif self.tex:
            node = self.tex_argument()
        else:
            node = self.signed().node
        self.depth -= 1
        return node

    def raised(self) -> Node:
        """Read an exponent in Unicode's small letters."""
        text = self.next().text
        if not re.fullmatch(r"[+-]?(?:[0-9]+|[nkix])", text, re.ASCII):
            self.fail(f"the exponent {text} is not read; write ^(...)")
        unsigned = text.lstrip("+-")
        node: Node = Number(number(unsigned)) if unsigned.isdigit() else Name(unsigned, unsigned)
        return Negative(node) if text[0] == "-" else node

    def atom(self) -> Factor:
        """Read an atom, by its first token."""
        start, token = self.at, self.token
        if token.kind == "number":
            self.next()
            return Factor(self.numeral(token.text), "number", start)
        if token.kind == "frac":
            self.next()
            self.deeper()
            top, bottom = self.tex_argument(), self.tex_argument()
            self.depth -= 1
            return Factor(Times((top, Inverse(bottom))), "closed", start)
        if token.kind == "sum" or (token.kind == "name" and token.text == "Sum"):
            return self.total()
        if token.kind == "name" and token.text == "sum" and self.tokens[start + 1].text == "(":
            self.next()
            return Factor(Total(self.one_argument("sum", start)), "call", start)
        if token.kind == "name":
            return self.function() if token.text in FUNCTIONS else Factor(self.name(), "name", start)
        if self.sees("(", "["):
            return Factor(self.group(), "closed", start)
        if self.sees("{"):
            return Factor(self.bare_braces(), "closed", start)
        rest = excerpt(self.text[token.start :])
        return self.fail(f"it is not understood from here: {rest}" if rest else "it ends too early")

    def numeral(self, text: str) -> Node:
        """Return the value of a numeral."""
        if "/" in text:
            top, bottom = text.split("/")
            return Times((Number(Fraction(top)), Inverse(Number(Fraction(bottom)))))
        return Number(number(text))

    def group(self) -> Node:
        """Read what stands in parentheses or brackets."""
        opening = self.next().text
        self.deeper()
        parts = [self.sum()]
        while opening != "{" and self.sees(","):
            self.next()
            parts.append(self.sum())
        self.depth -= 1
        self.expect(CLOSING[opening])
        return Entries(tuple(parts)) if len(parts) > 1 else parts[0]

    def braces(self) -> Node:
        """Read what stands in the braces of an argument."""
        return self.group()

    def bare_braces(self) -> Node:
        """Read braces that print nothing, so that only one factor may stand in them."""
        start = self.at
        self.next()
        self.deeper()
        node = self.power().node
        self.depth -= 1
        if not self.sees("}"):
            self.fail(f"braces do not group: {self.slice(start)}; write parentheses")
        self.next()
        return node

    def tex_argument(self) -> Node:
        r"""Read what a command of TeX takes: braces, or one digit, letter or command: ``\frac12``, ``x^2``."""
        if self.sees("{"):
            return self.braces()
        token = self.token
        if token.kind == "number" and len(token.text) > 1:
            head = replace(token, text=token.text[0], end=token.start + 1)
            rest = replace(token, text=token.text[1:], start=token.start + 1, spaced=False)
            self.tokens[self.at : self.at + 1] = [head, rest]
        elif token.kind == "name" and self.text[token.start] != "\\" and token.end - token.start > 1:
            self.fail(f"what is the argument in {excerpt(self.text[token.start :])}? write braces")
        if (
            self.token.kind not in ("number", "name")
            or self.token.text in FUNCTIONS
            or not self.token.text[0].isalnum()
        ):
            self.fail(f"an argument in braces is missing before {excerpt(self.text[token.start :])}")
        if self.token.kind == "number":
            return self.numeral(self.next().text)
        name = self.next().text
        return Name(name, name)

    def name(self) -> Name:
        """Read a name with its indices."""
        start = self.at
        token = self.next()
        if token.text in STATEMENTS:
            raise RequestError(f"not part of a formula: {excerpt(self.text[token.start :])}")
        name = self.with_index(Name(token.text, token.text), start)
        closes = self.tokens[self.at + 2 : self.at + 3]
        if self.sees("[") and not self.token.spaced and closes and closes[0].text == "]":
            coordinate = self.tokens[self.at + 1]
            if coordinate.kind in ("name", "number"):
                self.at += 3
                return replace(name, coordinate=coordinate.text, written=self.slice(start))
        return replace(name, called=self.sees("(") and not self.token.spaced)

    def with_index(self, name: Name, start: int) -> Name:
        """Read the indices that follow a name."""
        spelling = name.spelling
        while self.token.kind == "sub":
            spelling += "_" + self.next().text
        return Name(self.slice(start), spelling)

    def function(self) -> Factor:
        """Read a function: its argument in parentheses, or one factor after it."""
        start = self.at
        function = FUNCTIONS[self.next().text]
        self.deeper()
        if self.token.kind == "sub":
            base = self.next().text
            if function != "log" or base not in ("2", "e"):
                self.fail(f"the function {self.slice(start)} is not read")
            function = "log2" if base == "2" else "log"
        power = self.power_of_function(start)
        if function == "sqrt" and self.tex and self.sees("["):
            self.fail(f"only square roots are read: {self.slice(start)}")
        if self.sees("(", "["):
            argument, shape = self.one_argument(function, start), "call"
        elif function == "sqrt" and (self.sees("{") or self.tex):
            argument, shape = self.tex_argument(), "other"
        elif function == "square":
            self.fail(f"an argument in parentheses is missing after {self.slice(start)}")
        else:
            argument, shape = self.bare_argument(start), "bare"
        self.depth -= 1
        node: Node = Power(argument, SQUARE) if function == "square" else Call(function, argument)
        return Factor(Power(node, power) if power else node, shape, start)

    def one_argument(self, function: str, start: int) -> Node:
        """Read the only argument of a function, in parentheses."""
        argument = self.group()
        if isinstance(argument, Entries):
            self.fail(f"{function} takes one argument: {self.slice(start)}")
        return argument

    def power_of_function(self, start: int) -> Node | None:
        r"""Read the exponent of ``\log^2 x``."""
        if self.token.kind == "sup":
            power = self.raised()
        elif self.sees("^"):
            self.next()
            power = self.exponent()
        else:
            return None
        if not isinstance(power, Number) or power.value < 1:
            self.fail(f"the exponent of a function is a natural number: {self.slice(start)}")
        return power

    def bare_argument(self, start: int) -> Node:
        """Read the one factor over which a function without parentheses reaches."""
        if not (self.token.kind in ("number", "name", "frac") or self.sees("{")):
            self.fail(f"an argument is missing after {self.slice(start)}")
        if self.tokens[self.at - 1].text == "sqrt":
            return self.atom().node  # a root reaches over one number or name: the power of a root is ambiguous
        return self.power().node

    def total(self) -> Factor:
        """Read a sum over the coordinates."""
        start = self.at
        self.deeper()
        if self.next().text == "Sum":
            node = self.call_of_sum(start)
            self.depth -= 1
            return Factor(node, "call", start)
        below, above = None, None
        while self.token.kind in ("sub", "sup") or self.sees("^"):
            token = self.next()
            if token.kind == "sub" and below is None:
                below = _LIMIT.fullmatch(token.text)
                if below is None:
                    self.fail(f"the index of a sum starts from 1: {self.slice(start)}; write \\sum_{{i=1}}^n")
            elif above is None and token.kind in ("sup", "mark"):
                above = token.text if token.kind == "sup" else self.upper_limit()
            else:
                self.fail(f"the limits of a sum are not understood: {self.slice(start)}")
        if below is None:
            self.fail(f"a sum has an index: \\sum_{{i=1}}^n, sum_i or Sum(..., (i, 1, n)), given: {self.slice(start)}")
        body = self.term()
        self.depth -= 1
        return Factor(Total(body, below[1], above), "other", start)

    def upper_limit(self) -> str:
        """Read the upper limit of a sum."""
        braced = self.sees("{")
        if braced:
            self.next()
        token = self.next()
        if token.kind not in ("number", "name"):
            self.fail("the upper limit of a sum is a number or a letter")
        if braced:
            self.expect("}")
        return token.text

    def call_of_sum(self, start: int) -> Node:
        """Read the rest of ``Sum(body, (i, 1, n))``."""
        self.expect("(")
        body = self.sum()
        self.expect(",")
        bounds = self.at
        kinds: list[Kind] = ["mark", "name", "mark", "number", "mark", "name", "mark"]
        found = self.tokens[bounds : bounds + len(kinds)]
        if len(found) == len(kinds) and found[5].kind == "number":
            kinds[5] = "number"
        written = "".join(t.text for t in found)
        if [t.kind for t in found] != kinds or not re.fullmatch(r"\([a-z],1,[A-Za-z0-9]+\)", written, re.ASCII):
            self.at = min(bounds + len(kinds), len(self.tokens) - 1)
            self.fail(f"not a sum over the coordinates: {self.slice(start)}; expected: Sum(..., (i, 1, n))")
        self.at += len(kinds)
        self.expect(")")
        return Total(body, found[1].text, found[5].text)
