r"""The grammar of formulas as people write them, for text and LaTeX alike.

SymPy's LaTeX parsers were tried and do not serve: see the figures in the docstring of `tree`. The rules where
mathematics on paper is ambiguous are in `kl_symbolic.reading.formula`; what is ambiguous is refused with both readings.
"""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, NoReturn

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import BAR, NORM
from kl_symbolic.reading.atoms import Atoms
from kl_symbolic.reading.bars import Factor
from kl_symbolic.reading.matrices import without_matrices
from kl_symbolic.reading.syntax import (
    FUNCTIONS,
    SQUARE,
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
    walk,
)
from kl_symbolic.reading.tokens import excerpt

NUMBERED = ("(", "number", ")")


def tree(text: str, tex: bool = False) -> Node:
    r"""Parse a formula, written as LaTeX or not.

    A small parser by hand reads text and LaTeX from one stream of tokens. SymPy 1.14's ``parse_latex`` with
    ``backend="lark"`` was measured first. Of the 37 closed forms that we print it reads 9, and 4 of these only as a set
    of possible trees; environments, ``\big(``, ``\lambda_{1,i}`` and ``2\pi`` are errors. It takes ``x_12`` for 2 x and
    ``\log a b`` for log(a b) without a word, 0.1 for a float and ``\exp(\log(x))`` for x. The median of the 37 takes
    0.4 s (here 0.01 s), 40 nested parentheses take 2 s, and it evaluates ``9^{9^{9^9}}`` without end.

    Examples
    --------
    >>> tree("2 x") == tree("2*x") == tree(r"2 \, x", tex=True)
    True
    """
    return parsed(text, tex).node


class Parsed(NamedTuple):
    """A formula as a tree, and what was done to read it."""

    node: Node
    notes: tuple[str, ...] = ()


def parsed(text: str, tex: bool = False) -> Parsed:
    r"""Parse a formula as `tree` does, and say what was done to read it.

    Examples
    --------
    >>> parsed(r"\log 2\pi\sigma^2", tex=True).notes
    ('\\log 2\\pi\\sigma^2 is read as \\log(2\\pi\\sigma^2)',)
    """
    parser = _Parser(text, tex)
    node = without_matrices(parser.whole(), parser.note)
    return Parsed(node, tuple(parser.notes))


