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

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sympy import Add, Basic, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational, Symbol, pi

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, Log, ProductLaw, Sqrt, Sum, Vector
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.proof.statement import COORDINATE, laws
from kl_symbolic.reading.arithmetic import add, multiply, power, rational, small_exponent
from kl_symbolic.reading.axes import Plain, getters, plain_sums
from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.names import EVERY, Meaning, Names
from kl_symbolic.reading.spelling import spelled
from kl_symbolic.reading.symbols import Symbols
from kl_symbolic.reading.syntax import (
    Call,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Own,
    Plus,
    Power,
    Reduction,
    Samples,
    Size,
    Times,
    Total,
)
from kl_symbolic.reading.syntax_sympy import tree_of

MOST_WRITTEN_OUT = 100  # terms of a sum over a number of coordinates
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
    notes
        What else was done to read it.
    names
        Every name as written, and what it stands for.
    """

    expr: Expr
    inferred: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    names: tuple[tuple[str, Meaning], ...] = ()


def parsed(text: str | Basic, tex: bool = False) -> Node:
    """Return the tree of a text, of which `plain` has made a line, or of a SymPy expression.

    Raises
    ------
    RequestError
        If it is no formula.
    """
    try:
        return tree(text, tex) if isinstance(text, str) else tree_of(text)
    except RecursionError:
        raise RequestError("not a formula: it is nested too deep") from None


def read_together(
    nodes: Sequence[Node], claim: Claim, symbols: Mapping[str, str] | None = None, exchanged: Collection[str] = ()
) -> list[Reading | RequestError]:
    """Read formulas that belong together, such as the sides of an equation: their names mean the same.

    Parameters
    ----------
    nodes
        The trees of the formulas.
    claim
        Whose parameters the names stand for.
    symbols
        Names of one's own.
    exchanged
        Indices that stand for the other law.

    Returns
    -------
    list of Reading or RequestError
        For each formula, in their order.

    Raises
    ------
    RequestError
        If what is said of the names makes no sense.

    Examples
    --------
    >>> node = parsed("log(sigma) + 0.5")
    >>> read_together([node], Claim("entropy", "normal"))[0].expr
    Log(sigma) + 1/2
    """
    said = Symbols(symbols or {})
    product = isinstance(laws(claim).p, ProductLaw)
    families = [member.family for member in free_laws(claim).values()]

    def varies(name: Name) -> bool:
        return any(spelled(name.spelling, family) for family in families)

    plain: list[Plain | RequestError] = []
    for node in nodes:
        try:
            owned = said.put_into(node, product=product)
            plain.append(plain_sums(getters(owned, varies), varies, product=product))
        except RequestError as refusal:
            plain.append(refusal)
    names = Names(claim, [one.node for one in plain if isinstance(one, Plain)], exchanged)
    return [one if isinstance(one, RequestError) else _read(one, names) for one in plain]


def _read(plain: Plain, names: Names) -> Reading | RequestError:
    names.inferred, names.found = {}, {}
    try:
        expr = _Builder(names).whole(plain.node)
    except RequestError as refusal:
        return refusal
    except RecursionError:
        return RequestError("not a formula: it is nested too deep")
    return Reading(expr, tuple(names.inferred.items()), plain.notes, tuple(names.found.items()))


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
            case Own():
                return self.names.find_own(node, self.bound).symbol
            case Size():
                return self.size()
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
        if name.coordinate is None and not name.called:
            if word == "pi":
                return power(pi, exponent)
            if self.names.is_dimension(name):
                return power(self.size(), exponent)
        if self.is_e(name):
            if name.called:
                raise RequestError(f"not a formula: {name.written}(...) is no function; write e^(...) or exp(...)")
            return Exp(exponent)
        return self.names.find(name, self.bound).to(small_exponent(exponent))

    def size(self) -> Expr:
        if self.names.size is None:
            raise RequestError("a mean is over the coordinates of a product, and these laws are none")
        return self.names.size

    def power(self, base: Node, exponent: Node) -> Expr:
        raised = self.expression(exponent)
        if isinstance(base, Name):
            if self.is_e(base):
                return Exp(raised)
            if isinstance(raised, Rational):
                return self.name(base, raised)
        if isinstance(base, Call) and base.function == "abs" and isinstance(raised, Rational) and raised % 2 == 0:
            return power(self.expression(base.argument), raised)
        return power(self.expression(base), raised)

    def is_e(self, name: Name) -> bool:
        """Whether a name is the base of the exponential."""
        plain = name.coordinate is None and name.spelling in ("e", "E")
        return plain and name.spelling != self.bound and not self.names.knows(name)

    def call(self, function: str, argument: Node) -> Expr:
        match function:
            case "exp":
                return Exp(self.expression(argument))
            case "sqrt":
                return Sqrt(self.expression(argument))
            case "log2" | "log10":
                base = Log(Integer(int(function.removeprefix("log"))))
                return multiply((self.logarithm(argument), power(base, Integer(-1))))
            case "softplus":
                return self.softplus(argument)
            case "abs":
                inside = self.expression(argument)
                if inside.is_positive:
                    return inside
                raise RequestError("an absolute value is read of what is positive, and within a square")
            case _:
                return self.logarithm(argument)

    def softplus(self, argument: Node) -> Expr:
        """Return log(1 + e^rho); of what people call rho, the parameter that it becomes."""
        if isinstance(argument, Name):
            meaning = self.names.find_softplus(argument, self.bound)
            if meaning is not None:
                return meaning.to(Integer(1))
        return Log(add((Integer(1), Exp(self.expression(argument)))))

    def logarithm(self, argument: Node) -> Expr:
        """Return a logarithm; that of a power of sigma is a log-variance where there is one."""
        base, exponent = (argument.base, argument.exponent) if isinstance(argument, Power) else (argument, None)
        if isinstance(base, Name) and self.names.knows(base, self.bound):
            value = Integer(1) if exponent is None else self.expression(exponent)
            if isinstance(value, Rational):
                found = self.names.find(base, self.bound).logarithm(small_exponent(value))
                if found is not None:
                    return found
        match argument:
            case Plus((Number(Fraction(numerator=1, denominator=1)), Call("exp", Name() as rho))) | Plus(
                (Call("exp", Name() as rho), Number(Fraction(numerator=1, denominator=1)))
            ):
                return self.softplus(rho)
        return Log(self.expression(argument))

    def total(self, node: Total) -> Expr:
        size = self.names.size
        if size is None:
            raise RequestError("a sum is over the coordinates of a product, and these laws are none")
        if self.bound is not None:
            raise RequestError("not a formula: a sum within a sum")
        if not (node.upper in (None, str(size)) or self.names.is_dimension(node.upper or "")):
            raise RequestError(f"a sum over the coordinates is from 1 to {size}, given: {node.upper[:20]}")
        if node.index is None:
            self.names.inferred.setdefault("sum(...)", "the sum over the coordinates")
        self.bound = EVERY if node.index is None else node.index
        try:
            if not (isinstance(size, Integer) and size <= MOST_WRITTEN_OUT):
                return Sum(self.expression(node.body), COORDINATE, size)
            parts = []
            for k in range(1, int(size) + 1):
                self.names.coordinate = Integer(k)
                parts.append(self.expression(node.body))
            return add(parts)
        finally:
            self.bound, self.names.coordinate = None, COORDINATE


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
