"""What a claim means: its laws, its left-hand side, and the definitions of the divergence and the entropies.

This is part of the trusted base. The kernel builds each statement with it, whatever a derivation says of itself.
"""

from __future__ import annotations

from typing import NamedTuple, get_args

from sympy import Basic, Expr, IndexedBase, Integer, Symbol
from sympy.core.symbol import Str

from kl_symbolic.errors import InfiniteDivergenceError, NoClosedFormError, RequestError
from kl_symbolic.families import Containment, Domain, Family, Member, Moment, Support, all_families, find
from kl_symbolic.proof.claim import Claim, Quantity, Unit
from kl_symbolic.proof.language import (
    KL,
    CrossEntropy,
    Density,
    Diff,
    Entropy,
    Integral,
    Law,
    Log,
    Namespace,
    ProductLaw,
    Scalar,
    Vector,
    name_of,
)

DIMENSION = Symbol("n", integer=True, positive=True)
COORDINATE = Symbol("i", integer=True, positive=True)
ONE_COORDINATE = Symbol("j", integer=True, positive=True)
MAX_DIMENSION = 1_000
MAX_DIMENSION_OF_GRADIENT = 30  # each of its components differentiates the sum over all coordinates


class Laws(NamedTuple):
    """The laws of a claim and their free parameters, those of P first."""

    p: Basic
    q: Basic | None
    parameters: tuple[Scalar, ...]


def laws(claim: Claim) -> Laws:
    """Build the laws of a claim.

    Raises
    ------
    NoClosedFormError
        If a name is unknown, or the two laws live in different dimensions.
    RequestError
        If the parameterisation or the dimension does not fit.
    """
    _check_words(claim)
    members = [find(name) for name in (claim.p, claim.q) if name is not None]
    _check(claim, members)
    product = any(m.product for m in members)
    free = [m for m in members if m.fixed is None]
    size = DIMENSION if claim.dim is None else Integer(claim.dim)
    built, parameters = [], []
    for place, member in enumerate(members, start=1):
        symbols = _symbols(member, claim.param, f"_{place}" if len(free) > 1 else "", product)
        law = Law(Str(member.family.name), *_default_arguments(member, claim.param, symbols))
        built.append(ProductLaw(law, COORDINATE, size) if product else law)
        parameters += symbols
    return Laws(built[0], built[1] if len(built) > 1 else None, tuple(parameters))


def left_side(claim: Claim) -> Expr:
    """Build the left-hand side of the statement of a claim.

    Raises
    ------
    InfiniteDivergenceError
        If P is certainly not absolutely continuous with respect to Q; `NoClosedFormError` if that is not known.
    """
    p, q, parameters = laws(claim)
    unit = Log(Integer(2)) if claim.unit == "bits" else Integer(1)
    if claim.quantity == "score":
        return Diff(Log(Density(p, variable(family_of(p).support))), _parameter_of(claim, parameters))
    if claim.quantity == "moment":
        moment = moment_of(claim)
        x = variable(family_of(p).support)
        return integral(moment.statistic(Namespace, x) * Density(p, x), p)
    if claim.quantity == "entropy":
        return Entropy(p) / unit
    assert q is not None
    if p == q and claim.quantity in ("decomposition", "asymmetry"):
        raise RequestError(f"P and Q are the same law, {claim.p}: there is nothing to state")
    require_absolutely_continuous(claim.p, claim.q or "", p, q)
    if claim.quantity == "cross_entropy":
        return CrossEntropy(p, q) / unit
    if claim.quantity == "asymmetry":
        require_absolutely_continuous(claim.q or "", claim.p, q, p)
        return (KL(p, q) - KL(q, p)) / unit
    if claim.quantity == "gradient":
        coordinates = [ONE_COORDINATE] if claim.dim is None else [Integer(k) for k in range(1, claim.dim + 1)]
        if not isinstance(p, ProductLaw):
            coordinates = [COORDINATE]
        at = [s.xreplace({COORDINATE: k}) for s in parameters for k in coordinates]
        if not at:
            raise RequestError(f"there is no parameter to differentiate {claim.p} || {claim.q} by")
        return Vector(*(Diff(KL(p, q) / unit, s) for s in at))
    return KL(p, q) / unit


def definition(head: Expr) -> Expr:
    """Unfold KL(P, Q), Entropy(P) or CrossEntropy(P, Q) into the integral that defines it.

    Raises
    ------
    NoClosedFormError
        If P is not known to be absolutely continuous with respect to Q, see `require_absolutely_continuous`.
    """
    p, q = head.args[0], head.args[-1]
    _require_inside(str(head), p, q)
    x = variable(family_of(p).support, vector=isinstance(p, ProductLaw))
    if isinstance(head, KL):
        return integral(Density(p, x) * Log(Density(p, x) / Density(q, x)), p)
    return -integral(Density(p, x) * Log(Density(q, x)), p)


def density_formula(law: Basic, x: Expr) -> Expr:
    """Return the density of a scalar law at x as a formula."""
    family, *arguments = law.args
    formula: Expr = all_families()[name_of(family)].density(Namespace, x, *arguments)
    return formula


def integral(body: Expr, law: Basic) -> Expr:
    """Return the inert integral (or sum) of `body` over the support of `law`."""
    support = family_of(law).support
    vector = isinstance(law, ProductLaw)
    return Integral(body, variable(support, vector), Str(support.value), law.args[2] if vector else Integer(1))


