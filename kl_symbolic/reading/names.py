"""What the names in a formula stand for: the parameters of the laws of a question, as people call them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from fractions import Fraction

from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.families import Family
from kl_symbolic.functions import known_functions
from kl_symbolic.proof.parameters import base_of, free_laws, parameter_records
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import Special
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.coordinates import EVERY, FREE_INDICES, Coordinates, letter_of_dimension
from kl_symbolic.reading.meaning import Meaning
from kl_symbolic.reading.places import USUAL, Beside, places, usual
from kl_symbolic.reading.spelling import Spelled, form, says_parameter, spelled
from kl_symbolic.reading.syntax import Name, Node, Number, Own, Power, Total, children, walk
from kl_symbolic.reading.tokens import excerpt
from kl_symbolic.terms import Number as Rational
from kl_symbolic.terms import Term

INDICES = frozenset(mark for marks in USUAL.values() for mark in marks)


class Names:
    """The names of a question, and a record of which of them were inferred.

    Parameters
    ----------
    question
        Whose parameters the names stand for.
    formulas
        In which the names stand: all together they say which law each belongs to.
    exchanged
        The indices, such as p and q, that stand for the other law here: ``KL(q || p) = ...`` is about q first.
    special
        What parameters are equal to, and what the user calls them.
    """

    def __init__(
        self,
        question: Question,
        formulas: Iterable[Node],
        exchanged: Collection[str] = (),
        special: Special | None = None,
    ) -> None:
        pair = laws(question)
        self.size: Term | None = pair.p.args[2] if pair.p.head == "ProductLaw" else None
        self.coordinates = Coordinates(self.size, gradient=find_quantity(question.quantity).differentiated)
        self.inferred: dict[str, str] = {}
        self.found: dict[str, Meaning] = {}
        self.words: dict[str, tuple[Beside, str]] = {}  # beside the names of each parameter, and the first of these
        self.own: dict[str, Meaning] = {}
        self.by_place: dict[int, dict[str, list[tuple[Spelled, Meaning]]]] = {}
        self.families: dict[int, Family] = {k: member.family for k, member in free_laws(question).items()}
        for symbol, name, place in _parameters(question):
            own = str(base_of(symbol))
            self.own[own] = Meaning(symbol, own)
            said = form(name, self.families[place])
            self.by_place.setdefault(place, {}).setdefault(said.of, []).append((said, self.own[own]))
        self.values = {str(base_of(name)): value for name, value in special.values} if special else {}
        self.called = {str(base_of(name)) for name, _ in special.names} if special else set()
        trees = tuple(formulas)
        self.dimension = letter_of_dimension(trees, self._is_known if self.size is not None else None)
        self.named = tuple(dict.fromkeys(pair for tree in trees for pair in _named(tree)))
        found = {one: None for name, bound in self.named for one in self._said(name, bound)}
        # Where something else is numbered 1, a 2 is a number and no exponent.
        self.two_is_square = not any("1" in one.beside for one in found)
        params = {1: question.param_p, 2: question.param_q}
        self.parameterised = {place: family for place, family in self.families.items() if params[place] is not None}
        self.letters: dict[tuple[int, str, int], tuple[str, ...]] = {}
        squared = _squared_words(trees, self.parameterised.values())
        for place, family in self.parameterised.items():
            for words in family.spellings:
                self.letters[place, words.of, words.power] = tuple(set(words.letters) - squared)
        self.unsaid = ""
        besides = {self._squared(one).beside for one in found}
        for fixed in (self._fixed(self.values), self._fixed({*self.values, *self.called})):
            mentioned = any(usual([one]).get(one) in fixed for one in besides) and not self.called
            if not mentioned and fixed < set(self.families):
                self.families = {k: family for k, family in self.families.items() if k not in fixed}
        if len({family.name for family in self.families.values()}) > 1:
            besides -= {()}  # a name that one law alone has needs nothing beside it
        self.beside: Mapping[Beside, int] = {}
        try:
            self.beside = places(besides, self.families, exchanged) if besides else {}
        except RequestError as refusal:
            self.unsaid = str(refusal)
            self.beside = usual(besides, exchanged) if len(self.families) > 1 else {}

    def find(self, name: Name, bound: str | None) -> Meaning:
        """Return what a name stands for, where `bound` is the index of the sum around it."""
        found = self._candidates(name, bound)
        if len(found) > 1:
            found = set(self._different(found)) or found
        if len(found) > 1 and len({family.name for family in self.families.values()}) > 1:
            found = {one for one in found if one.own_name not in self._claimed()} or found
        if len(found) > 1 and self._lacks_coordinate(name, bound):
            found = set()  # mu_1 without a coordinate, and not the first coordinate of mu
        if len(found) > 1:
            both = " or ".join(sorted(meaning.shown for meaning in found))
            written = excerpt(name.written)
            raise RequestError(f"ambiguous: {written} may be {both}; say which: --symbols '{written}=...'")
        if not found:
            if bound == EVERY and (name.coordinate or name.spelling.rpartition("_")[2]) in FREE_INDICES:
                raise RequestError(f"{excerpt(name.written)} has an index, and its sum has none: write sum_i(...)")
            self._refuse(name, bound)
        (meaning,) = found
        self._require_one_name(name, bound, meaning)
        self.found[name.written] = meaning
        spelled_out = name.spelling + (f"[{name.coordinate}]" if name.coordinate else "")
        if bound == EVERY or not _is_own(spelled_out, meaning):
            self.inferred.setdefault(name.written, meaning.shown)
        return meaning

    def _claimed(self) -> set[str]:
        """Return the parameters that have a name which is that of no other: beside lambda, beta is not the rate."""
        alone = (self._candidates(name, bound) for name, bound in self.named)
        return {one.own_name for found in alone if len({one.own_name for one in found}) == 1 for one in found}

    def _require_one_name(self, name: Name, bound: str | None, meaning: Meaning) -> None:
        """Refuse two names of one parameter that differ by more than the index of the law: var_enc and var_dec."""
        for one in self._said(name, bound):
            # Where one law alone has parameters, no index but its own number is a matter of course.
            usual = INDICES if len(self.families) > 1 else ("1",)
            rest = tuple(word for word in self._squared(one).beside if word not in usual)
            first, other = self.words.setdefault(meaning.own_name, (rest, name.written))
            if first != rest:
                both = f"{excerpt(other)} and {excerpt(name.written)}"
                raise RequestError(
                    f"ambiguous: {both} would both be {meaning.own_name}; say it: --symbols NAME=PARAMETER"
                )
            return

    def find_softplus(self, name: Name, bound: str | None) -> Meaning | None:
        """Return what the softplus of a name stands for, if people call it so."""
        found = self._candidates(name, bound, softplus=True)
        if len(found) != 1:
            return None
        (meaning,) = found
        self.inferred.setdefault(f"softplus({name.written})", meaning.shown)
        return meaning

    def find_own(self, own: Own, bound: str | None) -> Meaning:
        """Return the parameter that a name of the user's own stands for."""
        meaning = self.own.get(own.name) or self._usual(own.name)
        if meaning is None:
            turned = ""
            if own.written in self.own:
                turned = f"; your name stands on the left: {own.name}={own.written}"
            raise RequestError(
                f"symbols: {excerpt(own.written)} stands for no parameter {own.name!r}; {self.known()}{turned}"
            )
        if own.written != own.name:
            self.inferred.setdefault(own.written, meaning.shown)
        if self.size is None:
            return meaning
        at = self.coordinates.entry if bound == EVERY else self.coordinates.at(own.coordinate or "", bound)
        if at is None:
            raise RequestError(f"{excerpt(own.written)} has a coordinate: write {excerpt(own.written)}[i] in a sum")
        return _at(meaning, at)

    def _usual(self, name: str) -> Meaning | None:
        """Return what a name with a usual index stands for, whatever stands in the formula."""
        alone = len(self.families) == 1
        found = [
            meaning
            for place, family in self.families.items()
            for one in spelled(name, family)
            if (not one.beside if alone else usual([one.beside]).get(one.beside) == place)
            for meaning in self._of(one, place)
        ]
        return found[0] if len(found) == 1 else None

    def knows(self, name: Name, bound: str | None = None) -> bool:
        """Whether a name stands for exactly one parameter."""
        return len(self._candidates(name, bound)) == 1

    def is_dimension(self, name: Name | str) -> bool:
        """Whether a name is the dimension."""
        spelling, written = (name, name) if isinstance(name, str) else (name.spelling, name.written)
        if self.size is None or spelling != self.dimension:
            return False
        if written != "n":
            self.inferred.setdefault(written, str(self.size))
        return True

    def known(self) -> str:
        """Return the names of the parameters, in a sentence."""
        coordinate = "" if self.size is None else "[i]"
        return f"there are {', '.join(name + coordinate for name in self.own)}"

    def _said(self, name: Name, bound: str | None) -> Iterator[Spelled]:
        """Yield what a name, of a coordinate or not, says in any of the families."""
        for head, _ in self.coordinates.heads(name, bound, numbered=len(self.families) > 1):
            for family in {family.name: family for family in self.families.values()}.values():
                yield from spelled(head, family)

    def _is_known(self, name: Name) -> bool:
        """Whether a name says a parameter."""
        return says_parameter(name.spelling, self.families.values())

    def _squared(self, one: Spelled) -> Spelled:
        """Return what a name says when its 2 is an exponent, where it is: of one law alone, or beside an index."""
        alone = list(self.families) == [1]
        return one.squared if one.two and self.two_is_square and (alone or len(one.beside) > 1) else one

    def _candidates(self, name: Name, bound: str | None, *, softplus: bool = False) -> set[Meaning]:
        found: set[Meaning] = set()
        for head, at in self.coordinates.heads(name, bound, numbered=len(self.families) > 1):
            for meaning in self._meanings(head, softplus=softplus):
                found.add(meaning if at is None else _at(meaning, at))
        return found

    def _meanings(self, head: str, *, softplus: bool = False) -> Iterator[Meaning]:
        for place, family in self.families.items():
            for one in spelled(head, family):
                said = self._squared(one)
                here = self.beside.get(said.beside, place if not said.beside else 0) == place
                if not here or said.softplus != softplus:
                    continue
                yield from self._of(said, place)

    def _of(self, said: Spelled, place: int) -> Iterator[Meaning]:
        for parameter, own in self.by_place[place].get(said.of, ()):
            if said.word in self.letters.get((place, parameter.of, parameter.power), ()) and not parameter.logarithm:
                yield own
                continue
            ratio = Fraction(said.power, parameter.power)
            yield Meaning(own.symbol, own.own_name, ratio, said.logarithm, parameter.logarithm)

    def _fixed(self, names: Collection[str]) -> set[int]:
        """Return the places of the laws whose parameters all are numbers, or have one of these names."""
        numbers = {name for name in names if name not in self.values or isinstance(self.values[name], Rational)}
        return {
            place
            for place, own in self.by_place.items()
            if all(meaning.own_name in numbers for pairs in own.values() for _, meaning in pairs)
        }

    def _different(self, found: Collection[Meaning]) -> Iterator[Meaning]:
        """Yield meanings but for those of parameters that are numbers, or equal to others.

        Where a parameterisation is asked for, a word with several meanings is the parameter itself.
        """
        if self.parameterised and sum(meaning.is_parameter for meaning in found) == 1:
            found = [meaning for meaning in found if meaning.is_parameter]
        for meaning in found:
            value = self.values.get(meaning.own_name)
            if value is None:
                yield meaning
            elif not isinstance(value, Rational):
                own = self.own[str(base_of(value))]
                other = _at(own, meaning.symbol.args[1]) if meaning.symbol.head == "Indexed" else own
                yield meaning._replace(symbol=other.symbol, own_name=own.own_name)

    def _lacks_coordinate(self, name: Name, bound: str | None) -> bool:
        """Whether a name, as it stands, is that of a vector."""
        if self.size is None or name.coordinate is not None or bound == EVERY:
            return False
        return self._is_known(name)

    def _refuse(self, name: Name, bound: str | None) -> None:
        written = excerpt(name.written)
        if name.called:
            raise RequestError(f"not part of a formula: {written}(...); known functions: {known_functions()}")
        if self._lacks_coordinate(name, bound):
            raise RequestError(
                f"{written} has a coordinate: write {written}[i] in a sum, or {written}[1]; {self.known()}"
            )
        if name.coordinate is not None and self.size is None:
            raise RequestError(f"not part of a formula: {written}; {self.known()}")
        also = f"; {self.unsaid}" if self.unsaid and any(self._said(name, bound)) else ""
        raise RequestError(f"no parameter {written!r}; {self.known()}{also}")


