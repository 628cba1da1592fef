"""Trees of formulas, compared by what they say and not by how it was written."""

from __future__ import annotations

from dataclasses import fields, replace
from fractions import Fraction
from math import prod

from kl_symbolic.reading.grammar import parsed
from kl_symbolic.reading.syntax import Inverse, Name, Node, Number, Times
from kl_symbolic.reading.tokens import plain


def spelled(node: Node) -> Node:
    """Return a tree in which every name is written as it is spelled, and products are flat."""
    if isinstance(node, Name):
        return replace(node, written=node.spelling, called=False)
    values = {field.name: getattr(node, field.name) for field in fields(node)}
    made = type(node)(**{name: _spelled(value) for name, value in values.items()})
    return _flat(made) if isinstance(made, Times) else made


def _flat(product: Times) -> Node:
    """Return a product without products and the number 1 in it; half is a number."""
    parts: list[Node] = []
    for factor in product.factors:
        parts += factor.factors if isinstance(factor, Times) else [factor]
    values = [part.value for part in parts if isinstance(part, Number)]
    values += [1 / part.inner.value for part in parts if isinstance(part, Inverse) and isinstance(part.inner, Number)]
    others = [
        part
        for part in parts
        if not isinstance(part, Number) and not (isinstance(part, Inverse) and isinstance(part.inner, Number))
    ]
    value = prod(values, start=Fraction(1))
    if value != 1 or not others:
        others.insert(0, Number(value))
    return others[0] if len(others) == 1 else Times(tuple(others))


def _spelled(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(map(_spelled, value))
    return spelled(value) if isinstance(value, Node) else value


def tree_of(text: str) -> Node:
    """Return the tree of a text, by its spelling."""
    return spelled(parsed(*plain(text)).node)


def notes_of(text: str) -> tuple[str, ...]:
    """Return what was done to read a text."""
    return parsed(*plain(text)).notes
