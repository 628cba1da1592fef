"""What somebody says of their names: ``m=mu_1``, ``s=sigma_1**2``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.syntax import CONSTANTS, E, Name, Node, Own, Total, children, rebuilt, walk
from kl_symbolic.reading.tokens import excerpt, plain, source


class Symbols:
    """Names of somebody's own, and what each stands for.

    Parameters
    ----------
    symbols
        A parameter by its own name, or a formula in such names.

    Raises
    ------
    RequestError
        If what stands on the left is no name, or what stands on the right no formula.
    """

    def __init__(self, symbols: Mapping[str, str]) -> None:
        self.meanings = {_spelling(name): _formula(name, meaning) for name, meaning in symbols.items()}

    def __contains__(self, name: Name) -> bool:
        """Return whether a name, perhaps with an index behind it, is one of them."""
        return any(name.spelling == key or name.spelling.startswith(f"{key}_") for key in self.meanings)

    def without(self, nodes: Iterable[Node]) -> list[str]:
        """Return those of the names that stand in none of the formulas."""
        found = {
            part.spelling.replace(".", "_").strip("_")
            for node in nodes
            for part in walk(node)
            if isinstance(part, Name)
        }
        return [key for key in self.meanings if not any(name.startswith(key) for name in found)]

    def put_into(self, node: Node, *, product: bool, bound: str | None = None) -> Node:
        """Put the meanings into a formula; with coordinates, ``m_i`` is ``m`` at the coordinate i.

        Examples
        --------
        >>> Symbols({"v": "sigma_1^2"}).put_into(Name("v", "v"), product=False)
        Power(base=Own(written='sigma_1', name='sigma_1', coordinate=None), exponent=Number(value=Fraction(2, 1)))
        """
        if isinstance(node, Name):
            return self._meaning(node, product, bound)
        if isinstance(node, Total):
            bound = "" if node.index is None else node.index
        return rebuilt(node, [self.put_into(part, product=product, bound=bound) for part in children(node)])

    def _meaning(self, name: Name, product: bool, bound: str | None) -> Node:
        if name.variable in self.meanings:
            shown = f"{excerpt(name.written)}, where {name.variable} has a meaning of its own"
            raise RequestError(f"ambiguous: {shown}, may be a product; write *")
        for key in sorted(self.meanings, key=len, reverse=True):
            spelling = name.spelling.replace(".", "_").strip("_")
            if spelling == key:
                return _at(self.meanings[key], name.written, name.coordinate)
            index = spelling.removeprefix(key).strip("_,")
            has_index = product and spelling.startswith(key) and name.coordinate is None
            if has_index and (index == bound or re.fullmatch("[1-9][0-9]{0,3}|[ijk]", index, re.ASCII)):
                return _at(self.meanings[key], name.written, index)
        return name


def _at(meaning: Node, written: str, coordinate: str | None) -> Node:
    """Return a meaning at a coordinate, as the meaning of what was written."""
    if isinstance(meaning, Own):
        return replace(meaning, written=written or meaning.name, coordinate=meaning.coordinate or coordinate)
    return rebuilt(meaning, [_at(part, "", coordinate) for part in children(meaning)])


def _formula(name: str, meaning: str) -> Node:
    try:
        return _owned(tree(*plain(meaning)))
    except RequestError as refusal:
        raise RequestError(f"symbols: {excerpt(name)}={excerpt(meaning)}: {refusal}") from None


def _owned(node: Node) -> Node:
    if isinstance(node, Name) and node.spelling not in CONSTANTS and node.spelling not in E:
        return Own(node.written, node.spelling, node.coordinate)
    return rebuilt(node, [_owned(part) for part in children(node)])


def _spelling(text: str) -> str:
    """Spell a name of the user's as names in a formula, or in code, are spelled."""
    if re.fullmatch(r"[A-Za-z][\w.]*", text, re.ASCII):
        return text.replace(".", "_").strip("_")
    tokens = source(*plain(text)).tokens[:-1]
    if not tokens or tokens[0].kind != "name" or any(t.kind != "sub" for t in tokens[1:]):
        raise RequestError(f"symbols: {excerpt(text)!r} is no name")
    return "_".join(t.text for t in tokens)
