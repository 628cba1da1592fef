"""Notation as tables: how symbols, indices, the logarithm and the divergence are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TypedDict, get_args

from kl_symbolic.arguments import given, require_choice, require_type
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.families import Parameter, all_families
from kl_symbolic.options import Indices, Logarithm
from kl_symbolic.proof.nodes import NAME
from kl_symbolic.render.layout import COMMA, UNICODE, Fence, Layout, Mark, Row, Script, number, raised, row
from kl_symbolic.render.tex_subset import read
from kl_symbolic.render.text import text

INDICES: Mapping[str, Mapping[str, str]] = {"12": {"1": "1", "2": "2"}, "pq": {"1": "p", "2": "q"}}
DIVERGENCE = r"D_{\mathrm{KL}}"
# A macro of the author's own for the divergence. Only names like these: no command of TeX or LaTeX is one of them.
MACRO = re.compile(r"\\[Dd]?(KL|Kl|kl)([Dd]|[Dd]iv|[Dd]ivergence)?")
# What stands for something else on a page: numbers and functions.
TAKEN = ("π", "e", "H", "KL", "log", "ln", "exp", "d", "𝔼")
# A law and its density are written with one letter, unless each is given a symbol.
LAWS = {"P": "p", "Q": "q"}


class NotationFields(TypedDict, total=False):
    """The fields of `Notation` as options of a function."""

    indices: Indices
    log: Logarithm
    divergence: str
    symbols: Mapping[str, str]
    expectation: bool


@dataclass(frozen=True)
class Notation:
    r"""How a derivation is written.

    Parameters
    ----------
    indices
        ``"12"`` writes :math:`\mu_1, \mu_2`, ``"pq"`` writes :math:`\mu_p, \mu_q`.
    log
        ``"log"`` or ``"ln"``.
    divergence
        TeX of the name of the divergence, of which `tex_subset` accepts a part; or a macro of your own whose name is
        like ``\KL``, ``\DKL`` or ``\kldiv``. Where no macros can be defined, the usual name stands in its place.
    symbols
        TeX for single symbols by name, likewise: ``{"mu_1": r"\mu_p"}``. ``P`` and ``Q`` stand for the laws and, unless
        ``p`` and ``q`` are given too, for their densities; ``x`` (``k`` for counts) for the variable.
    expectation
        Write :math:`\mathbb{E}_P[\ldots]` in place of :math:`\int p(x) \ldots \mathrm{d}x`.

    Examples
    --------
    >>> Notation(indices="pq", log="ln").look("mu_1").subscript.text
    'p'
    """

    indices: Indices = "12"
    log: Logarithm = "log"
    divergence: str = DIVERGENCE
    symbols: Mapping[str, str] = field(default_factory=dict)
    expectation: bool = False

    def __post_init__(self) -> None:
        require_choice("indices", self.indices, get_args(Indices))
        require_choice("log", self.log, get_args(Logarithm))
        require_type(self.expectation, bool, "True or False for expectation")
        require_type(self.symbols, Mapping, "a mapping of names of symbols to TeX")
        for name, tex in self.symbols.items():
            if not (isinstance(name, str) and NAME.fullmatch(name)):
                raise RequestError(f"the name of a symbol is like mu_1, given: {name!r}")
            layout = _read(tex, f"the symbol {name}")
            has_argument = isinstance(layout, Row) and isinstance(layout.items[-1], Fence)
            if has_argument and name in LAWS and LAWS[name] not in self.symbols:
                raise RequestError(f"{name}={tex} has an argument; give the density a symbol too, {LAWS[name]}=...")
        if not (isinstance(self.divergence, str) and MACRO.fullmatch(self.divergence)):
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

    def law(self, letter: str, coordinate: Layout | None = None) -> Layout:
        """Return the name of the law P or Q, or of its coordinate."""
        return self.look(letter).at(None, coordinate)

    def density(self, letter: str, coordinate: Layout | None = None) -> Layout:
        """Return the name of the density of P or Q, or of its coordinate."""
        own = LAWS[letter]
        return self.law(letter if letter in self.symbols and own not in self.symbols else own, coordinate)

    @property
    def macro(self) -> str | None:
        """The macro that names the divergence, if one does."""
        return self.divergence if MACRO.fullmatch(self.divergence) else None

    def without_macro(self) -> Notation:
        """Return the notation for where no macro can be defined."""
        return replace(self, divergence=DIVERGENCE) if self.macro else self

    def require_distinct(self, names: Iterable[str], laws: str, where: str) -> None:
        """Refuse symbols that look like one another, like one of the `laws` P and Q, or like something else.

        Raises
        ------
        RequestError
            Naming them.
        """
        seen: dict[tuple[str, int, bool], str] = {}
        for letter in laws:
            for layout in (self.law(letter), self.density(letter)):
                other = seen.setdefault((text(layout), 1, False), letter)
                if other != letter:
                    raise RequestError(f"{text(layout)} would stand for {other} and for {letter}; give both a symbol")
        for name in sorted({*names, *(n for n in self.symbols if n in LAWS or n in LAWS.values())}):
            look = self.look(name)
            written = text(look.at(None))  # where fonts and kinds of bars look alike too
            if name in self.symbols and written in TAKEN:
                raise RequestError(f"the symbol {name} cannot be written {written}, which means something else")
            if look.superscript is not None and text(look.superscript).isalnum():  # it reads as a power
                written = text(replace(look, superscript=None).at(None))
            owner = name.upper() if name in LAWS.values() else name
            other = seen.setdefault((written, look.power, look.logarithm), owner)
            if other != owner:
                raise RequestError(f"the symbols {other} and {name} of {where} would be written alike")

    @property
    def log_mark(self) -> Mark:
        """The name of the logarithm."""
        return Mark(f"\\{self.log}", "function")

    @property
    def kl_mark(self) -> Layout:
        """The name of the divergence."""
        if self.macro:
            return Mark(self.macro, "function", "KL")
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
