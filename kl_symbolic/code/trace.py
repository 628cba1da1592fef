"""From terms to straight-line code.

Subtraction is what loses digits. So a difference of two parameters is taken as it is, one of two products with their
rounding errors, common terms are left out first; and where a function grows as an exponential does, what the rounding
of a difference in its argument changes is put back by its derivative.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction

from kl_symbolic.code.operations import Operation, argument, call, constant, is_power_of_two
from kl_symbolic.code.program import BUILT_IN, LOGARITHM_OF, OF_DIFFERENCE, ORDER, WRITER
from kl_symbolic.errors import KLError
from kl_symbolic.functions import find_function
from kl_symbolic.terms import Namespace, Number, Term, add, addends, coefficient, factors, mul, power

FORMULAS = Namespace()
MOST_REPEATED = 30  # of a power that is multiplied out


class Tracer:
    """Write terms down as operations.

    Parameters
    ----------
    arguments
        The names of what may stand in the terms: symbols, or coordinates of vectors.
    values
        The code of what else may.
    """

    def __init__(self, arguments: Mapping[Term, str], values: Mapping[Term, Operation] | None = None) -> None:
        self.arguments = arguments
        self.known: dict[Term, Operation] = dict(values or {})

    def node(self, term: Term) -> Operation:
        """Return the code of a term.

        Examples
        --------
        >>> from kl_symbolic.terms import Symbol
        >>> x, y = Symbol("x"), Symbol("y")
        >>> Tracer({x: "x", y: "y"}).node((x - y) ** 2 / (2 * y))
        (x - y)*((x - y)/(2.0*y))
        """
        if term not in self.known:
            self.known[term] = self._node(term)
        return self.known[term]

    def _node(self, term: Term) -> Operation:
        if term in self.arguments:
            return argument(self.arguments[term])
        match term:
            case Number(value):
                return constant(value)
            case Term("Add"):
                return self._sum(term)
            case Term("Mul"):
                return self._quotient(factors(term))
            case Term("pow", (_, Number(value))) if value < 0:
                return self._quotient((term,))
            case Term("pow", (base, exponent)):
                return self._power(base, exponent)
            case Term("log", (Term(head, args),)) if (known := find_function(head)) and known.log_program:
                return call(LOGARITHM_OF + head, *map(self.node, args))
            case Term("polygamma", (Number(order), u)):
                return call(f"{ORDER}{order}", self.node(u))
        return self._function(term)

    def _function(self, term: Term) -> Operation:
        function = find_function(term.head)
        if function is None:
            raise KLError(f"no program computes {term}")
        args = term.args
        if not args or term.head in ("sqrt", "abs"):
            # A constant keeps its name, for there may be more digits than those of a float.
            return getattr(WRITER, term.head)(self.node(args[0])) if args else call(term.head)
        if term.head not in BUILT_IN and function.program is None:
            if function.definition is None:
                raise KLError(f"no program computes the {function.title}")
            return self.node(function.definition(FORMULAS, *args))
        if function.gap:
            x, a = args
            return call(term.head, self.node(x), self.node(a), self.difference(x, a))
        if function.rapid and function.derivatives[0] and (pair := self._exact_difference(args[0])):
            return call(term.head + OF_DIFFERENCE, *pair)
        return call(term.head, *map(self.node, args))

    def difference(self, x: Term, a: Term) -> Operation:
        """Return x - a, keeping the digits of small differences where that can be.

        Examples
        --------
        >>> from kl_symbolic.terms import Symbol
        >>> x, y = Symbol("x"), Symbol("y")
        >>> Tracer({x: "x", y: "y"}).difference(1 + x * y, 1 + x)
        x*(y - 1.0)
        """
        x, a = _without_common_terms(x, a)
        shared, x, a = _common_factors(x, a)
        gap = self._plain_difference(x, a)
        return gap if shared is Number(1) else self.node(shared) * gap

    def _plain_difference(self, x: Term, a: Term) -> Operation:
        if x is Number(0):
            return -self.node(a)
        if a is Number(0):
            return self.node(x)
        match x, a:
            case Term("pow", (base, Number(e))), Term("pow", (other, Number(f))) if e == f == 2:  # noqa: PLR2004 - squares
                return self.difference(base, other) * self.node(base + other)
            case Term("exp", (u,)), Term("exp", (v,)):
                return self.node(Term("exp", v)) * self.node(Term("expm1", u - v))
        parts = [factors(one) for one in (x, a)]
        exact = all(self._is_exact(factor) for one in parts for factor in one)
        if exact and max(map(len, parts)) == 2:  # noqa: PLR2004 - two factors
            return call("difference_of_products", *(self.node(f) for one in parts for f in (*one, Number(1))[:2]))
        if exact and sorted(map(len, parts)) == [1, 3]:
            (triple, (other,)) = sorted(parts, key=len, reverse=True)
            found = call("triple_product_difference", *map(self.node, (*triple, other)))
            return found if triple is parts[0] else -found
        return self.node(x) - self.node(a)

    def _is_exact(self, term: Term) -> bool:
        return term in self.arguments or isinstance(term, Number)

    def _exact_difference(self, term: Term) -> tuple[Operation, Operation] | None:
        """Return two numbers without rounding errors whose difference a term is, if it is one."""
        match [coefficient(part) for part in addends(term)]:
            case [(c, x), (d, a)] if (
                self._is_exact(x) and self._is_exact(a) and is_power_of_two(c) and is_power_of_two(d)
            ):
                return self.node(mul(c, x)), self.node(mul(-d, a))
        return None

    def _sum(self, term: Term) -> Operation:
        """Return a sum in its order, the terms with a minus sign subtracted; one of two terms as a difference."""
        match addends(term):
            case (x, minus) if coefficient(minus)[0] < 0 <= coefficient(x)[0]:
                return self.difference(x, mul(-1, minus))
            case (minus, x) if coefficient(minus)[0] < 0 <= coefficient(x)[0]:
                return self.difference(x, mul(-1, minus))
        added = [part for part in addends(term) if coefficient(part)[0] >= 0]
        subtracted = [mul(-1, part) for part in addends(term) if coefficient(part)[0] < 0]
        value = self.node(added[0]) if added else -self.node(subtracted.pop(0))
        for part in added[1:]:
            value = value + self.node(part)
        for part in subtracted:
            value = value - self.node(part)
        return value

    def _quotient(self, parts: tuple[Term, ...]) -> Operation:
        """Return a product, with all that stands below as one divisor."""
        number = Fraction(1)
        above, below = [], []
        for part in parts:
            match part:
                case Number(value):
                    number *= value
                case Term("pow", (base, Number(value))) if value < 0:
                    below.append(power(base, -value))
                case _:
                    above.append(part)
        if number < 0:
            return -self._quotient((Number(-number), *above, *(power(one, -1) for one in below)))
        for place, part in enumerate(above):
            match part:
                case Term("pow", (base, Number(value))) if value == 2 and len(above) + len(below) > 1:  # noqa: PLR2004
                    # The square alone may be too large, or too small.
                    others = (base, *above[:place], *above[place + 1 :], *(power(one, -1) for one in below))
                    return self.node(base) * self._quotient((*others, Number(number)))
        top = self._times(([Number(number.numerator)] if number.numerator != 1 else []) + above)
        bottom = ([Number(number.denominator)] if number.denominator != 1 else []) + below
        return top / self._times(bottom) if bottom else top

    def _times(self, parts: list[Term]) -> Operation:
        value = constant(1)
        for part in parts:
            value = value * self.node(part)
        return value

    def _power(self, base: Term, exponent: Term) -> Operation:
        match exponent:
            case Number(value) if value.denominator == 1 and 0 <= value <= MOST_REPEATED:
                return _repeated(self.node(base), int(value))
            case Number(value) if value.denominator == 2 and value > 0:  # noqa: PLR2004 - a square root
                root = Operation("sqrt", (self.node(base),))
                return root if value == Fraction(1, 2) else root * self._power(base, Number(value - Fraction(1, 2)))
        return call("exp", self.node(exponent) * call("log", self.node(base)))


def _repeated(factor: Operation, times: int) -> Operation:
    """Return a whole power by squares."""
    result = constant(1)
    while times:
        result = result * factor if times % 2 else result
        factor, times = factor * factor, times // 2
    return result


def _without_common_terms(x: Term, a: Term) -> tuple[Term, Term]:
    ours, theirs = Counter(addends(x)), Counter(addends(a))
    common = ours & theirs
    return add(*(ours - common).elements()), add(*(theirs - common).elements())


def _common_factors(x: Term, a: Term) -> tuple[Term, Term, Term]:
    ours, theirs = Counter(factors(x)), Counter(factors(a))
    common = ours & theirs
    return tuple(mul(*one.elements()) for one in (common, ours - common, theirs - common))  # type: ignore[return-value]
