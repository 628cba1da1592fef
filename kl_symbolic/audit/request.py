"""What an audit is asked: two laws in a parameterisation, what is said of their parameters, and what takes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeAlias

from kl_symbolic import engine
from kl_symbolic.api import derive
from kl_symbolic.audit.sides import Entry, Side, Sides, named_member
from kl_symbolic.derivation import Derivation
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Member, Parameter, find
from kl_symbolic.proof.parameters import base_of, free_laws, parameter_records, parameterisations
from kl_symbolic.proof.question import Question, any_question
from kl_symbolic.proof.special import Values
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.laws import Asked, WrittenLaw, special
from kl_symbolic.terms import Number, Symbol, Term, has

AskedParams: TypeAlias = tuple[str | None, str | None]  # the parameterisations that are asked for


@dataclass(frozen=True)
class Request:
    """Two laws, each in a parameterisation.

    Parameters
    ----------
    asked
        Their names, and what is said of their parameters.
    params
        The parameterisation of each, where its family has it.
    called
        What the arguments of the function are called, by the free parameters that they are.
    """

    asked: Asked
    params: tuple[str, str]
    called: tuple[tuple[Term, str], ...] = ()

    @cached_property
    def question(self) -> Question:
        """The general question."""
        p, q = self.asked.p, self.asked.q
        return any_question(p, q, *parameterisations(p, q, *self.params))

    @property
    def values(self) -> Values:
        """What parameters of the question are equal to."""
        return self.asked.values

    @property
    def free(self) -> dict[Term, str]:
        """The parameters that have no value, with their names: the user's own, or ours."""
        own, taken, chosen = dict(self.asked.names), dict(self.values), dict(self.called)
        left = [s for s in laws(self.question).parameters if s not in taken]
        return {s: chosen.get(s) or str(own.get(s, base_of(s))) for s in left}

    def arguments(self, args: Sequence[str]) -> dict[Term, str] | None:
        """Return which parameter each argument is; None if one is none, two are one, or one is missing.

        A parameter may be called by the user's own name, by ours, or by ours without the number of the law where no
        other free parameter is of its kind. One that is not in the closed form may be left out.
        """
        records = self._records
        kinds = [records[symbol].name for symbol in self.free]
        known = {name: symbol for symbol, name in self.free.items()}
        for symbol in self.free:
            known.setdefault(str(base_of(symbol)), symbol)
        for symbol in self.free:
            if kinds.count(records[symbol].name) == 1:
                known.setdefault(records[symbol].name, symbol)
        found = {known[name]: name for name in args if name in known}
        if len(found) != len(args) or (len(found) < len(self.free) and not self.needed <= set(found)):
            return None
        return found

    @property
    def needed(self) -> set[Term]:
        """The free parameters that are in the closed form."""
        right = self.derivation.statement.right
        return {symbol for symbol in self.free if has(right, base_of(symbol))}

    @cached_property
    def derivation(self) -> Derivation:
        """The derivation of the divergence, with the names of the arguments."""
        found = derive(self.question.p, self.question.q, **self.question.options)
        if found.question.where:
            raise NoClosedFormError(f"no audit of what is finite only where {', '.join(found.question.where)}")
        return self._special(found, self.values)

    @cached_property
    def coordinate(self) -> Derivation:
        """The same of one coordinate, where the laws are products; the derivation itself where they are not."""
        members = find(self.question.p), find(self.question.q or self.question.p)
        if not any(member.product for member in members):
            return self.derivation
        p, q = (member.name if member.fixed is not None else member.family.name for member in members)
        found = derive(p, q, **self.question.options)
        scalars = dict(zip(laws(self.question).parameters, laws(found.question).parameters, strict=True))
        return self._special(found, tuple((scalars[s], scalars.get(value, value)) for s, value in self.values), scalars)

    def _special(self, found: Derivation, values: Values, scalars: Mapping[Term, Term] | None = None) -> Derivation:
        names = tuple(((scalars or {}).get(s, s), symbol) for s, symbol in self.names)
        return replace(found, special=engine.special(found.record, values, names)) if values or names else found

    def sides(self, names: Sequence[str]) -> Sides:
        """Return the two laws, for a function of the parameters of these names."""
        entries = dict(zip(laws(self.question).parameters, self._entries(), strict=True))
        rest = list(entries.values())
        made: list[Side] = []
        for place, member in enumerate(map(find, (self.question.p, self.question.q or self.question.p)), start=1):
            if place not in free_laws(self.question):
                made.append(named_member(member, self.params[place % 2]))
                continue
            param = member.family.known_param(self.params[place - 1])
            count = len(member.family.parameters_in(param))
            made.append(Side(member, param, tuple(rest[:count])))
            del rest[:count]
        return Sides(made[0], made[1], tuple(names))

    def _entries(self) -> Iterator[Entry]:
        values, free = dict(self.values), self.free
        for symbol in laws(self.question).parameters:
            value = values.get(symbol, symbol)
            yield value.value if isinstance(value, Number) else free[value]

    @property
    def names(self) -> tuple[tuple[Term, Symbol], ...]:
        """The symbols for free parameters that are not called as we call them."""
        records = self._records
        called = ((s, Symbol(name, records[s].domain)) for s, name in self.free.items())
        return tuple((s, symbol) for s, symbol in called if symbol.name != str(base_of(s)))

    @cached_property
    def _records(self) -> dict[Term, Parameter]:
        """The family's record of each parameter of the question."""
        return dict(zip(laws(self.question).parameters, parameter_records(self.question), strict=True))


