"""What a question means: its laws, its left-hand side, and the definitions of the divergence and the entropies.

This is part of the trusted base. The kernel builds each statement with it, whatever a derivation says of itself.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError, RequestError
from kl_symbolic.families import Containment, Family, Member, Moment, Support, all_families, find
from kl_symbolic.functions import Domain
from kl_symbolic.proof.question import Quantity, Question, Unit
from kl_symbolic.terms import (
    COORDINATE,
    DIMENSION,
    KL,
    ONE_COORDINATE,
    Array,
    CrossEntropy,
    Density,
    Diff,
    Entropy,
    Integral,
    Law,
    Namespace,
    Number,
    ProductLaw,
    Symbol,
    Term,
    Text,
    Vector,
    substitute,
)

FORMULAS = Namespace()
MAX_DIMENSION = 1_000
MAX_DIMENSION_OF_GRADIENT = 30  # each of its components differentiates the sum over all coordinates


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
    built, parameters = [], []
    for place, member in enumerate(members, start=1):
        symbols = _symbols(member, question.param, f"_{place}" if len(free) > 1 else "", product)
        law = Law(member.family.name, *_default_arguments(member, question.param, symbols))
        built.append(ProductLaw(law, COORDINATE, size) if product else law)
        parameters += symbols
    return Laws(built[0], built[1] if len(built) > 1 else None, tuple(parameters))


def left_side(question: Question) -> Term:
    """Build the left-hand side of the statement of a question.

    Raises
    ------
    InfiniteDivergenceError
        If P is certainly not absolutely continuous with respect to Q; `NoClosedFormError` if that is not known.
    """
    p, q, parameters = laws(question)
    unit = FORMULAS.log(2) if question.unit == "bits" else 1
    if question.quantity == "score":
        return Diff(FORMULAS.log(Density(p, variable(family_of(p).support))), _parameter_of(question, parameters))
    if question.quantity == "moment":
        moment = moment_of(question)
        x = variable(family_of(p).support)
        return integral(moment.statistic(FORMULAS, x) * Density(p, x), p)
    if question.quantity == "entropy":
        return Entropy(p) / unit
    assert q is not None
    if p == q and question.quantity in ("decomposition", "asymmetry"):
        raise RequestError(f"P and Q are the same law, {question.p}: there is nothing to state")
    require_absolutely_continuous(question.p, question.q or "", p, q)
    if question.quantity == "cross_entropy":
        return CrossEntropy(p, q) / unit
    if question.quantity == "asymmetry":
        require_absolutely_continuous(question.q or "", question.p, q, p)
        return (KL(p, q) - KL(q, p)) / unit
    if question.quantity == "gradient":
        coordinates = [ONE_COORDINATE] if question.dim is None else [Number(k) for k in range(1, question.dim + 1)]
        if p.head != "ProductLaw":
            coordinates = [COORDINATE]
        at = [substitute(s, {COORDINATE: k}) for s in parameters for k in coordinates]
        if not at:
            raise RequestError(f"there is no parameter to differentiate {question.p} || {question.q} by")
        return Vector(*(Diff(KL(p, q) / unit, s) for s in at))
    return KL(p, q) / unit


def definition(quantity: Term) -> Term:
    """Unfold KL(P, Q), Entropy(P) or CrossEntropy(P, Q) into the integral that defines it.

    Raises
    ------
    NoClosedFormError
        If P is not known to be absolutely continuous with respect to Q, see `require_absolutely_continuous`.
    """
    p, q = quantity.args[0], quantity.args[-1]
    _require_inside(quantity, p, q)
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
    support = family_of(law).support
    vector = law.head == "ProductLaw"
    return Integral(body, variable(support, vector), support.value, law.args[2] if vector else 1)


def variable(support: Support, vector: bool = False) -> Term:
    """Return the variable of integration: x, k for counts, or an array of coordinates."""
    name, domain = {
        Support.REALS: ("x", Domain.REAL),
        Support.POSITIVE_REALS: ("x", Domain.POSITIVE),
        Support.NATURALS: ("k", Domain.NATURAL),
    }[support]
    return Array(Symbol(name, domain)) if vector else Symbol(name, domain)


def family_of(law: Term) -> Family:
    """Return the family of a scalar law or of the coordinates of a product law."""
    name = (law.args[0] if law.head == "ProductLaw" else law).args[0]
    assert isinstance(name, Text)
    return all_families()[name.text]


def moment_of(question: Question) -> Moment:
    """Return the family's record of the moment that a question names."""
    family = find(question.p).family
    for moment in family.moments:
        if moment.name == question.of:
            return moment
    raise NoClosedFormError(f"{family.name} has no moment {question.of!r}; known: {[m.name for m in family.moments]}")


