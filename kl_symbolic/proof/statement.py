"""What a question means: its laws, its left-hand side, and the definitions of the divergence and the entropies.

This is part of the trusted base. The kernel builds each statement with it, whatever a derivation says of itself.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple, get_args

from kl_symbolic.arguments import require_choice
from kl_symbolic.divergences import Quantity, all_quantities, find_quantity
from kl_symbolic.errors import NoClosedFormError, RequestError
from kl_symbolic.families import Family, Member, Moment, find
from kl_symbolic.functions import Formula
from kl_symbolic.proof.question import Question, Unit
from kl_symbolic.proof.supports import family_of, support_of, variable
from kl_symbolic.proof.where import Declared, symbols_where
from kl_symbolic.terms import (
    COORDINATE,
    DEFINED_HEADS,
    DIMENSION,
    ONE_COORDINATE,
    Array,
    Density,
    Diff,
    Integral,
    Law,
    Namespace,
    Number,
    ProductLaw,
    Symbol,
    Term,
    Vector,
    parts_with,
    substitute,
)

FORMULAS = Namespace()
MAX_DIMENSION = 1_000
MAX_DIMENSION_OF_GRADIENT = 30  # each of its components differentiates the sum over all coordinates


class Language(Namespace):
    """The namespace in which the left-hand sides of quantities become terms, see `kl_symbolic.divergences.quantity`.

    Examples
    --------
    >>> Language().KL(Symbol("p"), Symbol("q"))
    KL(p, q)
    """

    def __getattr__(self, name: str) -> Any:
        return partial(Term, name) if name in DEFINED_HEADS else super().__getattr__(name)

    def expectation(self, statistic: Formula, law: Term) -> Term:
        """Return the integral of a statistic times the density."""
        x = variable(family_of(law).support)
        return integral(statistic(self, x) * Density(law, x), law)

    def log_density(self, law: Term) -> Term:
        """Return the logarithm of the density at the variable of integration."""
        return FORMULAS.log(Density(law, variable(family_of(law).support)))  # type: ignore[no-any-return]

    def derivative(self, value: Term, parameter: Term) -> Term:
        """Return a derivative by a parameter."""
        return Diff(value, parameter)


LANGUAGE = Language()


class Laws(NamedTuple):
    """The laws of a question and their free parameters, those of P first."""

    p: Term
    q: Term | None
    parameters: tuple[Term, ...]


def laws(question: Question) -> Laws:
    """Build the laws of a question.

    Raises
    ------
    NoClosedFormError
        If a name is unknown, or the two laws live in different dimensions.
    RequestError
        If the parameterisation or the dimension does not fit.
    """
    _check_words(question)
    members = [find(name) for name in (question.p, question.q) if name is not None]
    _check(question, members)
    product = any(m.product for m in members)
    free = [m for m in members if m.fixed is None]
    size = DIMENSION if question.dim is None else Number(question.dim)
    params = _params(question)
    named = [
        _declared(member, param, f"_{place}" if len(free) > 1 else "")
        for place, (member, param) in enumerate(zip(members, params, strict=False), start=1)
    ]
    symbols = symbols_where({name: one for own in named for name, one in own.items()}, question.where)
    written = {name: Array(s)[COORDINATE] if product and isinstance(s, Symbol) else s for name, s in symbols.items()}
    built = []
    for member, param, own in zip(members, params, named, strict=False):
        law = Law(member.family.name, *_default_arguments(member, param, [written[name] for name in own]))
        built.append(ProductLaw(law, COORDINATE, size) if product else law)
    parameters = tuple(written[name] for name, s in symbols.items() if isinstance(s, Symbol) and s.name == name)
    return Laws(built[0], built[1] if len(built) > 1 else None, parameters)


def unit_in_nats(question: Question) -> Term:
    """Return the unit of a question in nats: one, or log(2) for bits.

    Examples
    --------
    >>> unit_in_nats(Question("kl", "poisson", "poisson", unit="bits"))
    log(2)
    """
    return FORMULAS.log(2) if question.unit == "bits" else Number(1)


def left_side(question: Question) -> Term:
    """Build the left-hand side of the statement of a question."""
    p, q, parameters = laws(question)
    quantity = find_quantity(question.quantity)
    if quantity.distinct and p == q:
        raise RequestError(f"P and Q are the same law, {question.p}: there is nothing to state")
    value: Term = quantity.left(LANGUAGE, *filter(None, (p, q)), *_of(question, quantity, parameters))
    value = value / unit_in_nats(question)
    if not quantity.differentiated:
        return value
    coordinates = [ONE_COORDINATE] if question.dim is None else [Number(k) for k in range(1, question.dim + 1)]
    if p.head != "ProductLaw":
        coordinates = [COORDINATE]
    at = [substitute(s, {COORDINATE: k}) for s in parameters for k in coordinates]
    if not at:
        raise RequestError(f"there is no parameter to differentiate {question.p} || {question.q} by")
    return Vector(*(Diff(value, s) for s in at))


def right_side(question: Question) -> Term | None:
    """Build the right-hand side of the statement of a question, where it is known beforehand."""
    p, q, _ = laws(question)
    right = find_quantity(question.quantity).right
    return None if right is None else right(LANGUAGE, *filter(None, (p, q)))


def quantity_of(head: str) -> str:
    """Return the name of the quantity whose left-hand side is a term of this head.

    >>> quantity_of("CrossEntropy")
    'cross_entropy'
    """
    return next(one.name for one in all_quantities().values() if one.is_number and _made(one).head == head)


def made_of(quantity: Quantity) -> frozenset[str]:
    """Return the names of the quantities of which the left-hand side of one is made, its own among them.

    >>> sorted(made_of(find_quantity("asymmetry")))
    ['asymmetry', 'kl']
    """
    parts = () if quantity.of else parts_with(_made(quantity), *DEFINED_HEADS)
    return frozenset({quantity.name, *(quantity_of(part.head) for part in parts)})


def _made(quantity: Quantity) -> Term:
    """Return the left-hand side of a quantity of any laws."""
    letters = Symbol("p"), Symbol("q")
    value: Term = quantity.left(LANGUAGE, *letters[: quantity.laws])
    return value


def definition(quantity: Term) -> Term:
    """Unfold KL(P, Q), Entropy(P) or CrossEntropy(P, Q) into the integral that defines it.

    This is the divergence only where P gives no probability to what Q gives none, see `supports.inclusion`.
    """
    p, q = quantity.args[0], quantity.args[-1]
    x = variable(family_of(p).support, vector=p.head == "ProductLaw")
    log = FORMULAS.log
    if quantity.head == "KL":
        return integral(Density(p, x) * log(Density(p, x) / Density(q, x)), p)
    return -integral(Density(p, x) * log(Density(q, x)), p)


def density_formula(law: Term, x: Term) -> Term:
    """Return the density of a scalar law at x as a formula."""
    formula: Term = family_of(law).density(FORMULAS, x, *law.args[1:])
    return formula


def integral(body: Term, law: Term) -> Term:
    """Return the integral (or sum) of `body` over the support of `law`."""
    vector = law.head == "ProductLaw"
    x = variable(family_of(law).support, vector)
    return Integral(body, x, support_of(law), law.args[2] if vector else 1)


def moment_of(question: Question) -> Moment:
    """Return the family's record of the moment that a question names."""
    family = find(question.p).family
    for moment in family.moments:
        if moment.name == question.of:
            return moment
    raise NoClosedFormError(f"{family.name} has no moment {question.of!r}; known: {_moments(family)}")