def _named(tree: Node, bound: str | None = None) -> Iterator[tuple[Name, str | None]]:
    """Yield the names in a tree, each with the index of the sum around it."""
    left: list[tuple[Node, str | None]] = [(tree, bound)]
    while left:
        node, around = left.pop()
        if isinstance(node, Name):
            yield node, around
        if isinstance(node, Total):
            around = EVERY if node.index is None else node.index
        left += [(child, around) for child in children(node)]


def _squared_words(trees: Iterable[Node], families: Iterable[Family]) -> set[str]:
    """Return the words in names that a formula raises to an even power."""
    bases = [
        part.base.spelling
        for tree in trees
        for part in walk(tree)
        if isinstance(part, Power) and isinstance(part.base, Name) and isinstance(part.exponent, Number)
        if part.exponent.value % 2 == 0
    ]
    return {one.word for family in families for base in bases for one in spelled(base, family)}


def _at(meaning: Meaning, coordinate: Term) -> Meaning:
    symbol = meaning.symbol
    return meaning._replace(symbol=symbol.args[0][coordinate]) if symbol.head == "Indexed" else meaning


def _parameters(question: Question) -> Iterator[tuple[Term, str, int]]:
    """Yield each parameter, its name in the family, and the place of its law."""
    places = list(free_laws(question))
    for symbol, record in zip(laws(question).parameters, parameter_records(question), strict=True):
        # The parameters of P come first; where both laws are free, the index is part of the name.
        yield symbol, record.name, int(str(base_of(symbol))[-1]) if len(places) > 1 else places[0]


def _is_own(spelled_out: str, meaning: Meaning) -> bool:
    """Whether a name is spelled as that of the parameter itself, with or without its coordinate."""
    if not meaning.is_parameter:
        return False
    name = meaning.own_name
    if meaning.symbol.head != "Indexed":
        return spelled_out == name
    rest = spelled_out.removeprefix(name)
    return spelled_out.startswith(name) and (rest[:1] in ("_", "[", ",") or "_" in name)
