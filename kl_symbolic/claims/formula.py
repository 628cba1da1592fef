"""Read a formula in the syntax of Python and SymPy into the language of derivations. Nothing is evaluated as code.

The text is parsed by Python's own parser into a tree, of which only numbers, arithmetic, parameters, and the functions
below are read; everything else is refused. Decimals are exact: 0.5 is 1/2.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Mapping
from fractions import Fraction

from sympy import Add, Expr, Indexed, IndexedBase, Integer, Mul, Pow, Rational, pi

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, Log, ProductLaw, Scalar, Sqrt, Sum, Vector
from kl_symbolic.proof.statement import COORDINATE, DIMENSION, laws

MOST_CHARACTERS = 10_000
MOST_DEPTH = 100
MOST_DIGITS = 50  # of a number, and of what a power of two numbers may have
FUNCTIONS: dict[str, Callable[[Expr], Expr]] = {"log": Log, "ln": Log, "exp": Exp, "sqrt": Sqrt}


def formula(text: str, claim: Claim) -> Expr:
    """Read a formula in the parameters of a claim.

    Parameters
    ----------
    text
        Arithmetic with ``+ - * / **``, ``log``, ``exp``, ``sqrt``, ``pi`` and the parameters of the claim; for
        products ``mu[i]`` and ``Sum(..., (i, 1, n))``; for a gradient as many formulas, with commas between.
    claim
        Whose parameters the names stand for.

    Raises
    ------
    RequestError
        If it is anything else, or too large.

    Examples
    --------
    >>> formula("log(sigma) + 0.5", Claim("entropy", "normal"))
    Log(sigma) + 1/2
    """
    if len(text) > MOST_CHARACTERS:
        raise RequestError(f"the formula has {len(text)} characters; at most {MOST_CHARACTERS} are read")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as for 1(x), which Python takes for a mistake
            tree = ast.parse(" ".join(text.split()), mode="eval")
    except (SyntaxError, SyntaxWarning, ValueError, RecursionError, MemoryError) as error:
        raise RequestError(f"not a formula: {getattr(error, 'msg', None) or error}") from None
    reader = _Reader(claim)
    if isinstance(tree.body, ast.Tuple):
        return Vector(*(reader.read(part, MOST_DEPTH) for part in tree.body.elts))
    return reader.read(tree.body, MOST_DEPTH)


class _Reader:
    """Read the nodes of a tree."""

    def __init__(self, claim: Claim) -> None:
        pair = laws(claim)
        self.scalars: Mapping[str, Scalar] = {str(s): s for s in pair.parameters if not isinstance(s, Indexed)}
        self.vectors: Mapping[str, IndexedBase] = {
            str(s.base): s.base for s in pair.parameters if isinstance(s, Indexed)
        }
        self.size = pair.p.args[2] if isinstance(pair.p, ProductLaw) else None

    def read(self, node: ast.expr, depth: int) -> Expr:
        if depth <= 0:
            raise RequestError(f"the formula is nested more than {MOST_DEPTH} deep")
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return _number(node)
            case ast.Name(name):
                return self.name(name)
            case ast.UnaryOp(ast.USub(), operand):
                return Mul(Integer(-1), self.read(operand, depth - 1))
            case ast.UnaryOp(ast.UAdd(), operand):
                return self.read(operand, depth - 1)
            case ast.BinOp(left, operator, right):
                return _combined(operator, self.read(left, depth - 1), self.read(right, depth - 1))
            case ast.Call(ast.Name("Sum"), [body, bounds], []):
                return self.sum(body, bounds, depth)
            case ast.Call(ast.Name(name), [argument], []) if name in FUNCTIONS:
                return FUNCTIONS[name](self.read(argument, depth - 1))
            case ast.Subscript(ast.Name(name), ast.Name("i")) if name in self.vectors:
                return self.vectors[name][COORDINATE]
            case ast.Subscript(ast.Name(name), ast.Constant(int(k))) if name in self.vectors and k >= 1:
                return self.vectors[name][Integer(k)]
        raise RequestError(f"not part of a formula: {ast.unparse(node)[:80]}; known functions: {', '.join(FUNCTIONS)}")

    def name(self, name: str) -> Expr:
        if name in self.scalars:
            return self.scalars[name]
        if name == "pi":
            return pi
        if name == "n" and self.size == DIMENSION:
            return DIMENSION
        known = [*self.scalars, *(f"{v}[i]" for v in self.vectors)]
        raise RequestError(f"no parameter {name!r}; there are {', '.join(known)}")

    def sum(self, body: ast.expr, bounds: ast.expr, depth: int) -> Expr:
        size = self.size
        if size is None or ast.unparse(bounds) != f"(i, 1, {size})":
            expected = "a sum is over the coordinates of a product" if size is None else f"Sum(..., (i, 1, {size}))"
            raise RequestError(f"not a sum over the coordinates: {ast.unparse(bounds)[:80]}; expected: {expected}")
        return Sum(self.read(body, depth - 1), COORDINATE, size)


def _number(node: ast.Constant) -> Expr:
    digits = ast.unparse(node)
    if len(digits) > MOST_DIGITS:
        raise RequestError(f"a number has {len(digits)} digits; at most {MOST_DIGITS} are read")
    value = Fraction(digits)
    _require_small(value)
    return Rational(value.numerator, value.denominator)


def _combined(operator: ast.operator, left: Expr, right: Expr) -> Expr:
    match operator:
        case ast.Add():
            return Add(left, right)
        case ast.Sub():
            return Add(left, Mul(Integer(-1), right))
        case ast.Mult():
            return Mul(left, right)
        case ast.Div():
            _require_not_zero(right)
            return Mul(left, Pow(right, Integer(-1)))
        case ast.Pow():
            return _power(left, right)
    raise RequestError(f"no operator {type(operator).__name__} in a formula; there are + - * / **")


def _power(base: Expr, exponent: Expr) -> Expr:
    if isinstance(exponent, Rational):
        if exponent < 0:
            _require_not_zero(base)
        if abs(exponent) > MOST_DIGITS:
            raise RequestError(f"an exponent is {exponent}; at most {MOST_DIGITS} is read")
        if isinstance(base, Rational):
            if exponent.q == 2:  # noqa: PLR2004
                return Pow(Sqrt(base), Integer(exponent.p))
            _require_small(Fraction(int(base.p), int(base.q)), abs(int(exponent.p)))
    return Pow(base, exponent)


def _require_not_zero(value: Expr) -> None:
    if value == 0:
        raise RequestError("a formula divides by zero")


def _require_small(value: Fraction, times: int = 1) -> None:
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    if bits * times > MOST_DIGITS * 4:
        raise RequestError(f"a number has more than {MOST_DIGITS} digits")
