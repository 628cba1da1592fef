"""Write terms as the Python of several libraries, as many people would.

This shares nothing with the readers of the package. Which functions, operators and variables are used is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from random import Random
from typing import NamedTuple

from kl_symbolic.proof.parameters import base_of
from kl_symbolic.terms import COORDINATE, DIMENSION, Number, Symbol, Term, add, coefficient, factors

# The last four are also names of parameters, where a formula has no such parameter.
VARIABLES = ("a", "t", "tmp", "ratio", "diff", "term", "x1", "res", "var", "std", "logvar", "mu")
LONGEST_DECIMAL = 1000  # the largest denominator
TWO, HALF = Number(2), Number(Fraction(1, 2))
_BARE = re.compile(r"[\w.]+")
_WORD = re.compile(r"(?<![\w.])\w+")


@dataclass(frozen=True)
class Library:
    """How a library calls its functions; `constants` is the library for numbers, `sums` says whether it has arrays."""

    prefix: str
    constants: str
    log: str = "log"
    square: str = "square"
    power: str = "power"
    sum: str = "sum"
    mean: str = "mean"
    log1p: str = "log1p"
    axis: str = "axis"
    methods: bool = False
    sums: bool = True


LIBRARIES = (
    Library("np.", "np."),
    Library("jnp.", "np."),
    Library("torch.", "math.", power="pow", axis="dim"),
    Library("torch.", "math.", power="pow", axis="dim", methods=True),
    Library("tf.", "np.", "math.log", power="pow", sum="reduce_sum", mean="reduce_mean", log1p="math.log1p"),
    Library("math.", "math.", square="", power="pow", sums=False),
)


class Level(IntEnum):
    """How tightly a piece of text is bound."""

    SUM = 0
    PRODUCT = 1
    POWER = 2
    ATOM = 3


class Piece(NamedTuple):
    """A part of a formula as text."""

    text: str
    level: Level

    def within(self, least: Level) -> str:
        """Return the text, in parentheses where it stands in something that binds more tightly."""
        return self.text if self.level >= least else f"({self.text})"


def as_python(term: Term, parameters: Sequence[Term], random: Random) -> str:
    """Write a term in the parameters of a question as Python.

    Where there are coordinates, arrays are one vector, or rows of samples; of these the mean is taken, or not.
    """
    arrays = parameters[0].head == "Indexed"
    libraries = [library for library in LIBRARIES if library.sums or not arrays]
    return _Writer(random.choice(libraries), parameters, arrays, random).code(term)


class _Writer:
    def __init__(self, library: Library, parameters: Sequence[Term], arrays: bool, random: Random) -> None:
        self.library, self.random, self.arrays = library, random, arrays
        self.names = _names([str(base_of(one)) for one in parameters], random)
        self.samples = random.choice(("rows", "rows", "vector")) if arrays else ""
        self.layout = random.choice(("expression", "value", "statements", "function"))
        self.lines: list[str] = []
        self.held: set[str] = set()  # variables that the text so far needs

    def code(self, term: Term) -> str:
        _, whole = coefficient(term)
        if self.samples == "rows" and self.random.random() < 0.4 and (whole.head == "Sum" or _mean(factors(whole))):
            self.samples = "all"  # its only sum is over coordinates and samples at once
        piece = self.piece(term)
        if not _mean(factors(whole)) or self.samples != "all":
            piece = self.over_samples(piece)
        if self.layout == "expression":
            return piece.text
        if self.layout == "value":
            return f"value = {piece.text}"
        if self.layout == "statements":
            return "\n".join([*self.lines, f"value = {piece.text}"])
        arguments = sorted({name.partition(".")[0] for name in self.names.values()} | {"batch_size"})
        return "\n    ".join([f"def value({', '.join(arguments)}):", *self.lines, f"return {piece.text}"])

    def over_samples(self, piece: Piece) -> Piece:
        first = next(iter(self.names.values()))
        if self.samples == "all":
            size = self.random.choice(("batch_size", f"{first}.shape[0]"))
            return Piece(f"{piece.within(Level.PRODUCT)} / {size}", Level.PRODUCT)
        if self.samples != "rows" or self.random.random() < 0.3:
            return piece
        return self.reduced(piece, self.library.mean, self.random.choice(("", "", "0")))

    def piece(self, term: Term) -> Piece:
        match term:
            case Number(value):
                return self.number(value)
            case Symbol(name):
                return Piece(self.dimension() if term is DIMENSION else self.names[name], Level.ATOM)
            case Term("Indexed", (array, _)):
                return Piece(self.names[str(array)], Level.ATOM)
            case Term("pi"):
                return Piece(f"{self.library.constants}pi", Level.ATOM)
            case Term("Add"):
                return self.kept(self.total(term.args))
            case Term("Mul"):
                return self.kept(self.product(term.args))
            case Term("pow", (base, exponent)):
                return self.kept(self.power(base, exponent))
            case Term("Sum", (body, *_)):
                return self.kept(self.sum(body, self.library.sum))
        return self.kept(self.function(term.head, *term.args))

    def kept(self, piece: Piece) -> Piece:
        """Give a variable the value of a piece, or not."""
        if self.layout not in ("statements", "function") or self.random.random() > 0.35:
            return piece
        return Piece(self.assigned(piece.text), Level.ATOM)

    def assigned(self, text: str) -> str:
        """Write a line that gives a variable a value; what the line uses is free again."""
        self.held -= set(_WORD.findall(text))
        free = [name for name in VARIABLES if name not in self.held and name not in self.names.values()]
        name = self.random.choice(free) if free else f"v{len(self.lines)}"
        self.held.add(name)
        self.lines.append(f"{name} = {text}")
        return name

    def total(self, args: Sequence[Term]) -> Piece:
        terms = [self.signed(term) for term in self.random.sample(args, len(args))]
        text = ""
        for k, (negative, piece) in enumerate(terms):
            written = piece.within(Level.PRODUCT)
            text += (" - " if negative else " + ") + written if k else "-" * negative + written
            whole = k == 0 and not _BARE.fullmatch(text)  # a variable is not changed under another name
            if whole and self.layout in ("statements", "function") and self.random.random() < 0.1:
                return Piece(self.step_by_step(text, terms[1:]), Level.ATOM)
        return Piece(text, Level.SUM)

    def step_by_step(self, text: str, terms: Sequence[tuple[bool, Piece]]) -> str:
        """Add terms to a variable, one in each line."""
        name = self.assigned(text)
        for minus, piece in terms:
            self.lines.append(f"{name} {'-' if minus else '+'}= {piece.text}")
            self.held -= set(_WORD.findall(piece.text))
        return name

    def signed(self, term: Term) -> tuple[bool, Piece]:
        """Return whether there is a minus sign in front, and what follows."""
        match term:
            case Number(value) if value < 0:
                return True, self.number(-value)
            case Term("Mul", (Number(value), *rest)) if value < 0:
                return True, self.kept(self.product_of([Number(-value), *rest] if value != -1 else rest))
        return False, self.piece(term)

    def number(self, value: Fraction) -> Piece:
        if value < 0:
            return Piece(f"-{self.number(-value).within(Level.PRODUCT)}", Level.SUM)
        p, q = value.numerator, value.denominator
        if q == 1:
            return Piece(f"{p}{self.random.choice(('', '', '.0', '.'))}" if p < LONGEST_DECIMAL else str(p), Level.ATOM)
        if LONGEST_DECIMAL % q == 0 and self.random.random() < 0.8:
            return Piece(str(p / q), Level.ATOM)
        if p == 1 and str(q).strip("0") == "1":
            return Piece(f"1e-{len(str(q)) - 1}", Level.ATOM)
        return Piece(f"{p} / {q}", Level.PRODUCT)

    def product(self, args: Sequence[Term]) -> Piece:
        match args:
            case Number(value), *rest if value < 0:
                inner = self.product_of([Number(-value), *rest] if value != -1 else rest)
                return Piece(f"-{inner.within(Level.PRODUCT)}", Level.SUM)
        return self.product_of(args)

    def product_of(self, args: Sequence[Term]) -> Piece:
        above, below = [], []
        if body := _mean(args):
            above.append(self.sum(body, self.library.mean))
            args = [one for one in args if one is not 1 / DIMENSION and one.head != "Sum"]
        for factor in self.random.sample(args, len(args)):
            match factor:
                case Term("pow", (base, Number(exponent))) if exponent < 0:
                    below.append(self.piece(base**-exponent))
                case Number(value) if value.numerator == 1 and self.random.random() < 0.5:
                    below.append(self.number(Fraction(value.denominator)))
                case _:
                    above.append(self.piece(factor))
        over = self.multiplied(above) if above else Piece("1", Level.ATOM)
        if not below:
            return over
        if self.random.random() < 0.7:
            return Piece(f"{over.within(Level.PRODUCT)} / {self.multiplied(below).within(Level.POWER)}", Level.PRODUCT)
        divisors = "".join(f" / {one.within(Level.POWER)}" for one in below)
        return Piece(f"{over.within(Level.PRODUCT)}{divisors}", Level.PRODUCT)

    def multiplied(self, factors: Sequence[Piece]) -> Piece:
        first, *rest = factors
        if not rest:
            return first
        if len(rest) == 1 and self.library.prefix == "np." and self.random.random() < 0.1:
            return Piece(f"np.multiply({first.text}, {rest[0].text})", Level.ATOM)
        return Piece(" * ".join([first.within(Level.PRODUCT), *(r.within(Level.POWER) for r in rest)]), Level.PRODUCT)

    def power(self, base: Term, exponent: Term) -> Piece:
        assert isinstance(exponent, Number), exponent
        if exponent is HALF and self.random.random() < 0.5:
            return self.function("sqrt", base)
        library, array, draw, value = self.library, _has_names(base), self.random.random(), exponent.value
        if exponent is TWO and draw < 0.4 and array and library.square:
            return self.applied(library.square, base)
        piece = self.piece(base)
        if exponent is TWO and draw < 0.6 and _BARE.fullmatch(piece.text) and array:
            return Piece(f"{piece.text} * {piece.text}", Level.PRODUCT)
        raised = self.number(value) if value > 0 else Piece(f"-{self.number(-value).text}", Level.SUM)
        if value < 0 and value.denominator == 1:
            raised = Piece(str(value), Level.ATOM)
        if draw < 0.8 and array:
            if library.methods:
                return Piece(f"{piece.within(Level.ATOM)}.{library.power}({raised.text})", Level.ATOM)
            return Piece(f"{library.prefix}{library.power}({piece.text}, {raised.text})", Level.ATOM)
        return Piece(f"{piece.within(Level.ATOM)} ** {raised.within(Level.ATOM)}", Level.POWER)

    def function(self, name: str, argument: Term) -> Piece:
        if not _has_names(argument):
            return Piece(f"{self.library.constants}{name}({self.piece(argument).text})", Level.ATOM)
        if name == "log" and argument.head == "Add" and Number(1) in argument.args and self.random.random() < 0.7:
            return self.applied(self.library.log1p, add(*(one for one in argument.args if one is not Number(1))))
        return self.applied(self.library.log if name == "log" else name, argument)

    def applied(self, name: str, argument: Term) -> Piece:
        piece = self.piece(argument)
        if self.library.methods:
            return Piece(f"{piece.within(Level.ATOM)}.{name}()", Level.ATOM)
        return Piece(f"{self.library.prefix}{name}({piece.text})", Level.ATOM)

    def sum(self, body: Term, name: str) -> Piece:
        """Write the sum or the mean over the coordinates."""
        piece = self.piece(body)
        if not _has_names(body):  # which has no axes
            size = f" * {self.dimension()}" if name == self.library.sum else ""
            return Piece(f"{piece.within(Level.PRODUCT)}{size}", Level.PRODUCT)
        return self.reduced(piece, name, self.random.choice(("1", "-1")) if self.samples == "rows" else "")

    def reduced(self, piece: Piece, name: str, axis: str) -> Piece:
        """Write a sum or a mean, of all or over an axis."""
        named = f"{self.library.axis}={axis}" if axis and self.random.random() < 0.8 else axis
        if self.library.methods or (self.library.prefix in ("np.", "jnp.") and self.random.random() < 0.3):
            return Piece(f"{piece.within(Level.ATOM)}.{name}({named})", Level.ATOM)
        return Piece(f"{self.library.prefix}{name}({piece.text}{f', {named}' if axis else ''})", Level.ATOM)

    def dimension(self) -> str:
        first = next(iter(self.names.values()))
        return f"{first}.shape[{0 if self.samples == 'vector' else self.random.choice((1, -1))}]"


def _names(parameters: Sequence[str], random: Random) -> dict[str, str]:
    """Call the parameters: mu_1, mu1, mu_p or p.mu."""
    two = {name[-2:] for name in parameters} == {"_1", "_2"}
    style = random.choice(("own", "joined", "letter", "attribute") if two else ("own", "own", "self"))

    def name(parameter: str) -> str:
        head, _, place = parameter.rpartition("_")
        law = {"1": "p", "2": "q"}.get(place, "self")
        match style:
            case "joined":
                return head + place
            case "letter":
                return f"{head}_{law}"
            case "attribute":
                return f"{law}.{'rate' if head == 'lambda' else head}"
            case "self":
                return f"self.{parameter}"
        return parameter

    return {parameter: name(parameter) for parameter in parameters}


def _has_names(term: Term) -> bool:
    return bool(term.free - {COORDINATE, DIMENSION})


def _mean(args: Sequence[Term]) -> Term | None:
    """Return what a product with 1/n and a sum is the mean of."""
    sums = [one for one in args if one.head == "Sum"]
    return sums[0].args[0] if len(sums) == 1 and 1 / DIMENSION in args else None