def _moments(family: Family) -> str:
    return ", ".join(moment.name for moment in family.moments)


def _of(question: Question, quantity: Quantity, parameters: tuple[Term, ...]) -> tuple[object, ...]:
    """Return what a quantity is of: nothing, a moment or a parameter."""
    if quantity.of == "moment":
        return (moment_of(question),)
    if quantity.of == "parameter":
        return (_parameter_of(question, parameters),)
    return ()


def _parameter_of(question: Question, parameters: tuple[Term, ...]) -> Term:
    for parameter in parameters:
        if str(parameter) == question.of:
            return parameter
    raise RequestError(f"{question.p} has no parameter {question.of!r}; known: {', '.join(map(str, parameters))}")


def _check_words(question: Question) -> None:
    """Refuse a question whose words do not fit together; two questions with one name must not mean different things."""
    quantity = find_quantity(question.quantity)
    require_choice("unit", question.unit, get_args(Unit))
    if question.unit != "nats" and not quantity.bits:
        raise RequestError(f"a {quantity.name} is not stated in {question.unit}")
    if quantity.of:
        if question.of is None:
            family = find(question.p).family
            known = _moments(family) if quantity.of == "moment" else ", ".join(p.name for p in family.parameters)
            raise RequestError(f"say of what the {quantity.name} of {question.p} is: {known}")
        if find(question.p).family.name != question.p or question.param_p is not None:
            given = question.p + (f", param {question.param_p}" if question.param_p is not None else "")
            raise RequestError(f"a {quantity.name} is stated for a family as it is by default, given: {given}")
    elif question.of is not None:
        known = " or ".join(f"a {one.name}" for one in all_quantities().values() if one.of)
        raise RequestError(f"only {known} is of something, given: {question.of}")
    named = [law for law in (question.p, question.q) if law is not None]
    if len(named) != quantity.laws:
        number = "two laws" if quantity.laws == 2 else "one law"  # noqa: PLR2004 - P and Q
        raise RequestError(f"{quantity.name} needs {number}, given: {' and '.join(named)}")
    if question.dim is not None and type(question.dim) is not int:
        raise RequestError(f"the dimension must be an integer, given: {question.dim!r}")