class _Parser(Atoms):
    """Recursive descent: sum, term, factor with its sign, power, atom."""

    def __init__(self, text: str, tex: bool) -> None:
        super().__init__(text, tex)
        self.samples: set[str] = set()  # the letters that number them

    def whole(self) -> Node:
        node = self.entries()
        indices = {part.index for part in walk(node) if isinstance(part, Total)}
        if len(self.samples) > 1 or self.samples & indices:
            letters = " and ".join(f"({letter})" for letter in sorted(self.samples))
            self.fail(f"the superscripts {letters} number samples, and a sum or another of them does, too")
        return node

    def entries(self) -> Node:
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
                if factor.shape == "bare" and not self.ends_argument_of(factor):
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
        bar = self.sees(BAR, NORM) and self.token.text != self.bars
        return self.token.kind in ("number", "name", "frac", "sum", "prod") or self.sees("(", "[", "{") or bar

    def side_by_side(self, last: Factor, start: int, slash: int) -> Factor:
        """Read a factor that follows another without a sign, if that has one meaning."""
        token, here = self.token, self.at
        if token.kind == "number":
            self.next()
            self.fail(f"a number follows without a sign: {self.slice(last.start)}; write * or ^ or an index in braces")
        number = 0 if last.start == 0 and here == len(NUMBERED) else here
        if token.spaced and self.is_number_of_equation(number):
            self.fail(f"ambiguous: {self.slice(number, number + 3)} may be a factor or the number of the equation")
        if token.text == "[" and not token.spaced and self.is_subscript(here):
            raise RequestError(f"ambiguous: {self.slice(here, here + 3)} may be a factor or number a part; write *")
        function = token.kind in ("sum", "prod") or (token.kind == "name" and token.text in FUNCTIONS)
        if last.shape == "bare" and not self.ends_argument_of(last):
            self.after_function(last, "")
        exponent = last.shape == "raised" and not self.tex and not token.spaced
        factor = self.power()
        if exponent and token.kind == "name":
            base, power, new = self.slice(last.start, here - 1), self.slice(here - 1, here), self.slice(here)
            self.ambiguous(last.start, f"{base}{power}*{new}", f"{base}({power}*{new})")
        if slash >= 0 and last.shape != "closed":
            top, bottom, new = self.slice(start, slash), self.slice(slash + 1, here), self.slice(here)
            if not (self.is_numeral_fraction(start, slash, here) and token.spaced):
                self.ambiguous(start, f"({top}/{bottom})*{new}", f"{top}/({bottom}*{new})")
            if not (function or self.tokens[here].text in ("(", "[", "{", "e")):
                self.note(f"{self.slice(start)} is read as ({top}/{bottom})*{new}")
        return factor

    def ends_argument_of(self, function: Factor) -> bool:
        """Whether the token cannot belong to the argument of the function before it: ``log a log b``, ``√2 √a``."""
        if self.token.kind == "sum":
            return True
        word = FUNCTIONS.get(self.token.text, "") if self.token.kind == "name" else ""
        return word.startswith("log") or (word != "" and self.tokens[function.start].text == "sqrt")

    def is_subscript(self, at: int) -> bool:
        """Whether a number stands alone in brackets."""
        kinds = tuple(t.text if t.kind == "mark" else t.kind for t in self.tokens[at : at + 3])
        return kinds == ("[", "number", "]")

    def is_number_of_equation(self, at: int) -> bool:
        """Whether there is a number alone in parentheses, at the beginning or the end of the formula."""
        kinds = tuple(t.text if t.kind == "mark" else t.kind for t in self.tokens[at : at + len(NUMBERED)])
        return kinds == NUMBERED and (at == 0 or self.tokens[at + len(NUMBERED)].kind == "end")

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
        factor = self.raised_power()
        variable = self.drop_variable(factor)
        match factor.node:
            case Power(Name() as base, exponent) if variable:
                return factor._replace(node=Power(replace(base, variable=variable), exponent))
        return factor

    def raised_power(self) -> Factor:
        factor = self.atom()
        if self.tex and isinstance(factor.node, Name) and self.sees("^"):
            factor = self.numbered(factor, factor.node)
        if factor.shape in ("bare", "trace") or (self.tex and factor.shape == "call"):
            if self.sees("^") or self.token.kind == "sup":
                self.power_after_function(factor)
            return factor
        caret = self.at
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
        elif isinstance(base, Call) and base.function == "norm" and self.token.text == "2":
            self.next()  # \|\mu\|^2_2
        plain = self.tokens[self.at - 1].kind == "number"
        exponential = not self.tex and isinstance(base, Name) and base.spelling in ("e", "E")
        last = self.tokens[self.at - 1]
        doubtful = (plain and exponent == Number(Fraction(1))) or (exponential and last.text not in (")", "]", "}"))
        if doubtful and last.kind != "sup" and self.sees("/"):
            end = self.at
            what, over = self.slice(caret + 1, end), self.next().text
            new = self.slice_of_power()
            whole, head = self.slice(factor.start, end), self.slice(factor.start, caret)
            self.ambiguous(factor.start, f"({whole}){over}{new}", f"{head}^({what}{over}{new})")
        shape = "closed" if factor.shape == "closed" else "raised" if plain else "other"
        return Factor(Power(base, exponent), shape, factor.start)

    def numbered(self, factor: Factor, base: Name) -> Factor:
        r"""Step over the superscript of ``\mu^{(i)}``, which numbers the sample; ``\sigma^{(i)2}`` is a square."""
        ahead = self.tokens[self.at + 1 : self.at + 8]
        texts = [token.text for token in ahead]
        if texts[:2] != ["{", "("] or texts[3:4] != [")"]:
            return factor
        number = texts[2]
        if ahead[2].kind == "number":
            self.fail(f"ambiguous: {base.written}^{{({number})}} may be a power or the name of another parameter")
        power = texts[5 if texts[4:5] == ["^"] else 4 :][:2]
        square = power == ["2", "}"]
        if not (re.fullmatch("[a-z]", number) and base.spelling not in ("e", "pi") and (square or power[0] == "}")):
            return factor
        self.samples.add(number)
        self.note(f"the superscript ({number}) numbers the sample")
        self.at += 5 if not square else 7 if texts[4] == "^" else 6
        self.next()
        name = self.with_index(base, factor.start)
        return Factor(Power(name, SQUARE), "closed", factor.start) if square else factor._replace(node=name)

    def power_after_function(self, factor: Factor) -> NoReturn:
        r"""Refuse ``\log(a)^2``, ``√a^2`` and ``tr(A)^2``."""
        here = self.at
        name, argument = self.tokens[factor.start].text, self.slice(factor.start + 1)
        if self.next().kind != "sup":
            self.exponent()
        self.ambiguous(
            factor.start,
            f"({self.slice(factor.start, here)}){self.slice(here)}",
            f"{name}({argument}{self.slice(here)})",
        )
