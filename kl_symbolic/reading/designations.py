"""Names in the grammar, with their indices, primes, decorations and coordinates."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import islice

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.alphabet import DIVERGENCE, EXPECTATION
from kl_symbolic.reading.bars import Bars, Factor
from kl_symbolic.reading.syntax import FUNCTIONS, Call, Name, Node, Number, Power
from kl_symbolic.reading.tokens import Token, excerpt

VARIABLES = frozenset({"x", "z", "s"})  # of which the parameters of a model are functions
OF_DATA = frozenset({"mu", "sigma", "Sigma", "lambda", "rho", "beta", "alpha", "tau", "nu"})
HATS = dict.fromkeys((r"\hat", r"\widehat", "combining circumflex accent"), "hat")
STATEMENTS = frozenset(
    "if else for in and or not is import from def class while return yield True False None".split()  # noqa: SIM905
)
_EXPECTATION = re.compile(r"E(?:_.*)?")
_DIVERGENCE = re.compile(r"(?:D_?)?KL.*", re.IGNORECASE)


class Designations(Bars):
    """Read names."""

    def name(self) -> Name:
        """Read a name with its indices."""
        start = self.at
        token = self.next()
        if token.text in STATEMENTS:
            raise RequestError(f"not part of a formula: {excerpt(self.text[token.start :])}")
        word = "Sigma" if token.text == "Σ" else token.text
        beside = self.beside_its_own(token)
        name = self.with_index(Name(word, f"{word}_{beside}" if beside else word), start)
        if not beside:
            self.decorated(name, token.decoration)
        opens = self.sees("(", "[") and (self.tex or not self.token.spaced)
        if opens and _EXPECTATION.fullmatch(name.spelling) and (self.sees("[") or name.spelling != "E"):
            raise RequestError(f"not part of a formula: {name.written}[...]; {EXPECTATION}")
        if opens and _DIVERGENCE.fullmatch(name.spelling):
            raise RequestError(f"not part of a formula: {name.written}(...); {DIVERGENCE}")
        closes = self.tokens[self.at + 2 : self.at + 3]
        if self.sees("[") and not self.token.spaced and closes and closes[0].text == "]":
            coordinate = self.tokens[self.at + 1]
            if coordinate.kind in ("name", "number"):
                self.at += 3
                return replace(name, coordinate=coordinate.text, written=self.slice(start))
        if variable := self.drop_variable(Factor(name, "name", start)):
            return replace(name, variable=variable)
        return replace(name, called=self.sees("(") and not self.token.spaced)

    def drop_variable(self, factor: Factor) -> str:
        r"""Step over the argument of a parameter that is a function: ``\mu_\phi(x)``, ``\sigma_\theta^2(z)``."""
        match factor.node:
            case Power(Name() as base, Number()) | (Name() as base) if self.sees("(") and not self.token.spaced:
                pass
            case _:
                return ""
        texts = [token.text for token in islice(self.tokens, self.at, self.at + 3)]
        letter, _, index = base.spelling.partition("_")
        if letter not in OF_DATA or texts[1] not in VARIABLES or texts[2:] != [")"]:
            return ""
        inside = self.at + 1
        if texts[1] == "s" and index not in ("theta", "phi", "psi"):
            product = f"{self.slice(factor.start)}*{texts[1]}"
            self.ambiguous(factor.start, product, f"{self.slice(factor.start)}, a function of {texts[1]}")
        others = (token for at, token in enumerate(self.tokens) if self.tokens[at - 1].text != "(" or at < 1)
        if any(token.kind == "name" and token.text == texts[1] for token in others):
            return ""  # it is a factor somewhere else, and may be one here
        self.at += 3
        self.note(f"{self.slice(factor.start)} is a function of {self.slice(inside, inside + 1)}, which is left out")
        return texts[1]

    def with_index(self, name: Name, start: int) -> Name:
        """Read the indices that follow a name."""
        spelling = name.spelling
        while self.token.kind == "sub":
            spelling += "_" + self.next().text
        return Name(self.slice(start), spelling)

    def beside_its_own(self, token: Token) -> str:
        r"""Return the word for a hat that tells two names of one formula apart: ``\hat\rho`` beside ``\rho``."""
        others = self.written_as.get(token.text)
        return HATS.get(token.decoration, "") if others == {"", token.decoration} else ""

    def decorated(self, name: Name, decoration: str) -> None:
        r"""Drop the decoration of ``\hat\mu``, unless it tells two names apart."""
        other = self.decorations.setdefault(name.spelling, decoration)
        if other != decoration:
            self.fail(f"two names differ by {decoration or other} alone, which is not read: {name.written}")
        if decoration:
            self.note(f"{decoration} over a name is dropped: {name.written}")

    def with_scripts(self, node: Node, start: int) -> Node:
        r"""Read the index behind the braces of a name: ``{\mu}_1``."""
        return self.with_index(node, start) if isinstance(node, Name) and self.token.kind == "sub" else node

    def coordinate_of(self, node: Node, index: str, start: int) -> Node:
        r"""Read ``[\sigma^2]_d`` as the square of ``\sigma_d``."""
        match node:
            case Name(written, spelling, None):
                return Name(f"{written}_{index}", f"{spelling}_{index}")
            case Power(base, Number() as exponent):
                return Power(self.coordinate_of(base, index, start), exponent)
            case Call(function, argument) if function in FUNCTIONS:
                return Call(function, self.coordinate_of(argument, index, start))
        return self.fail(f"an index of more than a name: {self.slice(start)}")
