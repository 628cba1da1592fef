"""Formulas as small trees of marks on paper, independent of LaTeX, Unicode text or MathML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

# TeX name -> Unicode: letters, signs, and what else this package writes. What is not here is written as it stands.
LETTERS = {
    r"\alpha": "α", r"\beta": "β", r"\gamma": "γ", r"\delta": "δ", r"\epsilon": "ϵ", r"\zeta": "ζ", r"\eta": "η",
    r"\theta": "θ", r"\iota": "ι", r"\kappa": "κ", r"\lambda": "λ", r"\mu": "μ", r"\nu": "ν", r"\xi": "ξ", r"\pi": "π",
    r"\rho": "ρ", r"\sigma": "σ", r"\tau": "τ", r"\upsilon": "υ", r"\phi": "ϕ", r"\chi": "χ", r"\psi": "ψ",
    r"\omega": "ω", r"\varepsilon": "ε", r"\vartheta": "ϑ", r"\varpi": "ϖ", r"\varrho": "ϱ", r"\varsigma": "ς",
    r"\varphi": "φ", r"\Gamma": "Γ", r"\Delta": "Δ", r"\Theta": "Θ", r"\Lambda": "Λ", r"\Xi": "Ξ", r"\Pi": "Π",
    r"\Sigma": "Σ", r"\Upsilon": "Υ", r"\Phi": "Φ", r"\Psi": "Ψ", r"\Omega": "Ω", r"\ell": "ℓ", r"\hbar": "ℏ",
    r"\imath": "ı", r"\jmath": "ȷ",
}  # fmt: skip
OPERATORS = {
    "+": "+", "-": "−", "=": "=", ",": ",", ":": ":", r"\pm": "±", r"\times": "×", r"\cdot": "·", r"\to": "→",
    r"\mid": "|", r"\leq": "≤", r"\geq": "≥", r"\neq": "≠", r"\in": "∈", r"\sim": "∼", r"\oplus": "⊕",
    r"\otimes": "⊗", r"\setminus": "∖",
}  # fmt: skip
SIGNS = {
    r"\ast": "*", r"\star": "⋆", r"\prime": "′", r"\dagger": "†", r"\ddagger": "‡", r"\circ": "∘", r"\bullet": "•",
    r"\top": "⊤", r"\bot": "⊥", r"\perp": "⟂", r"\parallel": "∥", r"\infty": "∞", r"\emptyset": "∅", r"\ldots": "…",
    r"\vert": "|", "/": "/", "!": "!", ".": ".",
}  # fmt: skip
UNICODE = LETTERS | OPERATORS | SIGNS | {
    r"\partial": "∂", r"\int": "∫", r"\sum": "∑", r"\prod": "∏", r"\mathbb{R}": "ℝ", r"\mathbb{N}_0": "ℕ₀", r"\|": "‖",
    r"\le": "≤", r"\mathbb{E}": "𝔼",
    r"D_{\mathrm{KL}}": "KL", r"\mathrm{KL}": "KL", r"\mathrm{d}": "d",
}  # fmt: skip
# Accent -> the mark above a letter, and the character that puts it on the letter before.
ACCENTS = {
    r"\hat": ("^", "\u0302"), r"\widehat": ("^", "\u0302"), r"\bar": ("¯", "\u0304"), r"\overline": ("¯", "\u0305"),
    r"\tilde": ("~", "\u0303"), r"\widetilde": ("~", "\u0303"), r"\vec": ("→", "\u20d7"), r"\dot": ("˙", "\u0307"),
    r"\ddot": ("¨", "\u0308"), r"\check": ("ˇ", "\u030c"), r"\breve": ("˘", "\u0306"), r"\acute": ("´", "\u0301"),
    r"\grave": ("ˋ", "\u0300"), r"\mathring": ("˚", "\u030a"),
}  # fmt: skip


_COMMAND = re.compile(r"\\[A-Za-z]+|[{}]")


def _plain(command: re.Match[str]) -> str:
    """Return a command of TeX in Unicode: a letter, or its name; nothing for braces and fonts."""
    return UNICODE.get(command[0], "" if command[0] in (*"{}", r"\mathrm") else command[0].removeprefix("\\"))


@dataclass(frozen=True)
class Mark:
    """One mark: an identifier, number or operator, given by its TeX, and by Unicode where no table says it."""

    tex: str
    kind: str = "identifier"
    unicode: str = ""

    @property
    def text(self) -> str:
        """The mark in Unicode."""
        return self.unicode or UNICODE.get(self.tex) or _COMMAND.sub(_plain, self.tex).strip("\\")


@dataclass(frozen=True)
class Bold:
    """A vector."""

    name: str


@dataclass(frozen=True)
class Accent:
    """A letter with an accent, such as a hat."""

    command: str
    body: Mark


@dataclass(frozen=True)
class Row:
    """Things side by side."""

    items: tuple[Layout, ...]


@dataclass(frozen=True)
class Fraction:
    """A fraction."""

    top: Layout
    bottom: Layout


@dataclass(frozen=True)
class Script:
    """A base with a subscript, a superscript, or both."""

    base: Layout
    sub: Layout | None = None
    sup: Layout | None = None


@dataclass(frozen=True)
class Root:
    """A square root."""

    body: Layout


@dataclass(frozen=True)
class Fence:
    """Parentheses, or other marks, that grow with their content."""

    body: Layout
    marks: tuple[str, str] = ("(", ")")


@dataclass(frozen=True)
class Column:
    """A column vector."""

    entries: tuple[Layout, ...]


@dataclass(frozen=True)
class Apply:
    """A named function and its argument, with or without parentheses."""

    name: Layout
    argument: Layout
    fenced: bool


@dataclass(frozen=True)
class Big:
    """An integral, sum or product sign with its limits; plain text leaves out those that go without saying."""

    sign: Mark
    below: Layout | None = None
    above: Layout | None = None
    everywhere: bool = False


Layout: TypeAlias = Mark | Bold | Accent | Row | Fraction | Script | Root | Fence | Column | Apply | Big

PLUS = Mark("+", "operator")
MINUS = Mark("-", "operator")
EQUALS = Mark("=", "operator")
COMMA = Mark(",", "operator")
SPACE = Mark(r"\,", "space")
BRACKETS, BRACES, BARS = ("[", "]"), ("{", "}"), ("|", "|")


def row(*items: Layout) -> Layout:
    """Put things side by side, without nesting rows."""
    flat: list[Layout] = []
    for item in items:
        flat += item.items if isinstance(item, Row) else (item,)
    return flat[0] if len(flat) == 1 else Row(tuple(flat))


def number(value: int) -> Mark:
    """Return a natural number as a mark."""
    return Mark(str(value), "number")


def beginning(layout: Layout) -> Layout:
    """Return what a layout begins with."""
    while isinstance(layout, Row | Script):
        layout = layout.items[0] if isinstance(layout, Row) else layout.base
    return layout


def is_number(layout: Layout) -> bool:
    """Whether a layout is a natural number."""
    return isinstance(layout, Mark) and layout.kind == "number"


def raised_already(layout: Layout) -> bool:
    """Whether a layout has an exponent, or what looks like one."""
    return isinstance(layout, Script) and layout.sup is not None


def raised(base: Layout, exponent: Layout) -> Layout:
    """Put an exponent on something, in parentheses where it has an exponent already or more than one factor."""
    match base:
        case Script(inner, sub, None):
            return Script(inner, sub, exponent)
        case Script() | Row() | Fraction():
            return Script(Fence(base), None, exponent)
    return Script(base, None, exponent)


def is_tall(layout: Layout) -> bool:
    """Whether parentheses around a layout must grow."""
    match layout:
        case Fraction() | Big() | Column():
            return True
        case Row(items):
            return any(map(is_tall, items))
        case Fence(body) | Root(body):
            return is_tall(body)
        case Script(base, _, sup):
            return is_tall(base) or (sup is not None and is_tall(sup))
        case Apply(_, argument, _):
            return is_tall(argument)
    return False


def has_fraction(layout: Layout) -> bool:
    """Whether a layout is a fraction, or one stands side by side with others in it."""
    return isinstance(layout, Fraction) or (isinstance(layout, Row) and any(map(has_fraction, layout.items)))


def is_unary(previous: Layout | None) -> bool:
    """Whether a sign after `previous` belongs to what follows: at the beginning, or after another operator."""
    return previous is None or (isinstance(previous, Mark) and previous.kind == "operator")


def bold(name: str) -> str:
    """Return a letter in Unicode's mathematical bold.

    >>> bold("x")
    '𝐱'
    """
    return "".join(chr(ord(c) - ord("a") + ord("𝐚")) for c in name)
