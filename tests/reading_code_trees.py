"""The value of a tree at arrays, and formulas at random in the styles of several languages."""

from __future__ import annotations

import random
from functools import reduce

import numpy as np

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
)

SAMPLES, COORDINATES = 3, 4
FUNCTIONS = {
    "log": np.log, "exp": np.exp, "sqrt": np.sqrt, "log2": np.log2, "log10": np.log10, "abs": np.abs,
    "softplus": lambda x: np.log1p(np.exp(x)),
}  # fmt: skip


def value(node: Node, names: dict[str, np.ndarray]) -> np.ndarray:
    """Return what a tree says of arrays of samples by coordinates."""
    match node:
        case Number(number):
            return np.asarray(float(number))
        case Name(spelling="pi"):
            return np.asarray(np.pi)
        case Name(spelling="n"):
            return np.asarray(float(COORDINATES))
        case Samples():
            return np.asarray(float(SAMPLES))
        case Name():
            return names[node.spelling]
        case Plus(terms):
            return reduce(np.add, [value(term, names) for term in terms])
        case Times(factors):
            return reduce(np.multiply, [value(factor, names) for factor in factors])
        case Negative(inner):
            return -value(inner, names)
        case Inverse(inner):
            return 1 / value(inner, names)
        case Power(base, exponent):
            return value(base, names) ** value(exponent, names)
        case Call(function, argument):
            return FUNCTIONS[function](value(argument, names))
        case Total(body):
            return np.sum(value(body, names))
        case Reduction(kind, body, axes):
            return (np.sum if kind == "sum" else np.mean)(value(body, names), axis=axes)
        case Entries():
            raise AssertionError


def arrays(seed: int, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return positive arrays, below 2."""
    draws = np.random.default_rng(seed)
    return {name: draws.uniform(0.5, 1.5, (SAMPLES, COORDINATES)) for name in names}


Expression = tuple[object, ...]  # an operator and its operands, a name or a numeral
NAMES = ("mu", "sigma", "logvar")
NUMERALS = ("0.5", "1", "2", "3.25")


def expression(draw: random.Random, depth: int = 4) -> Expression:
    """Draw a formula whose value is real: a logarithm or a root is of a sum of positive numbers."""
    kind = draw.choice(["name", "number"] if depth == 0 else ["add", "sub", "mul", "div", "pow", "neg", "exp", "log"])
    if kind == "name":
        return "name", draw.choice(NAMES)
    if kind == "number":
        return "number", draw.choice(NUMERALS)
    if kind in ("neg", "exp"):
        return kind, expression(draw, depth - 1) if kind == "neg" else expression(draw, 0)
    if kind == "log":
        return draw.choice([("log", ("add", ("name", draw.choice(NAMES)), ("number", "1"))), ("sqrt", ("name", "mu"))])
    if kind == "pow":
        return "pow", expression(draw, depth - 1), ("number", "2")
    right = expression(draw, 0 if kind == "div" else depth - 1)
    return kind, expression(draw, depth - 1), right


SIGNS = {"add": "+", "sub": "-", "mul": "*", "div": "/", "pow": "**"}


def operators(parts: Expression, module: str = "np.", dots: bool = False) -> str:
    """Write a formula with operators, all in parentheses; with dots as Julia has them."""
    kind, *rest = parts
    if kind in ("name", "number"):
        return str(rest[0])
    inner = [operators(part, module, dots) for part in rest]
    if kind == "neg":
        return f"(-{inner[0]})"
    if kind in SIGNS:
        sign = f".{SIGNS[kind].replace('**', '^')}" if dots else SIGNS[kind]
        return f"({inner[0]} {sign} {inner[1]})"
    return f"{module}{kind}{'.' if dots else ''}({inner[0]})"


def functions(parts: Expression) -> str:
    """Write a formula with functions alone, as NumPy calls them."""
    kind, *rest = parts
    if kind in ("name", "number"):
        return str(rest[0])
    names = {"add": "add", "sub": "subtract", "mul": "multiply", "div": "divide", "pow": "power", "neg": "negative"}
    return f"np.{names.get(str(kind), kind)}({', '.join(map(functions, rest))})"


def methods(parts: Expression) -> str:
    """Write a formula with methods where its left side is an array, as PyTorch has them."""
    kind, *rest = parts
    if kind in ("name", "number"):
        return str(rest[0])
    left, *others = map(methods, rest)
    if not names_of(rest[0]):
        return operators(parts)
    return f"{left if rest[0][0] == 'name' else f'({left})'}.{kind}({', '.join(others)})"


def statements(parts: Expression) -> list[str]:
    """Write a formula as statements, one for each operation."""
    lines: list[str] = []

    def variable(one: Expression) -> str:
        kind, *rest = one
        if kind in ("name", "number"):
            return str(rest[0])
        inner = [("name", variable(part)) for part in rest]
        name = f"t{len(lines)}"
        lines.append(f"{name} = {operators((kind, *inner)).strip()}")
        return name

    last = variable(parts)
    return [*lines, f"return {last}"]


def names_of(parts: object) -> set[str]:
    """Return the names in a formula."""
    if not isinstance(parts, tuple):
        return set()
    return {parts[1]} if parts[0] == "name" else set().union(*map(names_of, parts[1:]))
