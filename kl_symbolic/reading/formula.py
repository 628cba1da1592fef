r"""Read a formula as people write it into the language of derivations. Nothing is evaluated as code.

Plain text, Unicode, the syntax of Python and SymPy, LaTeX, and SymPy expressions are recognised by themselves. Every
side of an equation is read but for names on the left: ``KL(P || Q) = ...``; the minus sign of ``-KL = ...`` is moved.
Decimals are exact: 0.5 is 1/2. Nothing but numbers is worked out while a formula is read: ``x/x`` stays a quotient.

*Operators.* ``^`` and ``**`` are powers, from right to left; ``-a^2`` is -(a^2). Signs of multiplication may be left
out: ``2 sigma^2``, ``(a)(b)``, ``mu_1 sigma_1``. A number never follows without a sign.

*Functions.* ``log`` = ``ln``, ``log_2``, ``exp`` and ``e^``, ``sqrt`` and ``√``, ``square``; ``np.log``,
``tf.math.log``, ``K.exp``, and ``LN(...)`` of spreadsheets. Without parentheses a function reaches
over the next factor with its power: ``log sigma_1^2``. Another function or a sum may follow, ``log a log b``; anything
else is ambiguous: ``log a b``, ``log a/b``, ``√a^2``, in LaTeX also ``\log(a)^2``. In text ``log(a)^2`` is the power
of the logarithm, as in Python. There is no absolute value: ``log|sigma|`` is refused, since sigma is positive.

*Quotients.* What follows a quotient without a sign is ambiguous, ``1/2x``, ``a/b c``, unless the denominator is in
parentheses or braces, ``1/(2 s^2)(a + b)``, or a fraction of two numerals stands apart from a function, a sum or
a parenthesis: ``1/2 log(2 pi)``, ``-1/2 (a + b)``. ``x^2y``, ``x^1/2`` and ``e^x/2`` are ambiguous.

*Sums.* ``Sum(..., (i, 1, n))``, ``sum_i``, ``\sum_{i=1}^n``, ``∑ᵢ₌₁ⁿ`` run over the coordinates of a product; without
parentheses over the term that follows, up to the next + or -. Any letter may be the index, and within the sum it
numbers coordinates and is nothing else; one other letter may stand for n, and is reported. In ``sum(mu^2 - 1)``,
without an index, every parameter stands for its coordinate; this is reported, too.

*Names.* What ``symbols`` says comes first, then the parameters' own names, ``mu_1`` = ``\mu_1`` = ``μ₁``; then what
people call them, see `kl_symbolic.reading.names`: ``m1``, ``mean_p``, ``sd2``, ``σ_q``; 1, p, P is the first law, 2, q,
Q the second, and no index is needed where one law alone has the parameter. Where the parameter is a variance or a
log-variance, sigma is its standard deviation, and ``log sigma^2`` the log-variance. Every such name is reported.
Other letters (Cyrillic, full-width, mathematical) are refused by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sympy import Add, Basic, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational, Symbol, pi

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, Log, Sqrt, Sum, Vector
from kl_symbolic.proof.statement import COORDINATE, DIMENSION
from kl_symbolic.reading.arithmetic import add, multiply, power, rational, small_exponent
from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.names import EVERY, Meaning, Names
from kl_symbolic.reading.syntax import (
    Call,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Plus,
    Power,
    Reduction,
    Samples,
    Times,
    Total,
    walk,
)
from kl_symbolic.reading.syntax_sympy import tree_of

HEADS = (Add, Mul, Pow, Rational, Symbol, Indexed, IndexedBase, Log, Exp, Sqrt, Sum, Vector, type(pi))


@dataclass(frozen=True)
class Reading:
    """A formula as it was read.

    Attributes
    ----------
    expr
        In the inert language of `kl_symbolic.proof`.
    inferred
        What was taken for what: every name that is not the parameter's own, as written, and its meaning.
    """

    expr: Expr
    inferred: tuple[tuple[str, str], ...] = ()


def read_side(
    text: str | Basic,
    claim: Claim,
    symbols: Mapping[str, str] | None = None,
    tex: bool = False,
    exchanged: Collection[str] = (),
) -> Reading:
    """Read one side of an equation, of which `plain` has made a text.

    Raises
    ------
    RequestError
        If it is no formula in the parameters of the claim, too large, or has two meanings.

    Examples
    --------
    >>> read_side("log(sigma) + 0.5", Claim("entropy", "normal")).expr
    Log(sigma) + 1/2
    """
    try:
        node = tree(text, tex) if isinstance(text, str) else tree_of(text)
        names = Names(claim, symbols or {}, {part.upper for part in walk(node) if isinstance(part, Total)}, exchanged)
        expr = _Builder(names).whole(node)
    except RecursionError:
        raise RequestError("not a formula: it is nested too deep") from None
    return Reading(expr, tuple(names.inferred.items()))


class _Builder:
    """Give a tree its meaning."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.bound: str | None = None

    def whole(self, node: Node) -> Expr:
        parts = node.parts if isinstance(node, Entries) else (node,)
        read = [_checked(self.expression(part)) for part in parts]
        return Vector(*read) if isinstance(node, Entries) else read[0]

    def expression(self, node: Node) -> Expr:
        match node:
            case Number(value):
                return rational(value)
            case Name():
                return self.name(node, Integer(1))
            case Plus(terms):
                return add(self.expression(term) for term in terms)
            case Times(factors):
                return multiply(self.expression(factor) for factor in factors)
            case Negative(inner):
                return multiply((Integer(-1), self.expression(inner)))
            case Inverse(inner):
                return power(self.expression(inner), Integer(-1))
            case Power(base, exponent):
                return self.power(base, exponent)
            case Call(function, argument):
                return self.call(function, argument)
            case Total():
                return self.total(node)
            case Entries():
                raise RequestError("not a formula: a list of formulas within a formula")
            case Reduction() | Samples():  # `axes` has put sums over coordinates in their place
                raise RequestError("not a formula: a sum or a mean over samples")

    def name(self, name: Name, exponent: Expr) -> Expr:
        """Return what a name stands for, to a rational power."""
        word = name.spelling
        if word == self.bound and name.coordinate is None:
            raise RequestError(
                f"the index {word} of a sum numbers coordinates, as in mu[{word}]; it cannot stand alone"
            )
        if name.coordinate is None and not name.called and word not in self.names.symbols:
            if word == "pi":
                return power(pi, exponent)
            if self.names.is_dimension(word):
                return power(DIMENSION, exponent)
        if self.is_e(name):
            if name.called:
                raise RequestError(f"not a formula: {name.written}(...) is no function; write e^(...) or exp(...)")
            return Exp(exponent)
        meaning = self.names.find(name, self.bound)
        return power(meaning.symbol, exponent) if _is_plain(meaning) else meaning.to(small_exponent(exponent))

    def power(self, base: Node, exponent: Node) -> Expr:
        raised = self.expression(exponent)
        if isinstance(base, Name):
            if self.is_e(base):
                return Exp(raised)
            if isinstance(raised, Rational):
                return self.name(base, raised)
        return power(self.expression(base), raised)

    def is_e(self, name: Name) -> bool:
        """Whether a name is the base of the exponential."""
        plain = name.coordinate is None and name.spelling in ("e", "E")
        return plain and name.spelling != self.bound and not self.names.knows(name)

    def call(self, function: str, argument: Node) -> Expr:
        if function == "exp":
            return Exp(self.expression(argument))
        if function == "sqrt":
            return Sqrt(self.expression(argument))
        inside = self.logarithm(argument)
        return inside if function == "log" else multiply((inside, power(Log(Integer(2)), Integer(-1))))

    def logarithm(self, argument: Node) -> Expr:
        """Return a logarithm; that of a power of sigma is a log-variance where there is one."""
        base, exponent = (argument.base, argument.exponent) if isinstance(argument, Power) else (argument, None)
        if isinstance(base, Name):
            value = Integer(1) if exponent is None else self.expression(exponent)
            meaning = self.names.find(base, self.bound) if self.names.knows(base, self.bound) else None
            if meaning is not None and meaning.logarithm and isinstance(value, Rational):
                return Mul(meaning.symbol, small_exponent(value) / meaning.power)
        return Log(self.expression(argument))

    def total(self, node: Total) -> Expr:
        size = self.names.size
        if size is None:
            raise RequestError("a sum is over the coordinates of a product, and these laws are none")
        if self.bound is not None:
            raise RequestError("not a formula: a sum within a sum")
        if not (node.upper is None or node.upper == str(size) or self.names.is_dimension(node.upper)):
            raise RequestError(f"a sum over the coordinates is from 1 to {size}, given: {node.upper[:20]}")
        if node.index is None:
            self.names.inferred.setdefault("sum(...)", "the sum over the coordinates")
        self.bound = EVERY if node.index is None else node.index
        body = self.expression(node.body)
        self.bound = None
        return Sum(body, COORDINATE, size)


def _is_plain(meaning: Meaning) -> bool:
    return meaning.power == 1 and not meaning.logarithm


def _checked(expr: Expr) -> Expr:
    """Refuse what arithmetic made of a formula that is none: infinities, numbers that are not real, giants."""
    left = [expr]
    while left:
        part = left.pop()
        if isinstance(part, IndexedBase):
            continue
        if not isinstance(part, HEADS):
            raise RequestError(f"a formula is not a real number: it holds {type(part).__name__}")
        if isinstance(part, Rational):
            rational(Fraction(int(part.p), int(part.q)))
        left += part.args
    return expr
