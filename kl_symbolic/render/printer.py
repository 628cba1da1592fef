"""From expressions to marks on paper, in the order in which a textbook writes terms and factors."""

from __future__ import annotations

from fractions import Fraction as Rational
from string import ascii_lowercase

from kl_symbolic.functions import Function, find_function
from kl_symbolic.proof.statement import Laws
from kl_symbolic.proof.supports import ends, scalar, support_of
from kl_symbolic.render import binders
from kl_symbolic.render.binders import Range
from kl_symbolic.render.layout import (
    BARS,
    COMMA,
    EQUALS,
    LETTERS,
    MINUS,
    PLUS,
    SPACE,
    Apply,
    Bold,
    Column,
    Fence,
    Fraction,
    Layout,
    Mark,
    Root,
    Row,
    Script,
    beginning,
    has_fraction,
    is_number,
    number,
    raised,
    raised_already,
    row,
)
from kl_symbolic.render.notation import Look, Notation
from kl_symbolic.render.order import APPLIED, common_factor, factor_key, in_order, inverse, is_below, kind, sign
from kl_symbolic.terms import Density, Number, Symbol, Term, add, addends, coefficient, factors, mul

ONE, HALF = number(1), Number(Rational(1, 2))
PRIME, SHOWN_PRIMES = Mark(r"\prime", "postfix"), 3
LOWER = frozenset(ascii_lowercase)  # the letters for which there is a bold one
SCALARS = ("Symbol", "Indexed")


