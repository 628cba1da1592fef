"""What a formula is about, as far as it says so itself: its laws and its parameterisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from kl_symbolic.divergences import find_quantity
from kl_symbolic.errors import KLError, RequestError
from kl_symbolic.families import PRODUCT_PREFIX, Family, all_families, find
from kl_symbolic.reading.axes import sums_over_coordinates
from kl_symbolic.reading.coordinates import DIMENSIONS
from kl_symbolic.reading.objects import law_of
from kl_symbolic.reading.spelling import Spelled, form, says_parameter, spelled
from kl_symbolic.reading.syntax import FUNCTIONS, Name, Node, Reduction, Total, walk

LONGEST_LAW = 200  # characters
CONSTANTS = frozenset({"pi", "e", "E"})


@dataclass(frozen=True)
class Request:
    """The laws, as `derive` takes them, and the parameterisation of a formula; and what was inferred of them."""

    p: object
    q: object | None
    param: str | None = None
    notes: tuple[str, ...] = ()


def arranged(given: Sequence[object]) -> tuple[object, ...] | None:
    """Return a formula and then its laws, in whatever order they are given; None unless one alone is no law.

    Raises
    ------
    RequestError
        If all are laws, and there is no third that may be the formula.

    Examples
    --------
    >>> arranged(["normal", "standard_normal", "log(sigma)"])
    ('log(sigma)', 'normal', 'standard_normal')
    """
    formulas = [one for one in given if not _is_law(one)]
    if not formulas and len(given) < 3:  # noqa: PLR2004 - P, Q and the formula, which may look like a law: n
        raise RequestError("the formula is missing; there are laws alone")
    return (*formulas, *(one for one in given if one is not formulas[0])) if len(formulas) == 1 else None


def as_spoken(asked: Request, nodes: Iterable[Node], *, parameterised: bool = False) -> Request:
    """Return what is asked for, in the parameterisation that formulas speak, of products where they sum.

    Where it is `parameterised` already, formulas are read in that.

    Examples
    --------
    >>> from kl_symbolic.reading.formula import parsed
    >>> nodes = [parsed("sum(exp(logvar) - logvar)").node]
    >>> found = as_spoken(Request("normal", "standard_normal"), nodes)
    >>> found.p, found.q, found.param
    ('diagonal_normal', 'standard_normal', 'logvar')
    """
    trees = tuple(nodes)
    notes = list(asked.notes)
    p, q, param = asked.p, asked.q, asked.param
    members = [find(law_of(law).name) for law in (p, q) if law is not None]
    if any(map(sums_over_coordinates, trees)) and not any(member.product for member in members):
        p, q = _product(p), q and _product(q)
        members = [find(law_of(law).name) for law in (p, q) if law is not None]
        shown = " and ".join(member.name for member in members)
        notes.append(f"there is a sum over coordinates: the laws are taken for {shown}")
    free = [member.family for member in members if member.fixed is None]
    words = () if parameterised or param is not None else (_param(trees, family) for family in free)
    spoken = next(filter(None, words), None)
    if spoken is not None:
        param = spoken
        notes.append(f"param {param}: it is what the formula speaks of")
    return replace(asked, p=p, q=q, param=param, notes=tuple(notes))


def guessed(nodes: Iterable[Node], quantity: str) -> Request:
    """Guess the laws from the names in formulas.

    Raises
    ------
    RequestError
        If the names are those of no family, or of several.

    Examples
    --------
    >>> from kl_symbolic.reading.formula import parsed
    >>> guessed([parsed("-0.5*(1 + logvar - mu^2 - exp(logvar))").node], "kl")
    Request(p='normal', q='standard_normal', param=None, notes=('P is taken for normal and Q for standard_normal: the \
names logvar and mu alone are those of a VAE term',))
    """
    # KL on the left has no parameters.
    trees = tuple(node for node in nodes if any(map(_is_known, _variables(node))))
    names = list(dict.fromkeys(name.spelling for node in trees for name in _variables(node)))
    fitting = [family for family in all_families().values() if names and all(spelled(n, family) for n in names)]
    if len(fitting) != 1:
        found = " or ".join(family.name for family in fitting) or "no family"
        raise RequestError(f"name the laws P and Q before the formula: its names are those of {found}")
    (family,) = fitting
    # Whoever sums or takes means of arrays mostly has coordinates, and a mean over these is the commonest slip.
    product = any(isinstance(part, Total | Reduction) for node in trees for part in walk(node))
    law = PRODUCT_PREFIX + family.name if product else family.name
    besides = {spelled(name, family)[0].beside for name in names}
    if find_quantity(quantity).laws == 1:
        return Request(law, None, notes=(f"P is taken for {law}",))
    if len(besides) == 1 and family.members:
        member, shown = next(iter(family.members)), " and ".join(names)
        why = f"the names {shown} alone are those of a VAE term" if names[1:] else f"{shown} alone is of one law"
        return Request(law, member, notes=(f"P is taken for {law} and Q for {member}: {why}",))
    return Request(law, law, notes=(f"P and Q are taken for {law}",))


def _is_law(given: object) -> bool:
    if isinstance(given, str):
        name, call, _ = given.partition("(")
        if len(given) > LONGEST_LAW or (call and name.strip().lower() in FUNCTIONS):  # exp(...) may be a formula
            return False
    try:
        return bool(law_of(given))
    except KLError:
        return False


def _product(law: object) -> object:
    """Return the product of laws that are like one; an object of a library says itself whether it is one."""
    free = isinstance(law, str) and find(law_of(law).name).fixed is None
    return f"{PRODUCT_PREFIX}{law}" if free else law


def _param(trees: Iterable[Node], family: Family) -> str | None:
    """Return the parameterisation whose parameters a formula names most often, where that is not the default."""
    said = Counter(
        (one.of, one.power, one.logarithm)
        for tree in trees
        for name in _variables(tree)
        for one in _only(spelled(name.spelling, family))
        if not one.softplus
    )

    def times(param: str) -> int:
        forms = (form(parameter.name, family) for parameter in family.parameters_in(param))
        return sum(said[one.of, one.power, one.logarithm] for one in forms)

    most = max(family.param_names, key=times)
    return None if most == family.default else most


def _only(said: tuple[Spelled, ...]) -> tuple[Spelled, ...]:
    return said if len(said) == 1 else ()


def _is_known(name: Name) -> bool:
    return says_parameter(name.spelling)


def _variables(node: Node) -> Iterator[Name]:
    names = (part for part in walk(node) if isinstance(part, Name) and part.spelling not in CONSTANTS)
    yield from (name for name in names if _is_known(name) or not DIMENSIONS.fullmatch(name.spelling))