def requested(
    p: WrittenLaw, q: WrittenLaw, args: Sequence[str] | None, asked: AskedParams, where: str | Sequence[str] | None
) -> Request:
    """Return what is asked, in the parameterisations whose parameters the arguments are.

    Raises
    ------
    RequestError
        If the arguments are the free parameters of the laws in no parameterisation, or something said of the
        parameters does not fit.
    """
    members = find(p.name), find(q.name)
    refused: dict[tuple[str, str], RequestError] = {}
    ways: list[tuple[tuple[str, str], str]] = []
    same: dict[object, tuple[str, str]] = {}  # of words that mean the same, the first
    for one in _known(members, asked):
        same.setdefault(parameterisations(p.name, q.name, *one), one)
    known = list(same.values())
    for one in known:
        try:
            request = _request(p, q, where, one, asked)
        except RequestError as error:
            if args is None or len(known) == 1:
                raise
            refused[one] = error
            continue
        if args is None:
            return request
        found = request.arguments(args)
        if found is not None:
            return replace(request, called=tuple(found.items()))
        ways.append((one, ",".join(request.free.values())))
    fitting = {name for one in known if one not in refused for name in _our_names(members, one)}
    others = set(args or ()) - fitting
    for one, refusal in refused.items():
        if not ways or (others and others <= set(_our_names(members, one))):
            raise refusal
    said = f" where {where if isinstance(where, str) else ', '.join(where)}" if where else ""
    several = [way for one, way in ways if one[0] == one[1]] or [way for _, way in ways]
    raise RequestError(
        f"the arguments of {p.written} and {q.written}{said} are {' or '.join(dict.fromkeys(several))} in any order, "
        f"given: {','.join(args or ())}"
    )


def _known(members: Sequence[Member], asked: AskedParams) -> Iterator[tuple[str, str]]:
    """Yield the parameterisations in which the laws may be given, those with one word for both first."""
    if asked[0] is not None and asked[0] == asked[1]:
        yield asked[0], asked[0]
        return
    of_p, of_q = ((word,) if word else member.family.param_names for member, word in zip(members, asked, strict=True))
    if asked == (None, None):
        yield from ((word, word) for word in dict.fromkeys((*of_p, *of_q)))
    yield from ((one, other) for one in of_p for other in of_q if one != other or asked != (None, None))


def _request(
    p: WrittenLaw, q: WrittenLaw, where: str | Sequence[str] | None, words: tuple[str, str], asked: AskedParams
) -> Request:
    """Return what is asked in parameterisations, of which some were asked for.

    Where none was, values stand in the order of the default parameters, as they do everywhere.
    """
    first, second = (
        law if explicit else _by_name(law, word) for law, word, explicit in zip((p, q), words, asked, strict=True)
    )
    needed = parameterisations(p.name, q.name, *words)
    of_p, of_q = (one or other for one, other in zip(asked, needed, strict=True))
    said = special(first, second, where, of_p, of_q)
    if said.conditions:
        raise RequestError(
            f"an audit tries all parameters, so that it takes no conditions: {', '.join(said.conditions)}"
        )
    return Request(said, words)


def _by_name(law: WrittenLaw, param: str) -> WrittenLaw:
    """Return a law whose values are given by the names of the default parameters, for another parameterisation."""
    family = find(law.name).family
    if param == family.default or param not in family.param_names or len(law.arguments) != len(family.parameters):
        return law
    pairs = zip(law.arguments, family.parameters, strict=True)
    arguments = tuple(a if a.keyword else a._replace(keyword=r.name) for a, r in pairs)
    return WrittenLaw(law.name, arguments, law.written, symbols=law.symbols)


def _our_names(members: Sequence[Member], words: tuple[str, str]) -> Iterator[str]:
    for member, param in zip(members, words, strict=True):
        if param in member.family.param_names:
            for record in member.family.parameters_in(param):
                yield from (record.name, f"{record.name}_1", f"{record.name}_2")
