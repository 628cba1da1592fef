r"""Laws with values: ``normal(0, 2)``, ``N(m, s^2)``, ``exponential(rate=3)``.

The values stand in the order of the parameters in the parameterisation that is asked for, by default mu and sigma for
``normal``. In ``N(m, s^2)`` the second one is the variance, in ``N(0, 1)`` it is both; ``N(0, 4)`` is refused, for
books differ. A name of one's own stands for the parameter in whose place it is; one name twice makes both equal.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import NamedTuple

from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import RequestError
from kl_symbolic.families import all_families, find
from kl_symbolic.proof.derivation import Derivation
from kl_symbolic.proof.parameters import base_of, parameter_records, parameterisations, parameterisations_of
from kl_symbolic.proof.question import Question, any_question
from kl_symbolic.proof.special import Values
from kl_symbolic.proof.statement import laws
from kl_symbolic.proof.supports import variable
from kl_symbolic.reading.aliases import canonical
from kl_symbolic.reading.syntax import Name, Node, Number, Power
from kl_symbolic.reading.tokens import excerpt
from kl_symbolic.reading.where import Equalities, Quantity, apart, number, parsed
from kl_symbolic.terms import Symbol, Term

_CALL = re.compile(r"\s*(\\mathcal\s*\{?\s*[A-Z]\s*\}?|[A-Za-z][\w\s-]*?)\s*\((.*)\)\s*", re.DOTALL)
_KEYWORD = re.compile(r"\s*(\\?\w+)\s*=(?!=)(.*)", re.DOTALL)
# What a name of one's own cannot be: numbers, laws, variables, indices and the dimension.
TAKEN = frozenset("pi e E I P Q p q x k i j n d H KL log ln exp".split())  # noqa: SIM905
_LETTER = re.compile(r"(?:\\mathcal\s*)?\{?\s*([A-Z])\s*\}?")


class Argument(NamedTuple):
    """A value as it is written, perhaps with a keyword before it."""

    keyword: str | None
    node: Node
    written: str


@dataclass(frozen=True)
class WrittenLaw:
    """A law by our name, with the values that are written with it.

    `textbook` says that it is written by its letter, N(mean, variance) in some books and N(mean, standard deviation) in
    others. The `dim` and the `symbols`, by name, are those of an object of a library: those of SymPy as they are.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    written: str = ""
    textbook: bool = False
    dim: int | None = None
    symbols: tuple[tuple[str, object], ...] = ()


class Asked(NamedTuple):
    """Our names of two laws, what their parameters are equal to and lie above, and what the user calls parameters.

    The `symbols` are those of SymPy that the user gave for some of the names.
    """

    p: str
    q: str | None
    values: Values
    names: tuple[tuple[Term, Symbol], ...]
    symbols: tuple[tuple[Symbol, object], ...] = ()
    conditions: tuple[str, ...] = ()


def read_law(text: str) -> WrittenLaw:
    """Read a name, or a name with values.

    Raises
    ------
    NoClosedFormError
        If there is no such law.

    Examples
    --------
    >>> read_law("Gaussian").name, [argument.written for argument in read_law("normal(0, s)").arguments]
    ('normal', ['0', 's'])
    """
    call = _CALL.fullmatch(text)
    if call is None:
        return WrittenLaw(canonical(text), written=text)
    letter = _LETTER.fullmatch(call[1])
    by_letter = next((f.name for f in all_families().values() if letter and f.letter == letter[1]), None)
    arguments = tuple(map(_argument, apart(call[2])))
    return WrittenLaw(by_letter or canonical(call[1]), arguments, text.strip(), by_letter is not None)


def special(
    p: WrittenLaw | str,
    q: WrittenLaw | str | None,
    where: str | Sequence[str] | None = None,
    param_p: str | None = None,
    param_q: str | None = None,
    dim: int | None = None,
) -> Asked:
    """Read two laws and what is said of their parameters.

    Parameters
    ----------
    p, q
        As text, or as `objects.law_of` returns them.
    where
        Equalities and bounds, with commas between them, or several such texts.
    param_p, param_q, dim
        The parameterisations and the dimension that are asked for.

    Raises
    ------
    RequestError
        If something does not fit; `NoClosedFormError` if a name is unknown.

    Examples
    --------
    >>> asked = special("normal(0, s)", "normal(1, s)", "s = 3")
    >>> asked.p, [f"{name} = {value}" for name, value in asked.values]
    ('normal', ['mu_1 = 0', 'sigma_1 = 3', 'mu_2 = 1', 'sigma_2 = 3'])
    """
    written = [read_law(law) if isinstance(law, str) else law for law in (p, q) if law is not None]
    names = [law.name for law in written]
    second = names[1] if len(names) > 1 else None
    if where is None and not any(law.arguments for law in written):
        return Asked(names[0], second, (), ())
    words = (param_p, param_q)
    question = any_question(names[0], second, *parameterisations(names[0], second, *words), dim)
    equalities = Equalities(question)
    first = 0
    for law, word, param in zip(written, words, parameterisations_of(question).values(), strict=False):
        alone = any_question(law.name, None, param)
        _put_arguments(equalities, law, alone, first, explicit=word is not None)
        first += len(laws(alone).parameters)
    if where is not None:
        equalities.read(where)
    given = _symbols(written)
    called = sorted(equalities.called.items())
    own = [(equalities.symbols[place], Symbol(name, equalities.records[place].domain)) for place, name in called]
    theirs = [(symbol, given[symbol.name]) for _, symbol in own if symbol.name in given]
    return Asked(names[0], second, equalities.values, tuple(own), tuple(theirs), tuple(equalities.conditions))


