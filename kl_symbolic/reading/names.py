"""What the names in a formula stand for: the parameters of the laws of a claim, as people call them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from sympy import Expr, Indexed, Integer

from kl_symbolic.errors import RequestError
from kl_symbolic.families import Parameter
from kl_symbolic.proof.claim import Claim
from kl_symbolic.proof.language import Exp, ProductLaw, Scalar, Sqrt
from kl_symbolic.proof.parameters import base_of, free_laws, parameter_records
from kl_symbolic.proof.statement import COORDINATE, DIMENSION, ONE_COORDINATE, laws
from kl_symbolic.reading.syntax import Name
from kl_symbolic.reading.tokens import excerpt, plain, source

# What people call a parameter, by its name in a family; {} is the place of an index. Underscores do not matter.
ALIASES: Mapping[str, tuple[str, ...]] = {
    "mu": ("m{}", "mean{}", "loc{}", "mu{}"),
    "sigma": ("s{}", "sd{}", "std{}", "stddev{}", "sig{}", "sigma{}"),
    "var": ("v{}", "var{}", "variance{}", "sigma{}sq", "sigmasq{}", "sigma{}squared"),
    "logvar": ("lv{}", "logvar{}", "lvar{}", "logvariance{}", "logsigma{}sq", "logsigmasq{}"),
    "lambda": ("l{}", "lam{}", "lamda{}", "lambda{}", "lmbda{}", "rate{}"),
}
INDICES = {1: ("1", "p", "P"), 2: ("2", "q", "Q")}
REVERSED = dict(zip("12pPqQ", "21qQpP", strict=True))  # each index and that of the other law
FREE_INDICES = ("i", "j", "k")
EVERY = ""  # the index of a sum that names none: within it a vector stands for its entry


class Meaning(NamedTuple):
    """A parameter, and what is written of it: its root of order `power`, or the exponential of that if `logarithm`.

    A variance is also written as the square of sigma, a log-variance as the logarithm of that.
    """

    symbol: Scalar
    own_name: str
    power: int = 1
    logarithm: bool = False

    @property
    def shown(self) -> str:
        """What the name stands for, in words for people."""
        if self.logarithm:
            return f"exp({self.symbol}/{self.power})"
        return str(self.symbol) if self.power == 1 else f"sqrt({self.symbol})"

    def to(self, exponent: Expr) -> Expr:
        """Return the name to a rational power."""
        total = exponent / self.power
        if self.logarithm:
            return Exp(self.symbol * total)
        if total.is_Integer:
            return self.symbol**total
        return Sqrt(self.symbol) ** exponent


class Names:
    """The names of a claim, and a record of which of them were inferred.

    Parameters
    ----------
    claim
        Whose parameters the names stand for.
    symbols
        Names of the user's own, and the parameters that they stand for.
    limits
        The upper limits of the sums in the formula. One other letter than n among them is the dimension.
    exchanged
        The indices, such as p and q, that stand for the other law here: ``KL(q || p) = ...`` is about q first.
    """

    def __init__(
        self,
        claim: Claim,
        symbols: Mapping[str, str],
        limits: Collection[str | None],
        exchanged: Collection[str] = (),
    ) -> None:
        self.indices = {k: [REVERSED[i] if i in exchanged else i for i in own] for k, own in INDICES.items()}
        pair = laws(claim)
        self.size: Expr | None = pair.p.args[2] if isinstance(pair.p, ProductLaw) else None
        self.gradient = claim.quantity == "gradient"
        self.dimension = _letter_of_dimension(limits)
        self.free: str | None = None
        self.inferred: dict[str, str] = {}
        self.table: dict[str, set[Meaning]] = {}
        self.own: dict[str, Meaning] = {}
        for symbol, parameter, place, alone in _parameters(claim):
            self._enter(symbol, parameter, place, alone)
        self.symbols = {_spelling(name): self._target(name, to) for name, to in symbols.items()}

    def find(self, name: Name, bound: str | None) -> Meaning:
        """Return what a name stands for, where `bound` is the index of the sum around it."""
        found = self._candidates(name, bound)
        if len(found) > 1:
            both = " or ".join(sorted(meaning.shown for meaning in found))
            raise RequestError(f"ambiguous: {excerpt(name.written)} may be {both}")
        if not found:
            if bound == EVERY and (name.coordinate or name.spelling.rpartition("_")[2]) in FREE_INDICES:
                raise RequestError(f"{excerpt(name.written)} has an index, and its sum has none: write sum_i(...)")
            self._refuse(name)
        (meaning,) = found
        spelled = name.spelling + (f"[{name.coordinate}]" if name.coordinate else "")
        if bound == EVERY or not _is_own(spelled, meaning):
            self.inferred.setdefault(name.written, meaning.shown)
        return meaning

    def knows(self, name: Name, bound: str | None = None) -> bool:
        """Whether a name stands for exactly one parameter."""
        return len(self._candidates(name, bound)) == 1

    def is_dimension(self, name: str) -> bool:
        """Whether a name is the symbolic dimension."""
        if self.size != DIMENSION or name != self.dimension:
            return False
        if name != "n":
            self.inferred.setdefault(name, "n")
        return True

    def _enter(self, symbol: Scalar, parameter: Parameter, place: int, alone: bool) -> None:
        own = str(base_of(symbol))
        self.own[own] = meaning = Meaning(symbol, own)
        root = Meaning(symbol, own, parameter.power, parameter.logarithm)
        letter = parameter.tex.removeprefix("\\")
        words = (*ALIASES.get(parameter.name, ()), parameter.name + "{}", _plain(parameter.meaning) + "{}")
        entries = [(word, meaning) for word in words]
        if root != meaning:
            entries += [(word, root) for word in (*ALIASES.get(letter, ()), letter + "{}")]
        for word, stands_for in entries:
            # Without its index a name that both laws have is ambiguous; a coordinate would be taken for the index.
            for index in ("", *self.indices[place]) if alone or self.size is None else self.indices[place]:
                self.table.setdefault(_plain(word.format(index)), set()).add(stands_for)

    def _candidates(self, name: Name, bound: str | None) -> set[Meaning]:
        for key, mapped in self.symbols.items():
            at = self._split(name, key, bound)
            if at is not None:
                return {self._at(mapped, at)}
        plain = _plain(name.spelling)
        if self.size is None:
            return set() if name.coordinate else self.table.get(plain, set())
        if name.coordinate is not None:
            at = self._coordinate(name.coordinate, bound)
            return {self._at(m, at) for m in self.table.get(plain, ())} if at is not None else set()
        if bound == EVERY:
            return {self._at(meaning, COORDINATE) for meaning in self.table.get(plain, ())}
        found: set[Meaning] = set()
        for cut in range(1, len(plain)):
            head, tail = plain[:cut], plain[cut:]
            # mu_12 of a law without an index is the twelfth coordinate, not the second of a first law.
            indexed = head[-1].isdigit() and head[:-1] in self.table
            at = None if indexed and tail.isdigit() else self._coordinate(tail, bound)
            if at is not None:
                found |= {self._at(m, at) for m in self.table.get(head, ())}
        return found

    def _split(self, name: Name, key: str, bound: str | None) -> Expr | None:
        """Return the coordinate of a name that is mapped; for a scalar, any number."""
        if self.size is None:
            return Integer(0) if name.spelling == key and name.coordinate is None else None
        if name.coordinate is not None:
            return self._coordinate(name.coordinate, bound) if name.spelling == key else None
        if bound == EVERY and name.spelling == key:
            return COORDINATE
        if not name.spelling.startswith(key):
            return None
        return self._coordinate(name.spelling[len(key) :].strip("_,"), bound)

    def _at(self, meaning: Meaning, coordinate: Expr) -> Meaning:
        symbol = meaning.symbol
        return meaning if not isinstance(symbol, Indexed) else meaning._replace(symbol=symbol.base[coordinate])

    def _coordinate(self, text: str, bound: str | None) -> Expr | None:
        if re.fullmatch("[1-9][0-9]{0,3}", text, re.ASCII):
            largest = 1 if self.size == DIMENSION else int(self.size or 0)  # n may be 1
            return Integer(int(text)) if int(text) <= largest else None
        if bound is not None and text == bound:
            return COORDINATE
        if bound is None and self.gradient and self.size == DIMENSION and text in FREE_INDICES:
            if text != (self.free or text):
                raise RequestError(f"two free indices, {self.free} and {text}: a derivative is by one coordinate")
            self.free = text
            return ONE_COORDINATE
        return None

    def _target(self, name: str, to: str) -> Meaning:
        if to not in self.own:
            turned = f"; your name stands on the left: {excerpt(to)}={excerpt(name)}" if name in self.own else ""
            raise RequestError(
                f"symbols: {excerpt(name)} stands for no parameter {excerpt(to)!r}; {self._known()}{turned}"
            )
        return self.own[to]

    def _refuse(self, name: Name) -> None:
        written = excerpt(name.written)
        if name.called:
            raise RequestError(f"not part of a formula: {written}(...); known functions: log, ln, exp, sqrt")
        if self.size is not None and _plain(name.spelling) in self.table and name.coordinate is None:
            raise RequestError(
                f"{written} has a coordinate: write {written}[i] in a sum, or {written}[1]; {self._known()}"
            )
        if name.coordinate is not None and self.size is None:
            raise RequestError(f"not part of a formula: {written}; {self._known()}")
        raise RequestError(f"no parameter {written!r}; {self._known()}")

    def _known(self) -> str:
        coordinate = "" if self.size is None else "[i]"
        return f"there are {', '.join(name + coordinate for name in self.own)}"


def _letter_of_dimension(limits: Collection[str | None]) -> str:
    letters = sorted({limit for limit in limits if limit is not None and limit.isalpha()}) or ["n"]
    if len(letters) > 1:
        raise RequestError(f"two letters for the dimension: {' and '.join(map(excerpt, letters[:2]))}")
    if len(letters[0]) > 1 or letters[0] in ("e", "E"):
        raise RequestError(f"a sum over the coordinates is from 1 to n, given: {excerpt(letters[0])}")
    return letters[0]


def _parameters(claim: Claim) -> Iterator[tuple[Scalar, Parameter, int, bool]]:
    """Yield each parameter, its record, the place of its law, and whether its law alone has one of this name."""
    places = list(free_laws(claim))
    symbols, records = laws(claim).parameters, parameter_records(claim)
    names = [record.name for record in records]
    for k, (symbol, record) in enumerate(zip(symbols, records, strict=True)):
        # The parameters of P come first; where both laws are free, the index is part of the name.
        text = str(base_of(symbol))
        place = int(text[-1]) if len(places) > 1 else places[0]
        yield symbol, record, place, names.count(names[k]) == 1


def _is_own(spelled: str, meaning: Meaning) -> bool:
    """Whether a name is spelled as that of the parameter itself, with or without its coordinate."""
    if meaning.power != 1 or meaning.logarithm:
        return False
    name = meaning.own_name
    if not isinstance(meaning.symbol, Indexed):
        return spelled == name
    rest = spelled.removeprefix(name)
    return spelled.startswith(name) and (rest[:1] in ("_", "[", ",") or "_" in name)


def _plain(text: str) -> str:
    return text.replace("_", "").replace(",", "").replace(" ", "").replace("-", "")


def _spelling(text: str) -> str:
    """Spell a name of the user's as names in a formula are spelled."""
    tokens = source(*plain(text)).tokens[:-1]
    if not tokens or tokens[0].kind != "name" or any(t.kind != "sub" for t in tokens[1:]):
        raise RequestError(f"symbols: {excerpt(text)!r} is no name")
    return "_".join(t.text for t in tokens)