class Printer:
    """Turn expressions of one derivation into layouts.

    Parameters
    ----------
    notation
        How symbols are written.
    laws
        The laws of the derivation: their densities are written p and q.
    literal
        Write the exponential of a log-variance as it is, not as a power of sigma.
    """

    def __init__(self, notation: Notation, laws: Laws, *, literal: bool = False) -> None:
        self.notation = notation
        self.literal = literal
        self.letters: dict[Term, tuple[str, Layout | None]] = {}  # law -> P or Q, and the coordinate
        for letter, law in (("Q", laws.q), ("P", laws.p)):  # P last: it gives the name when both are equal
            if law is not None:
                self.letters[law] = (letter, None)
                if law.head == "ProductLaw":
                    self.letters[law.args[0]] = (letter, self.expression(law.args[1]))

    def expression(self, e: Term) -> Layout:
        """Return the layout of an expression."""
        function = find_function(e.head)
        if function is not None:
            return self._function(function, e)
        match e:
            case Term("Add"):
                return row(*self._join(self.terms(e)))
            case Term("Mul"):
                return self._product(e)
            case Number(value):
                return row(MINUS, self._rational(-value)) if value < 0 else self._rational(value)
            case Symbol() | Term("Indexed"):
                return self._symbol(e)
            case Term("Array", (Symbol(name),)):
                written = self.notation.look(name).at(None)
                return Bold(written.tex) if isinstance(written, Mark) and written.tex in LOWER else written
            case Term("Density", (law, x)):
                return self._density(law, x)
            case Term("Integral"):
                return self._integral(e)
            case Term("Sum" | "Product", (body, i, size)):
                sign_of = r"\sum" if e.head == "Sum" else r"\prod"
                return binders.total(sign_of, self._fenced(body), self.expression(i), self.expression(size))
            case Term("KL"):
                return Apply(self.notation.kl_mark, self._pair(e, Mark(r"\|", "operator")), True)
            case Term("Entropy" | "CrossEntropy"):
                return Apply(Mark("H"), self._pair(e, COMMA), True)
            case Term("Diff", (body, x)):
                return binders.derivative(self._fenced(body), self.expression(x))
            case Term("Vector", entries):
                return Column(tuple(map(self.expression, entries)))
            case Term("Law" | "ProductLaw"):
                return self._law(e)
            case Term("Infinity"):
                return binders.INFINITE_END
        raise TypeError(f"no layout for {e.head}")

    def equation(self, left: Term, right: Term) -> Layout:
        """Return left = right."""
        return row(self.expression(left), EQUALS, self.expression(right))

    def terms(self, e: Term) -> list[tuple[bool, Layout]]:
        """Return the terms of a sum as (negative, layout of the absolute value), in textbook order.

        A number that all of three or more terms share is put in front: then there is one term.
        """
        if e.head != "Add":
            negative, positive = sign(e)
            return [(negative, self._fenced(positive))]
        factor = common_factor(e)
        if factor is not None:
            parts = (mul(coefficient(t)[0] / factor, coefficient(t)[1]) for t in e.args)
            body = row(*self._join(self._sorted_terms(add(*parts))))
            return [(factor < 0, row(self._rational(abs(factor)), Fence(body)))]
        return self._sorted_terms(e)

    def _sorted_terms(self, e: Term) -> list[tuple[bool, Layout]]:
        return [one for term in in_order(e) for one in self.terms(term)]

    def _join(self, terms: list[tuple[bool, Layout]]) -> list[Layout]:
        joined: list[Layout] = []
        for negative, layout in terms:
            leading = [MINUS] if negative else [PLUS] if joined else []
            joined += [*leading, layout]
        return joined

    def _product(self, e: Term) -> Layout:
        negative, positive = sign(e)
        if negative:
            return row(MINUS, self._fenced(positive))
        size = coefficient(positive)[0]
        others = sorted((f for f in factors(positive) if not isinstance(f, Number)), key=factor_key)
        if len(others) == 1 and others[0].head == "Mul":  # 1/2 (1/n a) is written as 1/(2n) a
            return self.expression(mul(size, others[0]))
        inverses = [(f, self._inverse(f)) for f in others]
        below = [one for _, one in inverses if one is not None]
        above = [f for f, one in inverses if one is None]
        trailing: list[Term] = []
        if not any(f.head in ("Density", "Product") for f in below):  # p(x)/q(x) stays a fraction
            trailing = [f for f in above if self._is_trailing(f)]
            above = [f for f in above if f not in trailing]
        if trailing and len(above) == 1 and above[0].head == "Add":
            trailing, above = [*trailing, above[0]], []  # p(x) (a + b)
            trailing.sort(key=factor_key)
        if len(below) == 1 and kind(below[0]) in APPLIED and len(above) == 1 and above[0].head == "Add":
            trailing, above = [*above, *trailing], []  # 1/log 2 (a + b)
        top = self._factors(([Number(size.numerator)] if size.numerator != 1 else []) + above)
        bottom = self._factors(([Number(size.denominator)] if size.denominator != 1 else []) + below)
        parts: list[Layout] = [Fraction(top or ONE, bottom)] if bottom else [top] if top else []
        if top and bottom and not below and has_fraction(top):
            parts = [Fraction(ONE, bottom), top]
        for factor in trailing:
            function = find_function(factor.head)
            word = function is not None and function.tex.startswith(r"\mathrm")
            spaced = parts and (word or factor.head in ("Density", "Diff"))
            parts += [SPACE, self._fenced(factor)] if spaced else [self._fenced(factor)]
        return row(*(parts or [ONE]))

    def _inverse(self, f: Term) -> Term | None:
        """Return the inverse of a factor that is written below a fraction bar: a power, or a log-variance's 1/sigma."""
        if is_below(f):
            return inverse(f)
        if kind(f) == "exponential" and not self.literal:
            factor, rest = coefficient(f.args[0])
            look = self._look(rest)[0] if rest.head in SCALARS else None
            if look and look.logarithm and factor < 0 and (factor * look.power).denominator == 1:
                return Term(f.head, mul(-1, f.args[0]))
        return None

    def _is_trailing(self, f: Term) -> bool:
        """Whether a factor stands behind a fraction rather than in its numerator."""
        if f.head in SCALARS:
            return self._look(f)[0].logarithm
        if kind(f) == "exponential":
            return isinstance(self.expression(f), Apply)
        function = find_function(f.head)
        if function is not None and function.value.positive:  # as a symbol would: the quotient of two gammas
            return False
        return kind(f) in ("Density", *APPLIED, "Integral", "Sum", "Product", "Diff", "KL")

    def _factors(self, side: list[Term]) -> Layout | None:
        """Write one side of a fraction, so that no digits meet others."""
        if not side:
            return None
        if len(side) == 1:
            return self.expression(side[0])
        first, *others = map(self._fenced, side)
        return row(first, *(Fence(one) if is_number(beginning(one)) else one for one in others))

    def _function(self, function: Function, e: Term) -> Layout:
        match function.style:
            case "letter":
                return Mark(function.tex)
            case "power":
                return self._power(e)
            case "root":
                return self._root(e.args[0])
            case "exponential":
                return self._exponential(function, e.args[0])
            case "bars":
                return Fence(self.expression(e.args[0]), BARS)
            case "postfix":
                inside = self._fenced(e.args[0])
                fenced = isinstance(inside, Row) or raised_already(inside)
                return row(Fence(inside) if fenced else inside, Mark(function.tex, "postfix"))
            case "order":
                return self._derivative_of(function, *e.args)
        inside = row(*self._separated(list(map(self.expression, e.args))))
        simple = isinstance(inside, Mark | Script | Fraction) or e.args[0].head == "Density"
        simple = simple and not (isinstance(inside, Script) and isinstance(inside.base, Fence))
        simple = simple or (isinstance(inside, Apply) and inside.fenced)  # log gamma(x)
        word = function.tex[1:].isalpha() and function.tex not in LETTERS  # log x, but erf(x)
        return Apply(self.notation.function_mark(function), inside, fenced=not (simple and word))

    def _derivative_of(self, function: Function, order: Term, at: Term) -> Layout:
        """Write a derivative with primes, or with its order in parentheses where that is no small number."""
        times = int(order.value) if isinstance(order, Number) and order.value.denominator == 1 else -1
        primes = 0 <= times <= SHOWN_PRIMES
        above = (row(*[PRIME] * times) if times else None) if primes else Fence(self.expression(order))
        name = self.notation.function_mark(function)
        return Apply(Script(name, None, above) if above else name, self.expression(at), fenced=True)

    def _power(self, e: Term) -> Layout:
        if is_below(e):
            return Fraction(ONE, self.expression(inverse(e)))
        base, exponent = e.args
        written = self._written_power(base, exponent)
        if written is not None:
            return written
        if kind(base) in APPLIED:
            return Script(Fence(self.expression(base)), None, self.expression(exponent))
        if kind(base) == "exponential":
            return self.expression(Term(base.head, add(*(mul(exponent, t) for t in addends(base.args[0])))))
        return raised(self._fenced(base), self.expression(exponent))

    def _written_power(self, base: Term, exponent: Term) -> Layout | None:
        """Write a power of a symbol; that of a variance is a power of the standard deviation."""
        if base.head not in SCALARS:
            return None
        look, coordinate = self._look(base)
        if look.logarithm:
            return None
        total = mul(look.power, exponent)
        return look.at(self.expression(total) if total is not Number(1) else None, coordinate)

    def _root(self, inside: Term) -> Layout:
        if inside.head in SCALARS and self._look(inside)[0].power > 1 and not self.literal:
            half = self._written_power(inside, HALF)
            assert half is not None
            return half
        return Root(self.expression(inside))

    def _exponential(self, function: Function, exponent: Term) -> Layout:
        factor, rest = coefficient(exponent)
        if rest.head in SCALARS and not self.literal:
            look, coordinate = self._look(rest)
            total = factor * look.power
            if look.logarithm and total.denominator == 1:
                if total < 0:
                    return Fraction(ONE, self._exponential(function, mul(-1, exponent)))
                return look.at(number(total.numerator) if total != 1 else None, coordinate)
        inside = self.expression(exponent)
        if exponent.head == "Add" or has_fraction(inside):
            return Apply(Mark(function.tex, "function"), inside, True)
        return Script(Mark("e"), None, inside)

    def _symbol(self, symbol: Term) -> Layout:
        look, coordinate = self._look(symbol)
        plain = look.at(number(look.power) if look.power != 1 else None, coordinate)
        return Apply(self.notation.log_mark, plain, False) if look.logarithm else plain

    def _look(self, symbol: Term) -> tuple[Look, Layout | None]:
        if symbol.head == "Indexed":
            array, index = symbol.args
            return self.notation.look(str(array)), self.expression(index)
        return self.notation.look(str(symbol)), None

    def _density(self, law: Term, x: Term) -> Layout:
        known = law in self.letters
        name = self.notation.density(*self.letters[law]) if known else Script(Mark("f"), self._law(law))
        return row(name, Fence(self.expression(x)))

    def _law(self, law: Term) -> Layout:
        if law in self.letters:
            return self.notation.law(*self.letters[law])
        inner = law.args[0] if law.head == "ProductLaw" else law
        arguments = self._separated([self.expression(a) for a in inner.args[1:]])
        return Apply(Mark(rf"\mathrm{{{inner.args[0]}}}", "function"), row(*arguments), True)

    def _pair(self, head: Term, separator: Mark) -> Layout:
        first, *second = head.args
        return row(self._law(first), *(part for law in second for part in (separator, self._law(law))))

    def _integral(self, e: Term) -> Layout:
        law = self.expectation_under(e)
        if law is not None:
            others = list(factors(e.args[0]))
            others.remove(Density(law, e.args[1]))
            return binders.expectation(self._law(law), self.expression(mul(*others)))
        body, x, support, size = e.args
        coordinates = self.expression(size) if x.head == "Array" else None
        return binders.integral(self._fenced(body), self.expression(x), self._range(support), coordinates)

    def space(self, law: Term) -> Layout:
        """Return the set on which a law, or a coordinate of it, lives."""
        return self._range(support_of(scalar(law))).space

    def _range(self, support: Term) -> Range:
        lower, upper, discrete = ends(support)
        first, last = (None if end is None else self.expression(end) for end in (lower, upper))
        return Range(first, last, discrete)

    def expectation_under(self, e: Term) -> Term | None:
        """Return the law under which an integral is written as an expectation, if it is.

        One of the integrand's factors is the density of that law, and the integral is over all that the law is on.
        """
        if not (self.notation.expectation and e.head == "Integral"):
            return None
        body, x, support, size = e.args
        for law in self.letters:
            coordinates = law.args[2] if law.head == "ProductLaw" else Number(1)
            everywhere = support is support_of(law) and size is coordinates
            if everywhere and body.head == "Mul" and Density(law, x) in body.args:
                return law
        return None

    def _fenced(self, e: Term) -> Layout:
        inside = self.expression(e)
        return Fence(inside) if e.head == "Add" or sign(e)[0] else inside

    def _rational(self, value: Rational) -> Layout:
        top = number(value.numerator)
        return top if value.denominator == 1 else Fraction(top, number(value.denominator))

    def _separated(self, items: list[Layout]) -> list[Layout]:
        return [part for k, item in enumerate(items) for part in ([COMMA, item] if k else [item])]
