"""From expressions to marks on paper, in the order in which a textbook writes terms and factors."""

from __future__ import annotations

from fractions import Fraction as Rational
from string import ascii_lowercase

import sympy
from sympy import Add, Basic, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Symbol

from kl_symbolic.families import Support
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.statement import Laws, family_of
from kl_symbolic.render import binders
from kl_symbolic.render.layout import (
    COMMA,
    EQUALS,
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
    number,
    raised,
    raised_already,
    row,
)
from kl_symbolic.render.notation import Look, Notation
from kl_symbolic.render.order import common_factor, factor_key, in_order, is_below, sign

ONE, FACTORIAL = number(1), Mark("!", "postfix")
LOWER = frozenset(ascii_lowercase)  # the letters for which there is a bold one


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
        self.letters: dict[Basic, tuple[str, Layout | None]] = {}  # law -> P or Q, and the coordinate
        for letter, law in (("Q", laws.q), ("P", laws.p)):  # P last: it gives the name when both are equal
            if law is not None:
                self.letters[law] = (letter, None)
                if isinstance(law, lang.ProductLaw):
                    self.letters[law.args[0]] = (letter, self.expression(law.args[1]))

    def expression(self, e: Basic) -> Layout:
        """Return the layout of an expression."""
        match e:
            case Add():
                return row(*self._join(self.terms(e)))
            case Mul():
                return self._product(e)
            case Pow():
                return self._power(e.args[0], e.args[1])
            case sympy.Rational():
                return self._signed(bool(e < 0), self._rational(Rational(int(abs(e.p)), int(e.q))))
            case Symbol() | Indexed():
                return self._symbol(e)
            case IndexedBase():
                written = self.notation.look(str(e.label)).at(None)
                return Bold(written.tex) if isinstance(written, Mark) and written.tex in LOWER else written
            case sympy.pi:
                return Mark(r"\pi")
            case lang.Sqrt():
                return self._root(e.args[0])
            case lang.Exp():
                return self._exponential(e.args[0])
            case lang.Log():
                inside = self.expression(e.args[0])
                simple = isinstance(inside, Mark | Script | Fraction) or isinstance(e.args[0], lang.Density)
                simple = simple and not (isinstance(inside, Script) and isinstance(inside.base, Fence))
                return Apply(self.notation.log_mark, inside, fenced=not simple)
            case lang.Factorial():
                inside = self._fenced(e.args[0])
                return row(Fence(inside) if isinstance(inside, Row) or raised_already(inside) else inside, FACTORIAL)
            case lang.Density():
                return self._density(*e.args)
            case lang.Integral():
                return self._integral(e)
            case lang.Sum() | lang.Product():
                body, i, size = e.args
                sign_of = r"\sum" if isinstance(e, lang.Sum) else r"\prod"
                return binders.total(sign_of, self._fenced(body), self.expression(i), self.expression(size))
            case lang.KL():
                return Apply(self.notation.kl_mark, self._pair(e, Mark(r"\|", "operator")), True)
            case lang.Entropy() | lang.CrossEntropy():
                return Apply(Mark("H"), self._pair(e, COMMA), True)
            case lang.Diff():
                return binders.derivative(self._fenced(e.args[0]), self.expression(e.args[1]))
            case lang.Vector():
                return Column(tuple(map(self.expression, e.args)))
            case lang.Law() | lang.ProductLaw():
                return self._law(e)
        raise TypeError(f"no layout for {type(e).__name__}")

    def equation(self, left: Basic, right: Basic) -> Layout:
        """Return left = right."""
        return row(self.expression(left), EQUALS, self.expression(right))

    def terms(self, e: Basic) -> list[tuple[bool, Layout]]:
        """Return the terms of a sum as (negative, layout of the absolute value), in textbook order.

        A number that all of three or more terms share is put in front: then there is one term.
        """
        if not isinstance(e, Add):
            negative, positive = sign(e)
            return [(negative, self.expression(positive))]
        factor = common_factor(e)
        if factor is not None:
            body = row(*self._join(self._sorted_terms(Add(*(t / factor for t in e.args)))))
            return [(bool(factor < 0), row(self._rational(Rational(int(abs(factor.p)), int(factor.q))), Fence(body)))]
        return self._sorted_terms(e)

    def _sorted_terms(self, e: Add) -> list[tuple[bool, Layout]]:
        return [(negative, self.expression(positive)) for negative, positive in map(sign, in_order(e))]

    def _join(self, terms: list[tuple[bool, Layout]]) -> list[Layout]:
        joined: list[Layout] = []
        for negative, layout in terms:
            leading = [MINUS] if negative else [PLUS] if joined else []
            joined += [*leading, layout]
        return joined

    def _product(self, e: Mul) -> Layout:
        negative, positive = sign(e)
        if negative:
            return row(MINUS, self.expression(positive))
        coefficient, rest = positive.as_coeff_Mul()
        factors = sorted((f for f in Mul.make_args(rest) if f != 1), key=factor_key)
        below = [1 / f for f in factors if is_below(f)]
        above = [f for f in factors if not is_below(f)]
        trailing: list[Expr] = []
        if not any(isinstance(f, lang.Density | lang.Product) for f in below):  # p(x)/q(x) stays a fraction
            trailing = [f for f in above if self._is_trailing(f)]
            above = [f for f in above if f not in trailing]
        if trailing and len(above) == 1 and isinstance(above[0], Add):
            trailing, above = [*trailing, above[0]], []  # p(x) (a + b)
            trailing.sort(key=factor_key)
        unit = len(below) == 1 and isinstance(below[0], lang.Log) and len(above) == 1 and isinstance(above[0], Add)
        if unit:  # 1/log 2 (a + b)
            trailing, above = [*above, *trailing], []
        top = self._factors(([Integer(coefficient.p)] if coefficient.p != 1 else []) + above)
        bottom = self._factors(([Integer(coefficient.q)] if coefficient.q != 1 else []) + below)
        first = [Fraction(top or ONE, bottom)] if bottom else [top] if top else []
        parts: list[Layout] = list(first)
        for factor in trailing:
            spaced = parts and isinstance(factor, lang.Density | lang.Diff)
            parts += [SPACE, self._fenced(factor)] if spaced else [self._fenced(factor)]
        return row(*parts)

    def _is_trailing(self, f: Basic) -> bool:
        """Whether a factor stands behind a fraction rather than in its numerator."""
        if isinstance(f, Symbol | Indexed):
            return self._look(f)[0].logarithm
        if isinstance(f, lang.Exp):
            return isinstance(self.expression(f), Apply)
        return isinstance(f, lang.Density | lang.Log | lang.Integral | lang.Sum | lang.Product | lang.Diff | lang.KL)

    def _factors(self, factors: list[Expr]) -> Layout | None:
        if not factors:
            return None
        if len(factors) == 1:
            return self.expression(factors[0])
        return row(*(self._fenced(f) for f in factors))

    def _power(self, base: Basic, exponent: Basic) -> Layout:
        if exponent.could_extract_minus_sign():
            return Fraction(ONE, self._power(base, -exponent) if exponent != -1 else self.expression(base))
        written = self._written_power(base, exponent)
        if written is not None:
            return written
        if isinstance(base, lang.Log):
            return Script(Fence(self.expression(base)), None, self.expression(exponent))
        if isinstance(base, lang.Exp):
            return self.expression(lang.Exp(base.args[0] * exponent))
        return raised(self._fenced(base), self.expression(exponent))

    def _written_power(self, base: Basic, exponent: Basic) -> Layout | None:
        """Write a power of a symbol; that of a variance is a power of the standard deviation."""
        if not isinstance(base, Symbol | Indexed) or not isinstance(exponent, Basic):
            return None
        look, coordinate = self._look(base)
        if look.logarithm:
            return None
        total = exponent * look.power
        return look.at(self.expression(total) if total != 1 else None, coordinate)

    def _root(self, inside: Basic) -> Layout:
        if isinstance(inside, Symbol | Indexed) and self._look(inside)[0].power > 1 and not self.literal:
            half = self._written_power(inside, sympy.Rational(1, 2))
            assert half is not None
            return half
        return Root(self.expression(inside))

    def _exponential(self, exponent: Basic) -> Layout:
        factor, rest = exponent.as_coeff_Mul()
        if isinstance(rest, Symbol | Indexed) and not self.literal:
            look, coordinate = self._look(rest)
            total = factor * look.power
            if look.logarithm and total.is_Integer:
                if total < 0:
                    return Fraction(ONE, self._exponential(-exponent))
                return look.at(self.expression(total) if total != 1 else None, coordinate)
        inside = self.expression(exponent)
        if isinstance(exponent, Add) or _contains_fraction(inside):
            return Apply(Mark(r"\exp", "function"), inside, True)
        return Script(Mark("e"), None, inside)

    def _symbol(self, symbol: Symbol | Indexed) -> Layout:
        look, coordinate = self._look(symbol)
        plain = look.at(number(look.power) if look.power != 1 else None, coordinate)
        return Apply(self.notation.log_mark, plain, False) if look.logarithm else plain

    def _look(self, symbol: Symbol | Indexed) -> tuple[Look, Layout | None]:
        if isinstance(symbol, Indexed):
            return self.notation.look(str(symbol.base.label)), self.expression(symbol.indices[0])
        return self.notation.look(symbol.name), None

    def _density(self, law: Basic, x: Basic) -> Layout:
        if law not in self.letters:
            return row(Script(Mark("f"), self._law(law)), Fence(self.expression(x)))
        return row(self.notation.density(*self.letters[law]), Fence(self.expression(x)))

    def _law(self, law: Basic) -> Layout:
        if law in self.letters:
            return self.notation.law(*self.letters[law])
        inner = law.args[0] if isinstance(law, lang.ProductLaw) else law
        arguments = self._separated([self.expression(a) for a in inner.args[1:]])
        return Apply(Mark(rf"\mathrm{{{lang.name_of(inner.args[0])}}}", "function"), row(*arguments), True)

    def _pair(self, head: Expr, separator: Mark) -> Layout:
        first, *second = head.args
        return row(self._law(first), *(part for law in second for part in (separator, self._law(law))))

    def _integral(self, e: Expr) -> Layout:
        law = self.expectation_under(e)
        if law is not None:
            body = Mul(*(f for f in Mul.make_args(e.args[0]) if f != lang.Density(law, e.args[1])))
            return binders.expectation(self._law(law), self.expression(body))
        body, x, support, size = e.args
        coordinates = self.expression(size) if isinstance(x, IndexedBase) else None
        return binders.integral(self._fenced(body), self.expression(x), Support(lang.name_of(support)), coordinates)

    def expectation_under(self, e: Basic) -> Basic | None:
        """Return the law under which an integral is written as an expectation, if it is.

        One of the integrand's factors is the density of that law, and the integral is over all that the law is on.
        """
        if not (self.notation.expectation and isinstance(e, lang.Integral)):
            return None
        body, x, support, size = e.args
        factors = Mul.make_args(body)
        for law in self.letters:
            coordinates = law.args[2] if isinstance(law, lang.ProductLaw) else Integer(1)
            everywhere = lang.name_of(support) == family_of(law).support.value and size == coordinates
            if everywhere and len(factors) > 1 and lang.Density(law, x) in factors:
                return law
        return None

    def _fenced(self, e: Basic) -> Layout:
        inside = self.expression(e)
        return Fence(inside) if isinstance(e, Add) or sign(e)[0] else inside

    def _rational(self, value: Rational) -> Layout:
        top = number(value.numerator)
        return top if value.denominator == 1 else Fraction(top, number(value.denominator))

    def _signed(self, negative: bool, layout: Layout) -> Layout:
        return row(MINUS, layout) if negative else layout

    def _separated(self, items: list[Layout]) -> list[Layout]:
        return [part for k, item in enumerate(items) for part in ([COMMA, item] if k else [item])]


def _contains_fraction(layout: Layout) -> bool:
    items = getattr(layout, "items", ())
    return isinstance(layout, Fraction) or any(_contains_fraction(i) for i in items)
