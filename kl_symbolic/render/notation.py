"""Notation as tables: how symbols, indices, the logarithm and the divergence are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from kl_symbolic.errors import RequestError
from kl_symbolic.families import Parameter, all_families
from kl_symbolic.render.layout import Layout, Mark, Script, number, row

INDICES = {"12": {"1": "1", "2": "2"}, "pq": {"1": "p", "2": "q"}}
LOGARITHMS = {"log": r"\log", "ln": r"\ln"}


@dataclass(frozen=True)
class Notation:
    r"""How a derivation is written.

    Parameters
    ----------
    indices
        ``"12"`` writes :math:`\mu_1, \mu_2`, ``"pq"`` writes :math:`\mu_p, \mu_q`.
    logarithm
        ``"log"`` or ``"ln"``.
    divergence
        TeX of the name of the divergence.
    symbols
        TeX for single symbols by name: ``{"mu_1": r"\mu_p"}``.

    Examples
    --------
    >>> Notation(indices="pq", logarithm="ln").look("mu_1").subscript
    'p'
    """

    indices: str = "12"
    logarithm: str = "log"
    divergence: str = r"D_{\mathrm{KL}}"
    symbols: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, table in (("indices", self.indices, INDICES), ("logarithm", self.logarithm, LOGARITHMS)):
            if value not in table:
                raise RequestError(f"{name} must be one of {', '.join(table)}, given: {value!r}")
        for name, tex in self.symbols.items():
            _check_tex(name, tex)

    def look(self, name: str) -> Look:
        """Return how the symbol `name` is written."""
        if name in self.symbols:
            return _look_of_tex(self.symbols[name])
        base, _, place = name.rpartition("_")
        if place not in INDICES["12"]:
            base, place = name, ""
        subscript = INDICES[self.indices][place] if place else ""
        parameter = _parameters().get(base)
        if parameter is None:
            return Look(Mark(base), subscript)
        return Look(Mark(parameter.tex), subscript, parameter.power, parameter.logarithm)

    @property
    def log(self) -> Mark:
        """The name of the logarithm."""
        return Mark(LOGARITHMS[self.logarithm], "function")


@dataclass(frozen=True)
class Look:
    """A symbol on paper: a base, an index, and, for a variance or log-variance, a power and a logarithm."""

    base: Mark
    subscript: str = ""
    power: int = 1
    logarithm: bool = False

    def at(self, exponent: Layout | None, coordinate: Layout | None = None) -> Layout:
        """Write the base with its index, the index of a coordinate, and an exponent."""
        parts: list[Layout] = [number(int(self.subscript)) if self.subscript.isdigit() else Mark(self.subscript)]
        parts = parts if self.subscript else []
        if coordinate is not None:
            parts += [Mark(",", "separator"), coordinate] if parts else [coordinate]
        sub = row(*parts) if parts else None
        return Script(self.base, sub, exponent) if sub or exponent else self.base


@cache
def _parameters() -> dict[str, Parameter]:
    return {p.name: p for f in all_families().values() for param in f.param_names for p in f.parameters_in(param)}


def _look_of_tex(tex: str) -> Look:
    match = re.fullmatch(r"(\\?[A-Za-z]+)(?:_(?:\{([^{}]*)\}|(\w)))?", tex)
    if match is None:
        return Look(Mark(tex))
    return Look(Mark(match[1]), match[2] or match[3] or "")


def _check_tex(name: str, tex: str) -> None:
    depth = 0
    for c in re.sub(r"\\.", "", tex):
        depth += {"{": 1, "}": -1}.get(c, 0)
        if depth < 0:
            break
    if not tex or depth or re.search(r"[$%#&~\n]|\\(?:\W|$)", tex):
        raise RequestError(f"the symbol {name} needs balanced TeX of one line without $ % # &, given: {tex!r}")


def parse_stages(text: str) -> tuple[int, ...]:
    """Read numbers of stages.

    Raises
    ------
    ValueError
        If they are given otherwise.

    Examples
    --------
    >>> parse_stages("1,3-5")
    (1, 3, 4, 5)
    """
    if not re.fullmatch(r"\d{1,4}(-\d{1,4})?(,\d{1,4}(-\d{1,4})?)*", text, re.ASCII):
        raise ValueError(f"stages are given as 1,3-5, given: {text!r}")
    bounds = [[int(n) for n in part.split("-")] for part in text.split(",")]
    return tuple(k for first, *last in bounds for k in range(first, (last or [first])[0] + 1))


def parse_symbols(texts: list[str]) -> dict[str, str]:
    r"""Read ``name=tex`` pairs.

    Examples
    --------
    >>> parse_symbols([r"mu_1=\mu_p"])
    {'mu_1': '\\mu_p'}
    """
    pairs = {}
    for text in texts:
        name, equals, tex = text.partition("=")
        if not (name.strip() and equals and tex.strip()):
            raise RequestError(rf"a symbol is given as name=tex, for example mu_1=\mu_p, given: {text!r}")
        pairs[name.strip()] = tex.strip()
    return pairs
