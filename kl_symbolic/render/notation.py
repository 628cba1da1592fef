"""Notation as tables: how symbols, indices, the logarithm and the divergence are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from kl_symbolic.arguments import given, require_choice, require_type
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.families import Parameter, all_families
from kl_symbolic.proof.nodes import NAME
from kl_symbolic.render.layout import COMMA, UNICODE, Fence, Layout, Mark, Row, Script, number, raised, row
from kl_symbolic.render.tex_subset import read
from kl_symbolic.render.text import text

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
        TeX of the name of the divergence, of which `tex_subset` accepts a part.
    symbols
        TeX for single symbols by name: ``{"mu_1": r"\mu_p"}``; likewise.

    Examples
    --------
    >>> Notation(indices="pq", logarithm="ln").look("mu_1").subscript.text
    'p'
    """

    indices: str = "12"
    logarithm: str = "log"
    divergence: str = r"D_{\mathrm{KL}}"
    symbols: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value, table in (("indices", self.indices, INDICES), ("logarithm", self.logarithm, LOGARITHMS)):
            require_choice(name, value, table)
        require_type(self.symbols, Mapping, "a mapping of names of symbols to TeX")
        for name, tex in self.symbols.items():
            if not (isinstance(name, str) and NAME.fullmatch(name)):
                raise RequestError(f"the name of a symbol is like mu_1, given: {name!r}")
            _read(tex, f"the symbol {name}")
        _read(self.divergence, "the name of the divergence")

    def look(self, name: str) -> Look:
        """Return how the symbol `name` is written."""
        if name in self.symbols:
            layout = read(self.symbols[name], f"the symbol {name}")
            return Look(layout.base, layout.sub, layout.sup) if isinstance(layout, Script) else Look(layout)
        base, _, place = name.rpartition("_")
        if place not in INDICES["12"]:
            base, place = name, ""
        index = INDICES[self.indices][place] if place else ""
        subscript = (number(int(index)) if index.isdigit() else Mark(index)) if index else None
        parameter = _parameters().get(base)
        if parameter is None:
            return Look(Mark(base), subscript)
        return Look(Mark(parameter.tex), subscript, None, parameter.power, parameter.logarithm)

    @property
    def log(self) -> Mark:
        """The name of the logarithm."""
        return Mark(LOGARITHMS[self.logarithm], "function")

    @property
    def kl(self) -> Layout:
        """The name of the divergence."""
        if self.divergence in UNICODE:
            return Mark(self.divergence, "function")
        return read(self.divergence, "the name of the divergence")


@dataclass(frozen=True)
class Look:
    """A symbol on paper: a base with its scripts, and, for a variance or log-variance, a power and a logarithm."""

    base: Layout
    subscript: Layout | None = None
    superscript: Layout | None = None
    power: int = 1
    logarithm: bool = False

    def at(self, exponent: Layout | None, coordinate: Layout | None = None) -> Layout:
        """Write the base with its scripts, the index of a coordinate, and an exponent."""
        base, index = self.base, self.subscript
        if coordinate is not None:
            base = Fence(base) if isinstance(base, Row) else base
            short = index is not None and len(text(index)) == 1
            comma = Mark(",", "separator") if short else COMMA
            index = coordinate if index is None else row(index, comma, coordinate)
        written = Script(base, index, self.superscript) if index or self.superscript else base
        return written if exponent is None else raised(written, exponent)


def _read(tex: object, what: str) -> Layout:
    if not isinstance(tex, str):
        raise WrongTypeError(f"{what} is given as TeX, given: {given(tex)}")
    return read(tex, what)


@cache
def _parameters() -> dict[str, Parameter]:
    return {p.name: p for f in all_families().values() for param in f.param_names for p in f.parameters_in(param)}


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
    pairs: dict[str, str] = {}
    for pair in texts:
        name, equals, tex = pair.partition("=")
        if not (name.strip() and equals and tex.strip()):
            raise RequestError(rf"a symbol is given as name=tex, for example mu_1=\mu_p, given: {pair!r}")
        if name.strip() in pairs:
            raise RequestError(f"the symbol {name.strip()} is given twice")
        pairs[name.strip()] = tex.strip()
    return pairs