def _check(question: Question, members: list[Member]) -> None:
    product = any(m.product for m in members)
    for m in members:
        if product and not m.product and m.fixed is None:
            raise NoClosedFormError(
                f"dimensions differ: {' and '.join(m.name for m in members)}; use diagonal_{m.name}"
            )
    if question.dim is not None and not product:
        raise RequestError(f"a dimension needs a product law such as diagonal_{question.p}, given: {question.p}")
    largest = MAX_DIMENSION_OF_GRADIENT if find_quantity(question.quantity).differentiated else MAX_DIMENSION
    if question.dim is not None and not 1 <= question.dim <= largest:
        raise RequestError(
            f"the dimension must be an integer from 1 to {largest}, given: {question.dim}; "
            "without a dimension the result holds for every n"
        )
    for param, mine in _taken(question, members):
        known = sorted({param for m in mine for param in m.family.param_names})
        if param is not None and param not in known:
            of = " and ".join(dict.fromkeys(m.name for m in mine))
            raise RequestError(f"no parameterisation {param!r} for {of}; known: {', '.join(known)}")
    if question.q is None and question.param_q is not None:
        raise RequestError(f"there is no law Q to be given by {question.param_q}")


def _taken(question: Question, members: list[Member]) -> list[tuple[str | None, list[Member]]]:
    """Return each parameterisation, and the laws of which one must know it: of a common one, either."""
    if question.param_p == question.param_q:
        return [(question.param_p, members)]
    return [(param, [member]) for param, member in zip(_params(question), members, strict=False)]


def _params(question: Question) -> tuple[str | None, str | None]:
    return question.param_p, question.param_q


def _declared(member: Member, param: str | None, index: str) -> dict[str, Declared]:
    """Return what the family says of the parameters of a law, by their names in a question."""
    if member.fixed is not None:
        return {}
    records = member.family.parameters_in(member.family.known_param(param))
    return {r.name + index: Declared(r.domain, r.above + index if r.above else None) for r in records}


def _default_arguments(member: Member, param: str | None, symbols: list[Term]) -> tuple[Term, ...]:
    if member.fixed is not None:
        return tuple(Number(value) for value in member.fixed)
    name = member.family.known_param(param)
    if name == member.family.default:
        return tuple(symbols)
    return tuple(member.family.parameterisations[name].to_default(FORMULAS, *symbols))