def require_free(derivation: Derivation, values: Values) -> None:
    """Refuse values where they would change what a derivative is taken by, and where there is nothing to put them into.

    Raises
    ------
    RequestError
        Saying what to do instead.
    """
    question = derivation.question
    quantity = find_quantity(question.quantity)
    if quantity.right is not None:
        raise RequestError(f"{quantity.words} holds for all parameters; leave the values out")
    used = {symbol for name, value in values for symbol in (name, value)}
    by = question.of if quantity.of == "parameter" else None
    if any(quantity.differentiated or str(symbol) == by for symbol in used):
        raise RequestError(
            f"a {question.quantity} is taken by free parameters; leave the values out, and put them into the result"
        )


def _symbols(written: Sequence[WrittenLaw]) -> dict[str, object]:
    """Return the symbols of the user's own by name; one name is one parameter."""
    found: dict[str, object] = {}
    for name, symbol in (pair for law in written for pair in law.symbols):
        if found.setdefault(name, symbol) != symbol:
            raise RequestError(f"two symbols are called {excerpt(name)}, with different assumptions; make it one")
    return found


def _argument(text: str) -> Argument:
    keyword = _KEYWORD.fullmatch(text)
    word, value = (keyword[1], keyword[2]) if keyword else (None, text)
    if not value.strip():
        raise RequestError(f"a law has values between commas, as in normal(0, 1), given: {excerpt(text)!r}")
    return Argument(word, parsed(value), value.strip())


def _put_arguments(equalities: Equalities, law: WrittenLaw, alone: Question, first: int, *, explicit: bool) -> None:
    """Say what the values of a law are values of; its parameters begin at the place `first`."""
    if not law.arguments:
        return
    records = parameter_records(alone)
    order = ", ".join(record.name for record in records)
    if not records:
        raise RequestError(f"{law.name} has no parameters: {excerpt(law.written)}")
    placed = [argument for argument in law.arguments if argument.keyword is None]
    if placed and len(law.arguments) != len(records):
        raise RequestError(
            f"{law.name} takes {len(records)} value{'s' * (len(records) > 1)}, {order}; given: {excerpt(law.written)}"
        )
    for k, argument in enumerate(law.arguments):
        if argument.keyword is None:
            quantity = equalities.own_quantity(first + k)
            if law.textbook and k == len(records) - 1 and not explicit:
                quantity = _second_of_textbook(law, argument, quantity)
        else:
            quantity = equalities.quantity(Name(argument.keyword, argument.keyword.lstrip("\\")), alone, first)
        _put(equalities, quantity, argument, law)


def _second_of_textbook(law: WrittenLaw, argument: Argument, quantity: Quantity) -> Quantity:
    """Return what the last value of N(0, ...) is: of a square it is the variance, and 1 is both."""
    node = argument.node
    if isinstance(node, Power) and node.exponent == Number(Fraction(2)):
        return quantity._replace(power=Fraction(2))
    if number(node) == 1:
        return quantity
    family = find(law.name).family
    before = "".join(f"{one.written}, " for one in law.arguments[:-1])
    either = [one for one in family.all_parameters if one.name in family.last_in_books]
    raise RequestError(
        f"{excerpt(law.written)} may give {' or '.join(f'the {one.meaning}' for one in either)}: write "
        f"{' or '.join(f'{family.name}({before}{one.name}={argument.written})' for one in either)}"
    )


def _put(equalities: Equalities, quantity: Quantity, argument: Argument, law: WrittenLaw) -> None:
    value = number(argument.node)
    if value is not None:
        equalities.put(quantity, value)
        return
    node, power = argument.node, Fraction(1)
    if isinstance(node, Power):
        power, node = number(node.exponent) or power, node.base
    place = quantity.place
    own = equalities.own_quantity(place)
    if not isinstance(node, Name) or node.called or node.coordinate is not None or node.spelling in TAKEN - {"x", "k"}:
        raise RequestError(
            f"a value in {excerpt(law.written)} is a rational number or a name, given: {excerpt(argument.written)}"
        )
    member = find(law.name)
    if node.spelling == str(variable(member.family.support)) or (node.spelling in TAKEN and member.product):
        raise RequestError(f"{node.spelling} in {excerpt(law.written)} means the variable; take another name")
    if (quantity.power / power, quantity.logarithm) != (own.power, own.logarithm) or (power != 1 and own.logarithm):
        raise RequestError(
            f"{excerpt(argument.written)} in {excerpt(law.written)} is no name of the "
            f"{equalities.records[place].meaning}; give a name for that, or take another parameterisation (param)"
        )
    _call(equalities, place, node, law)


def _call(equalities: Equalities, place: int, name: Name, law: WrittenLaw) -> None:
    """Give a parameter a name of the user's own."""
    spelling, record = name.spelling, equalities.records[place]
    ours = {str(base_of(symbol)): k for k, symbol in enumerate(equalities.symbols)}
    if ours.get(spelling, place) != place:
        raise RequestError(
            f"{excerpt(name.written)} in {excerpt(law.written)} is our name of another parameter; take another name, "
            f"or say that both are equal: where {equalities.name(place)} = {spelling}"
        )
    family = find(law.name).family
    kinds = {one.name for one in family.all_parameters}
    if spelling.partition("_")[0] in kinds - {record.name}:
        raise RequestError(
            f"{excerpt(name.written)} in {excerpt(law.written)} stands for the {record.meaning}; take another name"
        )
    if spelling in ours:
        return
    if spelling in equalities.own:
        equalities.equal(equalities.own[spelling], place)
    else:
        equalities.own[spelling] = place
        equalities.called[place] = spelling
