"""Notation as tables: how symbols, indices, the logarithm and the divergence are written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from string import ascii_lowercase
from typing import TypedDict, get_args

from kl_symbolic.arguments import given, require_choice, require_type
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.families import Parameter, all_families
from kl_symbolic.functions import Function
from kl_symbolic.options import Indices, Logarithm
from kl_symbolic.render.layout import (
    COMMA,
    LETTERS,
    UNICODE,
    Fence,
    Layout,
    Mark,
    Row,
    Script,
    bold,
    number,
    raised,
    row,
)
from kl_symbolic.render.tex_subset import read
from kl_symbolic.render.text import text
from kl_symbolic.terms.json import NAME

INDICES: Mapping[str, Mapping[str, str]] = {"12": {"1": "1", "2": "2"}, "pq": {"1": "p", "2": "q"}}
DIVERGENCE = r"D_{\mathrm{KL}}"
# A macro of the author's own for the divergence. Only names like these: no command of TeX or LaTeX is one of them.
MACRO = re.compile(r"\\[Dd]?(KL|Kl|kl)([Dd]|[Dd]iv|[Dd]ivergence)?")
# What stands for something else on a page: numbers and functions.
TAKEN = ("π", "e", "H", "KL", "D_KL", "log", "ln", "exp", "d", "𝔼", "ℝ", "ℕ", "ℕ₀")
VARIABLES = ("x", "k")  # of integration and summation
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
                raise RequestError(f"the name of a symbol is like mu_1 and stands on the left, given: {name!r}")
            layout = _read(tex, f"the symbol {name}")
            printed_with_one = name in LAWS.values() or (name in LAWS and LAWS[name] not in self.symbols)
            if printed_with_one and isinstance(layout, Row) and isinstance(layout.items[-1], Fence):
                instead = f"; or give the density a symbol too, {LAWS[name]}=..." if name in LAWS else ""
                raise RequestError(f"{name}={tex} has an argument, and a density is printed with its own{instead}")
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
        seen: dict[str, tuple[str, Look | None]] = {}

        def see(written: str, owner: str, look: Look | None = None) -> None:
            """Remember how something is written, unless something else is; of one sigma there is also the square."""
            other, known = seen.setdefault(written, (owner, look))
            if other == owner:
                return
            if {other, owner} <= LAWS.keys():
                raise RequestError(f"{written} would stand for {other} and for {owner}; give both a symbol")
            kinds = {look and (look.power, look.logarithm), known and (known.power, known.logarithm)}
            if len(kinds) == 1 or None in kinds or not self.symbols.keys().isdisjoint((other, owner)):
                raise RequestError(f"the symbols {other} and {owner} of {where} would be written alike")

        indices = [Mark(name) for name in ("i", "j") if name in names]
        if self.divergence != DIVERGENCE:
            _refuse_taken(text(self.kl_mark), "the divergence", but="KL")
            see(text(self.kl_mark), "divergence")
        for letter in laws:
            for index in (None, *indices):
                for layout in (self.law(letter, index), self.density(letter, index)):
                    see(text(layout), letter)
        for name in sorted({*names, *(n for n in self.symbols if n in LAWS or n in LAWS.values())}):
            look, owner = self.look(name), name.upper() if name in LAWS.values() else name
            if look.superscript is not None and _is_power(text(look.superscript)):
                look = replace(look, superscript=None)
            written = text(look.at(None))  # where fonts and kinds of bars look alike too
            if name in self.symbols:
                for part in look.base.items if isinstance(look.base, Row) else ():
                    _refuse_taken(text(part).strip(), f"a part of the symbol {name}")
                _refuse_taken(written, f"the symbol {name}")
            for index in (None, *indices):
                see(text(look.at(None, index)), owner, look)
            if name in VARIABLES and written in ascii_lowercase:
                see(bold(written), owner)  # a vector of them

    @property
    def log_mark(self) -> Mark:
        """The name of the logarithm."""
        return Mark(f"\\{self.log}", "function")

    def function_mark(self, function: Function) -> Mark:
        """Return the name of a function."""
        return self.log_mark if function.name == "log" else Mark(function.tex, "function")

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


def tex_of_name(name: str) -> str:
    r"""Return the TeX of a name that is written as in code.

    >>> tex_of_name("s"), tex_of_name("beta_2"), tex_of_name("scale_prior")
    ('s', '\\beta_{2}', '\\mathrm{scale}_{\\mathrm{prior}}')
    """
    parts = [
        part if len(part) == 1 or part.isdigit() else rf"\{part}" if rf"\{part}" in LETTERS else rf"\mathrm{{{part}}}"
        for part in name.split("_")
        if part
    ]
    return parts[0] + (f"_{{{','.join(parts[1:])}}}" if parts[1:] else "")


def _refuse_taken(written: str, what: str, but: str = "") -> None:
    if written in TAKEN and written != but:
        raise RequestError(f"{what} cannot be written {written}, which means something else")


def _is_power(superscript: str) -> bool:
    """Whether a superscript reads as an exponent: letters and numbers, without parentheses around them."""
    return any(map(str.isalnum, superscript)) and not superscript.startswith("(")


def _read(tex: object, what: str) -> Layout:
    if not isinstance(tex, str):
        raise WrongTypeError(f"{what} is given as TeX, given: {given(tex)}")
    return read(tex, what)


@cache
def _parameters() -> dict[str, Parameter]:
    return {p.name: p for family in all_families().values() for p in family.all_parameters}
