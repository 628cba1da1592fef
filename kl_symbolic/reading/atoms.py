"""The atoms of the grammar: numbers, names, parentheses, fractions and functions."""

from __future__ import annotations

import re
from abc import abstractmethod
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from kl_symbolic.functions import find_function
from kl_symbolic.reading.alphabet import BAR, GREEK, NORM
from kl_symbolic.reading.bars import CLOSING, MATRICES, Factor
from kl_symbolic.reading.designations import Designations
from kl_symbolic.reading.syntax import (
    FUNCTIONS,
    PAIRED,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Power,
    Times,
    Total,
    applied,
)
from kl_symbolic.reading.tokens import excerpt, number

OVER = r"\over"
POWERS = frozenset({"pow", "power"})
# How functions are written that may stand before what they are of without parentheses: log x, exp x, √x.
BARE = frozenset({"prefix", "exponential", "root"})


class Atoms(Designations):
    """Read what is not made of operators."""

    @abstractmethod
    def signed(self) -> Factor:
        """Read a power with its sign."""

    def exponent(self) -> Node:
        """Read what follows ^."""
        self.deeper()
        if self.sees("{"):
            node = self.group()
        elif self.tex:
            node = self.tex_argument()
        else:
            node = self.signed().node
        self.depth -= 1
        return node

    def raised(self) -> Node:
        """Read an exponent in Unicode's small letters."""
        text = self.next().text
        if not re.fullmatch(r"[+-]?(?:[0-9]+|[nkixT])", text, re.ASCII):
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
        if token.kind == "prod" or (token.kind == "sum" and not (token.text == "Σ" and self.matrices)):
            return Factor(self.total(), "other", start)
        if token.kind == "sum":
            return Factor(self.name(), "name", start)
        if self.sees(BAR, NORM):
            return Factor(self.between_bars(), "closed", start)
        if token.kind == "name":
            return self.word()
        if self.sees("(", "["):
            brackets = self.sees("[")
            node = self.group()
            if brackets and self.token.kind == "sub" and len(self.token.text) == 1:
                node = self.coordinate_of(node, self.next().text, start)
            return Factor(node, "closed", start)
        if self.sees("{"):
            node = self.group()
            if isinstance(node, Plus):
                self.note(f"braces are read as parentheses: {self.slice(start)}")
            return Factor(self.with_scripts(node, start), "closed", start)
        rest = excerpt(self.text[token.start :])
        return self.fail(f"it is not understood from here: {rest}" if rest else "it ends too early")

    def word(self) -> Factor:
        """Read what begins with a word: a function, a sum as it is called, or a name."""
        start, text = self.at, self.token.text
        after = self.tokens[start + 1]
        opens = after.kind == "mark" and after.text in CLOSING
        if text == "Sum":
            return Factor(self.call_of_sum(), "call", start)
        if text == "sum" and opens and after.text != "{":
            self.next()
            return Factor(Total(self.one_argument("sum", start)), "call", start)
        if text in PAIRED and text not in FUNCTIONS and opens and not (text in POWERS and self.tex):
            return Factor(self.call_of_two(), "call", start)
        if text in FUNCTIONS and (opens or text not in GREEK.values()):  # psi(x), but psi may be a name
            return self.function()
        if text in MATRICES and (opens or after.kind in ("name", "sum") or after.text == BAR):
            return Factor(self.of_matrices(), "trace" if MATRICES[text] == "tr" else "closed", start)
        return Factor(self.name(), "name", start)

    def call_of_two(self) -> Node:
        """Read ``pow(x, 2)``, ``polygamma(1, x)``."""
        start = self.at
        function = PAIRED[self.next().text]
        match self.group():
            case Entries((one, other)):
                return applied(function, one, other)
        what = "a power" if self.tokens[start].text in POWERS else self.tokens[start].text
        return self.fail(f"{what} takes two arguments: {self.slice(start)}")

    def numeral(self, text: str) -> Node:
        """Return the value of a numeral."""
        if "/" in text:
            top, bottom = text.split("/")
            return Times((Number(Fraction(top)), Inverse(Number(Fraction(bottom)))))
        return Number(number(text))

    def group(self) -> Node:
        """Read what stands in parentheses or brackets."""
        opening, around = self.next().text, self.bars
        self.deeper()
        self.bars = ""
        parts = [self.sum()]
        while opening != "{" and self.sees(","):
            self.next()
            parts.append(self.sum())
        if opening == "{" and self.sees(OVER):
            self.next()
            parts = [Times((parts[0], Inverse(self.sum())))]
        self.depth -= 1
        self.bars = around
        self.expect(CLOSING[opening])
        return Entries(tuple(parts)) if len(parts) > 1 else parts[0]

    def tex_argument(self) -> Node:
        r"""Read what a command of TeX takes: braces, or one digit, letter or command: ``\frac12``, ``x^2``."""
        if self.sees("{"):
            return self.group()
        token = self.token
        if token.kind == "number" and token.text.isdigit() and len(token.text) > 1:
            head = replace(token, text=token.text[0], end=token.start + 1)
            rest = replace(token, text=token.text[1:], start=token.start + 1, spaced=False)
            self.tokens[self.at : self.at + 1] = [head, rest]
        elif token.kind in ("name", "number") and self.text[token.start] != "\\" and token.end - token.start > 1:
            self.fail(f"what is the argument in {excerpt(self.text[token.start :])}? write braces")
        if (
            self.token.kind not in ("number", "name")
            or self.token.text in FUNCTIONS
            or not self.token.text[0].isalnum()
        ):
            self.fail(f"an argument in braces is missing before {excerpt(self.text[token.start :])}")
        if self.token.kind == "number":
            return self.numeral(self.next().text)
        token = self.next()
        name = Name(self.text[token.start : token.end], token.text)
        self.decorated(name, token.decoration)
        return name

    def function(self) -> Factor:
        """Read a function: its argument in parentheses, or one factor after it."""
        start, word = self.at, self.next().text
        function, others = FUNCTIONS[word], tuple[Node, ...]()
        self.deeper()
        if self.token.kind == "sub":
            base = self.next().text
            if function != "log" or base not in ("2", "10", "e"):
                self.fail(f"the function {self.slice(start)} is not read")
            function = "log" if base == "e" else f"log{base}"
        power = self.power_of_function(start)
        if function == "sqrt" and self.tex and self.sees("["):
            self.fail(f"only square roots are read: {self.slice(start)}")
        if self.sees("(", "["):
            brackets, argument, shape = self.sees("["), self.group(), "call"
            match argument:
                case Entries((first, second)) if word in PAIRED:
                    function, argument, others = PAIRED[word], first, (second,)
                case Entries():
                    self.fail(f"{function} takes one argument: {self.slice(start)}")
            if brackets and self.token.kind == "sub" and len(self.token.text) == 1:
                argument = self.coordinate_of(argument, self.next().text, start)
        elif word in ("log2", "log10") and not self.slice(start).startswith(r"\lg"):
            base = word[3:]
            self.fail(f"an argument in parentheses is missing after {self.slice(start)}: the logarithm to base {base}?")
        elif function == "sqrt" and (self.sees("{") or self.tex):
            argument, shape = self.tex_argument(), "other"
        elif not _reaches(function):
            self.fail(f"an argument in parentheses is missing after {self.slice(start)}")
        else:
            argument, shape = self.bare_argument(start), "bare"
        self.depth -= 1
        node = applied(function, argument, *others)
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
        r"""Read the one factor over which a function without parentheses reaches, or 2\pi\sigma^2."""
        if not (self.token.kind in ("number", "name", "frac", "prod") or self.sees("{", BAR)):
            self.fail(f"an argument is missing after {self.slice(start)}")
        if self.tokens[self.at - 1].text == "sqrt":
            return self.atom().node  # a root reaches over one number or name: the power of a root is ambiguous
        here = self.at
        product = self.token.kind == "number" and self.holds_pi()
        factors = [self.power().node]
        quotient = isinstance(factors[0], Power) and isinstance(factors[0].base, Times)
        if (quotient and self.tokens[here].kind == "frac") or (quotient and self.tokens[here].text == "{"):
            name, argument = self.slice(start, here), self.slice(here)
            self.ambiguous(start, f"{name}({argument})", f"({name}...)^..., the power of the logarithm")
        while product and self.is_name():
            factors.append(self.power().node)
        if len(factors) == 1:
            return factors[0]
        reach = self.slice(here)
        function = self.text[self.tokens[start].start : self.tokens[start].end]
        self.note(f"{function} {reach} is read as {function}({reach})")
        return Times(tuple(factors))

    def is_name(self) -> bool:
        """Whether the token is a name and no function."""
        return self.token.kind == "name" and self.token.text not in FUNCTIONS

    def holds_pi(self) -> bool:
        """Whether pi is a factor of the product of names that begins here."""
        for token in islice(self.tokens, self.at, None):
            function = token.kind == "name" and token.text in FUNCTIONS
            if function or not (token.kind in ("number", "name", "sub", "sup") or token.text == "^"):
                return False
            if token.kind == "name" and token.text == "pi":
                return True
        return False


def _reaches(function: str) -> bool:
    """Whether a function may stand before its argument without parentheses."""
    known = find_function(function)
    return function in ("log2", "log10") or (known is not None and known.style in BARE)