def variable(support: Support, vector: bool = False) -> Expr:
    """Return the variable of integration: x, k for counts, or a vector of coordinates."""
    name, assumptions = {
        Support.REALS: ("x", {"real": True}),
        Support.POSITIVE_REALS: ("x", {"positive": True}),
        Support.NATURALS: ("k", {"integer": True, "nonnegative": True}),
    }[support]
    return IndexedBase(name, **assumptions) if vector else Symbol(name, **assumptions)


def family_of(law: Basic) -> Family:
    """Return the family of a scalar law or of the coordinates of a product law."""
    inner = law.args[0] if isinstance(law, ProductLaw) else law
    return all_families()[name_of(inner.args[0])]


def moment_of(claim: Claim) -> Moment:
    """Return the family's record of the moment that a claim names."""
    family = find(claim.p).family
    for moment in family.moments:
        if moment.name == claim.of:
            return moment
    raise NoClosedFormError(f"{family.name} has no moment {claim.of!r}; known: {[m.name for m in family.moments]}")


def _parameter_of(claim: Claim, parameters: tuple[Scalar, ...]) -> Scalar:
    for parameter in parameters:
        if str(parameter) == claim.of:
            return parameter
    raise RequestError(f"{claim.p} has no parameter {claim.of!r}; known: {', '.join(map(str, parameters))}")


def other_than_default(p: str, q: str | None, param: str | None) -> str | None:
    """Return `param`, or None if it is the default parameterisation of every family that knows it."""
    known = [find(name).family for name in (p, q) if name is not None]
    known = [family for family in known if param in family.param_names]
    return None if known and all(family.default == param for family in known) else param


def require_absolutely_continuous(p_name: str, q_name: str, p: Basic, q: Basic) -> None:
    """Refuse a divergence unless P is absolutely continuous with respect to Q.

    Raises
    ------
    InfiniteDivergenceError
        If P certainly has mass where Q has none.
    NoClosedFormError
        If that is not known.
    """
    _require_inside(f"KL({p_name} || {q_name})", p, q)


def _require_inside(divergence: str, p: Basic, q: Basic) -> None:
    support, other = family_of(p).support, family_of(q).support
    match support.within(other):
        case Containment.OUTSIDE:
            raise InfiniteDivergenceError(f"{divergence} is infinite: {support.reason_not_within(other)}")
        case Containment.DEPENDS:
            raise NoClosedFormError(f"no closed form for {divergence}: {support.reason_not_within(other)}")


def _check_words(claim: Claim) -> None:
    """Refuse a claim whose words do not fit together; two claims with one name must not mean different things."""
    for name, value, allowed in (
        ("quantity", claim.quantity, get_args(Quantity)),
        ("unit", claim.unit, get_args(Unit)),
    ):
        if value not in allowed:
            raise RequestError(f"{name} must be one of {', '.join(allowed)}, given: {value!r}")
    if claim.unit != "nats" and claim.quantity in ("decomposition", "moment", "score"):
        raise RequestError(f"a {claim.quantity} is not stated in {claim.unit}")
    if claim.quantity in ("moment", "score"):
        if claim.of is None:
            raise RequestError(f"say which {claim.quantity} of {claim.p} is meant")
        if find(claim.p).family.name != claim.p or claim.param is not None:
            raise RequestError(f"a {claim.quantity} is stated for a family itself, given: {claim.p}")
    elif claim.of is not None:
        raise RequestError(f"only a moment or a score is of something, given: {claim.of}")
    if (claim.q is None) != (claim.quantity in ("entropy", "moment", "score")):
        number = "two laws" if claim.q is None else "one law"
        raise RequestError(f"{claim.quantity} needs {number}, given: {' and '.join(filter(None, (claim.p, claim.q)))}")
    if claim.dim is not None and type(claim.dim) is not int:
        raise RequestError(f"the dimension must be an integer, given: {claim.dim!r}")


def _check(claim: Claim, members: list[Member]) -> None:
    product = any(m.product for m in members)
    for m in members:
        if product and not m.product and m.fixed is None:
            raise NoClosedFormError(
                f"dimensions differ: {' and '.join(m.name for m in members)}; use diagonal_{m.name}"
            )
    if claim.dim is not None and not product:
        raise RequestError(f"a dimension needs a product law such as diagonal_{claim.p}, given: {claim.p}")
    largest = MAX_DIMENSION_OF_GRADIENT if claim.quantity == "gradient" else MAX_DIMENSION
    if claim.dim is not None and not 1 <= claim.dim <= largest:
        raise RequestError(
            f"the dimension must be an integer from 1 to {largest}, given: {claim.dim}; "
            "without a dimension the result holds for every n"
        )
    known = {param for m in members for param in m.family.param_names}
    if claim.param is not None and claim.param not in known:
        raise RequestError(f"no parameterisation {claim.param!r} for {claim.p}; known: {', '.join(sorted(known))}")


def _symbols(member: Member, param: str | None, index: str, vector: bool) -> list[Scalar]:
    if member.fixed is not None:
        return []
    made = []
    for parameter in member.family.parameters_in(_param(member, param)):
        sign = {"positive": True} if parameter.domain is Domain.POSITIVE else {"real": True}
        name = parameter.name + index
        made.append(IndexedBase(name, **sign)[COORDINATE] if vector else Symbol(name, **sign))
    return made


def _default_arguments(member: Member, param: str | None, symbols: list[Scalar]) -> tuple[Expr, ...]:
    if member.fixed is not None:
        return tuple(Integer(value) for value in member.fixed)
    name = _param(member, param)
    if name == member.family.default:
        return tuple(symbols)
    return tuple(member.family.parameterisations[name].to_default(Namespace, *symbols))


def _param(member: Member, param: str | None) -> str:
    return param if param in member.family.param_names and param is not None else member.family.default