def _parameter_of(question: Question, parameters: tuple[Term, ...]) -> Term:
    for parameter in parameters:
        if str(parameter) == question.of:
            return parameter
    raise RequestError(f"{question.p} has no parameter {question.of!r}; known: {', '.join(map(str, parameters))}")


def other_than_default(p: str, q: str | None, param: str | None) -> str | None:
    """Return `param`, or None if it is the default parameterisation of every family that knows it."""
    known = [find(name).family for name in (p, q) if name is not None]
    known = [family for family in known if param in family.param_names]
    return None if known and all(family.default == param for family in known) else param


def require_absolutely_continuous(p_name: str, q_name: str, p: Term, q: Term) -> None:
    """Refuse a divergence unless P is absolutely continuous with respect to Q.

    Raises
    ------
    InfiniteDivergenceError
        If P certainly has mass where Q has none.
    NoClosedFormError
        If that is not known.
    """
    _require_inside(f"KL({p_name} || {q_name})", p, q)


def _require_inside(divergence: object, p: Term, q: Term) -> None:
    support, other = family_of(p).support, family_of(q).support
    match support.within(other):
        case Containment.OUTSIDE:
            raise InfiniteDivergenceError(f"{divergence} is infinite: {support.reason_not_within(other)}")
        case Containment.DEPENDS:
            raise NoClosedFormError(f"no closed form for {divergence}: {support.reason_not_within(other)}")


def _check_words(question: Question) -> None:
    """Refuse a question whose words do not fit together; two questions with one name must not mean different things."""
    for name, value, allowed in (
        ("quantity", question.quantity, get_args(Quantity)),
        ("unit", question.unit, get_args(Unit)),
    ):
        if value not in allowed:
            raise RequestError(f"{name} must be one of {', '.join(allowed)}, given: {value!r}")
    if question.unit != "nats" and question.quantity in ("decomposition", "moment", "score"):
        raise RequestError(f"a {question.quantity} is not stated in {question.unit}")
    if question.quantity in ("moment", "score"):
        if question.of is None:
            raise RequestError(f"say which {question.quantity} of {question.p} is meant")
        if find(question.p).family.name != question.p or question.param is not None:
            raise RequestError(f"a {question.quantity} is stated for a family itself, given: {question.p}")
    elif question.of is not None:
        raise RequestError(f"only a moment or a score is of something, given: {question.of}")
    if (question.q is None) != (question.quantity in ("entropy", "moment", "score")):
        number = "two laws" if question.q is None else "one law"
        raise RequestError(
            f"{question.quantity} needs {number}, given: {' and '.join(filter(None, (question.p, question.q)))}"
        )
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
    largest = MAX_DIMENSION_OF_GRADIENT if question.quantity == "gradient" else MAX_DIMENSION
    if question.dim is not None and not 1 <= question.dim <= largest:
        raise RequestError(
            f"the dimension must be an integer from 1 to {largest}, given: {question.dim}; "
            "without a dimension the result holds for every n"
        )
    known = {param for m in members for param in m.family.param_names}
    if question.param is not None and question.param not in known:
        raise RequestError(
            f"no parameterisation {question.param!r} for {question.p}; known: {', '.join(sorted(known))}"
        )


def _symbols(member: Member, param: str | None, index: str, vector: bool) -> list[Term]:
    if member.fixed is not None:
        return []
    records = member.family.parameters_in(_param(member, param))
    symbols = (Symbol(record.name + index, record.domain) for record in records)
    return [Array(symbol)[COORDINATE] if vector else symbol for symbol in symbols]


def _default_arguments(member: Member, param: str | None, symbols: list[Term]) -> tuple[Term, ...]:
    if member.fixed is not None:
        return tuple(Number(value) for value in member.fixed)
    name = _param(member, param)
    if name == member.family.default:
        return tuple(symbols)
    return tuple(member.family.parameterisations[name].to_default(FORMULAS, *symbols))


def _param(member: Member, param: str | None) -> str:
    return param if param in member.family.param_names and param is not None else member.family.default
