r"""The grammar of formulas as people write them, for text and LaTeX alike.

SymPy's LaTeX parsers were tried and do not serve: see the figures in the docstring of `tree`. The rules where
mathematics on paper is ambiguous are in `kl_symbolic.claims.formula`; what is ambiguous is refused with both readings.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, NoReturn

from kl_symbolic.claims.syntax import (
    FUNCTIONS,
    MOST_DEPTH,
    Call,
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
)
from kl_symbolic.claims.tokens import Kind, Token, excerpt, number, source
from kl_symbolic.errors import RequestError

CLOSING = {"(": ")", "[": "]", "{": "}"}
STATEMENTS = frozenset("if else for in and or not is import from def class while return yield True False None".split())
_LIMIT = re.compile(r"([a-z])(?:=1)?", re.ASCII)


class Factor(NamedTuple):
    """A factor, what it looks like, and where it begins: ``bare`` is a function without parentheses."""

    node: Node
    shape: str
    start: int


def tree(text: str) -> Node:
    r"""Parse a formula.

    A hand-written parser of one page reads text and LaTeX from one stream of tokens. SymPy 1.14's
    ``parse_latex(..., backend="lark")`` was measured first: of our own 37 printed closed forms it reads none that holds
    two Greek letters with an index side by side (``2\sigma_2``, ``\log\sigma``, ``\frac{1}{2}\log\sigma`` are errors), it
    knows no environments, ``\big(`` or ``\lambda_{1,i}``; it reads ``x_12`` as 2 x and ``\log a b`` as log(a b) without
    a word, turns 0.1 into a float and ``\exp(\log(x))`` into x, needs 0.1 to 0.8 seconds a formula, 2 seconds for 40
    nested parentheses, and evaluates ``9^{9^{9^9}}`` without end.

    Examples
    --------
    >>> tree("2 x") == tree("2*x") == tree(r"2 \, x")
    True
    """
    return _Parser(text).whole()


class _Parser:
    """Recursive descent: sum, term, factor with its sign, power, atom."""

    def __init__(self, text: str) -> None:
        read = source(text)
        self.text, self.tex, self.tokens = read.text, read.tex, list(read.tokens)
        self.at = self.depth = 0

    # Moving along.

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def sees(self, *marks: str) -> bool:
        return self.token.kind == "mark" and self.token.text in marks

    def next(self) -> Token:
        token = self.token
        self.at += token.kind != "end"
        return token

    def expect(self, mark: str) -> None:
        if not self.sees(mark):
            found = excerpt(self.text[self.token.start :])
            self.fail(f"expected {mark} before {found}" if found else f"a {mark} is missing at the end")
        self.next()

    def fail(self, why: str) -> NoReturn:
        raise RequestError(f"not a formula: {why}")

    def slice(self, start: int, end: int | None = None) -> str:
        """Return the source from token `start` up to token `end`, which does not belong to it."""
        last = self.tokens[(self.at if end is None else end) - 1].end
        return excerpt(self.text[self.tokens[start].start : last])

    def ambiguous(self, start: int, *readings: str) -> NoReturn:
        raise RequestError(f"ambiguous: {self.slice(start)} may be {' or '.join(readings)}; write parentheses")

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MOST_DEPTH:
            self.fail(f"it is nested more than {MOST_DEPTH} deep")

    # The grammar.

    def whole(self) -> Node:
        parts = [self.sum()]
        while self.sees(","):
            self.next()
            parts.append(self.sum())
        if self.token.kind != "end":
            self.fail(f"it is not understood from here: {excerpt(self.text[self.token.start :])}")
        return Entries(tuple(parts)) if len(parts) > 1 else parts[0]

    def sum(self) -> Node:
        terms = [self.term()]
        while self.sees("+", "-"):
            minus = self.next().text == "-"
            term = self.term()
            terms.append(Negative(term) if minus else term)
        return Plus(tuple(terms)) if len(terms) > 1 else terms[0]

    def term(self) -> Node:
        """Read a product: with signs of multiplication and division, and factors that stand side by side."""
        start = self.at
        factor = self.signed()
        negative = isinstance(factor.node, Negative)  # the sign is that of the whole product
        factors: list[Node] = [factor.node.inner if isinstance(factor.node, Negative) else factor.node]
        slash = -1  # the index of a sign of division before the last factor
        while True:
            if self.sees("*", "/"):
                sign = self.next().text
                function = self.token.kind == "name" and self.token.text in FUNCTIONS
                if factor.shape == "bare" and not function:
                    self.after_function(factor, sign)
                slash = self.at - 1 if sign == "/" else -1
                factor = self.signed()
                factors.append(Inverse(factor.node) if sign == "/" else factor.node)
            elif self.begins_factor():
                factor = self.side_by_side(factor, start, slash)
                slash = -1
                factors.append(factor.node)
            else:
                node = Times(tuple(factors)) if len(factors) > 1 else factors[0]
                return Negative(node) if negative else node

    def begins_factor(self) -> bool:
        return self.token.kind in ("number", "name", "frac", "sum") or self.sees("(", "[", "{")

    def side_by_side(self, last: Factor, start: int, slash: int) -> Factor:
        """Read a factor that follows another without a sign, if that has one meaning."""
        token, here = self.token, self.at
        if token.kind == "number":
            self.next()
            self.fail(f"a number follows without a sign: {self.slice(last.start)}; write * or ^ or an index in braces")
        function = token.kind == "sum" or (token.kind == "name" and token.text in FUNCTIONS)
        if last.shape == "bare" and not function:
            self.after_function(last, "")
        exponent = last.shape == "raised" and not self.tex and not token.spaced
        factor = self.power()
        if exponent and token.kind == "name":
            base, power, new = self.slice(last.start, here - 1), self.slice(here - 1, here), self.slice(here)
            self.ambiguous(last.start, f"{base}{power}*{new}", f"{base}({power}*{new})")
        if slash >= 0 and last.shape != "closed":
            fraction = self.is_numeral_fraction(start, slash, here) and token.spaced
            if not (fraction and (function or self.tokens[here].text in ("(", "[", "e"))):
                top, bottom, new = self.slice(start, slash), self.slice(slash + 1, here), self.slice(here)
                self.ambiguous(start, f"({top}/{bottom})*{new}", f"{top}/({bottom}*{new})")
        return factor

    def is_numeral_fraction(self, start: int, slash: int, end: int) -> bool:
        """Whether the tokens up to `end` are a fraction such as 1/2, written without spaces, perhaps with a sign."""
        signs = sum(t.kind == "mark" and t.text in "+-" for t in self.tokens[start:slash])
        tight = not self.tokens[slash].spaced and not self.tokens[slash + 1].spaced
        numerals = self.tokens[slash - 1].kind == self.tokens[slash + 1].kind == "number"
        return tight and numerals and slash == start + signs + 1 and end == slash + 2

    def after_function(self, last: Factor, sign: str) -> NoReturn:
        """Refuse ``log a b``, ``log a/b``."""
        end = self.at - bool(sign)
        name, argument = self.tokens[last.start].text, self.slice(last.start + 1, end)
        new = self.slice_of_power()
        self.ambiguous(last.start, f"{name}({argument}){sign or '*'}{new}", f"{name}({argument}{sign or '*'}{new})")

    def slice_of_power(self) -> str:
        here = self.at
        self.power()
        return self.slice(here)

    def signed(self) -> Factor:
        depth, signs = self.depth, 0
        while self.sees("+", "-"):
            signs += self.next().text == "-"
            self.deeper()
        factor = self.power()
        self.depth = depth
        return factor._replace(node=Negative(factor.node)) if signs % 2 else factor

    def power(self) -> Factor:
        factor = self.atom()
        if factor.shape == "bare" or (self.tex and factor.shape == "call"):
            if self.sees("^") or self.token.kind == "sup":
                self.power_after_function(factor)
            return factor
        if self.token.kind == "sup":
            exponent = self.raised()
        elif self.sees("^"):
            self.next()
            exponent = self.exponent()
        else:
            return factor
        if self.sees("^") or self.token.kind == "sup":
            self.fail(f"two exponents: {self.slice(factor.start)}{self.token.text}; write parentheses")
        base = factor.node
        if self.token.kind == "sub" and isinstance(base, Name):  # \sigma^2_1
            base = self.with_index(base, factor.start)
        plain = self.tokens[self.at - 1].kind == "number"
        if plain and self.sees("/") and exponent == Number(Fraction(1)):
            what = self.slice(factor.start, factor.start + 1)
            self.next()
            new = self.slice_of_power()
            self.ambiguous(factor.start, f"({what}^1)/{new}", f"{what}^(1/{new})")
        shape = "closed" if factor.shape == "closed" else "raised" if plain else "other"
        return Factor(Power(base, exponent), shape, factor.start)

    def power_after_function(self, factor: Factor) -> NoReturn:
        r"""Refuse ``\log(a)^2`` and ``√a^2``."""
        here = self.at
        name, argument = self.tokens[factor.start].text, self.slice(factor.start + 1)
        if self.next().kind != "sup":
            self.exponent()
        self.ambiguous(
            factor.start,
            f"({self.slice(factor.start, here)}){self.slice(here)}",
            f"{name}({argument}{self.slice(here)})",
        )

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
        if token.kind == "name":
            return self.function() if token.text in FUNCTIONS else Factor(self.name(), "name", start)
        if self.sees("(", "["):
            return Factor(self.group(), "closed", start)
        if self.sees("{"):
            return Factor(self.bare_braces(), "closed", start)
        if token.kind == "end":
            self.fail("it ends too early")
        self.fail(f"it is not understood from here: {excerpt(self.text[token.start :])}")

    def numeral(self, text: str) -> Node:
        if "/" in text:
            top, bottom = text.split("/")
            return Times((Number(Fraction(top)), Inverse(Number(Fraction(bottom)))))
        return Number(number(text))

    def group(self) -> Node:
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
        if self.sees("(", "["):
            argument, shape = self.group(), "call"
            if isinstance(argument, Entries):
                self.fail(f"{function} takes one argument: {self.slice(start)}")
        elif function == "sqrt" and (self.sees("{") or self.tex):
            argument, shape = self.tex_argument(), "other"
        else:
            argument, shape = self.bare_argument(start), "bare"
        self.depth -= 1
        node: Node = Call(function, argument)
        return Factor(Power(node, power) if power else node, shape, start)

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
        if not (self.token.kind in ("number", "name", "frac") or self.sees("{")):
            self.fail(f"an argument is missing after {self.slice(start)}")
        if self.tokens[self.at - 1].text == "sqrt":
            return self.atom().node  # a root reaches over one number or name: the power of a root is ambiguous
        return self.power().node

    def total(self) -> Factor:
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
            elif token.kind != "sub" and above is None:
                above = token.text if token.kind == "sup" else self.upper_limit()
            else:
                self.fail(f"the limits of a sum are not understood: {self.slice(start)}")
        if below is None:
            self.fail(f"a sum has an index: \\sum_{{i=1}}^n, sum_i or Sum(..., (i, 1, n)), given: {self.slice(start)}")
        body = self.term()
        self.depth -= 1
        return Factor(Total(body, below[1], above), "other", start)

    def upper_limit(self) -> str:
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
