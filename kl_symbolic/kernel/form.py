"""Which expressions have a meaning: every expression of a derivation is checked, node by node, before it is read.

The laws of the kernel hold for expressions that mean something. What means nothing could prove anything: the density of
an exponential law of rate 0, a sum over 1..-3, a derivative with respect to the dimension, the logarithm of 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from kl_symbolic.errors import ProofError
from kl_symbolic.families.family import NAMED_SUPPORTS
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.polynomial import BUDGET
from kl_symbolic.kernel.ranges import require_coordinates
from kl_symbolic.kernel.record import require_expression
from kl_symbolic.kernel.rules import ALGEBRA, RULES
from kl_symbolic.kernel.unfolding import generic_density
from kl_symbolic.proof.parameters import bound_of, domain_of
from kl_symbolic.proof.supports import (
    VARIABLES,
    Containment,
    Inclusion,
    ends,
    family_of,
    inclusion,
    support_of,
    variable,
)
from kl_symbolic.terms import (
    COORDINATE,
    DEFINED_HEADS,
    DIMENSION,
    ONE_COORDINATE,
    Namespace,
    Number,
    Symbol,
    Term,
    Text,
    parts_with,
)
from kl_symbolic.terms.grammar import REAL, nodes
from kl_symbolic.terms.text import size

FORMULAS = Namespace()
INDICES = (COORDINATE, ONE_COORDINATE)
INTEGRATED = frozenset(VARIABLES.values())  # what is integrated over
MAX_SHOWN = 1_000
OPEN_HEADS = ("Integral", "Density", "Diff", "Product", *DEFINED_HEADS)  # of what is no closed form


def require_meaning(term: Term, canon: Canon) -> None:
    """Raise `ProofError` unless every part of an expression in the language has a meaning, and what it stands for."""
    every: list[Term] = []  # all are kept, for `nodes` knows what it has seen by identity
    seen: set[int] = set()
    left = [term]
    while left:
        new = [node for node in nodes(left.pop(), seen) if isinstance(node, Term)]
        canon.arithmetic.spend(len(new))
        every += new
        for node in reversed(new):
            if node.head in DEFINED_HEADS:
                _require_defined(node, canon)
            elif not _has_meaning(node, canon):
                raise ProofError(f"{node.head} has no meaning here: {shown(node)[:200]}")
            function = find_function(node.head)
            if function is not None and function.definition:
                meant = function.definition(FORMULAS, *node.args)
                canon.read(meant)  # where it is left as it is, nothing else reads the powers in it
                left.append(meant)
    if any(node.head == "Integral" and node.args[1].head == "Array" for node in every):
        require_coordinates(term, canon.arithmetic.spend)


def has_value(term: Term, budget: int = BUDGET) -> bool:
    """Whether every part of a closed form can be shown to have a value, at all parameters in their domains."""
    arithmetic = Arithmetic(budget)
    try:
        require_expression(term, REAL, arithmetic.spend)
        if parts_with(term, *OPEN_HEADS):
            return False
        require_meaning(term, Canon(ALGEBRA, {}, arithmetic))
        Canon(RULES["collect"], {}, arithmetic).read(term)
    except (ProofError, RecursionError):
        return False
    return True


def _has_meaning(node: Term, canon: Canon) -> bool:
    args = node.args
    function = find_function(node.head)
    if function is not None:
        return all(lies_in(domain, a, canon) for domain, a in zip(function.domains, args, strict=True))
    match node:
        case Symbol(above=Symbol() as low):  # what varies bounds nothing: it may lie above any number
            return low not in (*INTEGRATED, *INDICES, DIMENSION)
        case Term("Indexed", (_, index)):
            return _is_index(index)
        case Term("Array", (label,)):
            return label not in (*INDICES, DIMENSION)
        case Term("Law", (_, *values)):
            return _are_parameters(node, values, canon)
        case Term("Density", (law, point)):
            x = variable(family_of(law).support)
            return lies_in(domain_of(x), point[ONE_COORDINATE] if point.head == "Array" else point, canon)
        case Term("Sum" | "Product" | "ProductLaw", (_, i, size)):
            return i is COORDINATE and _is_size(size)
        case Term("Integral", (_, x, support, size)):
            return _runs_over(x, support, canon) and _is_size(size)
        case Term("Infinity"):  # nothing is calculated with it
            return False
        case Term("Diff", (_, theta)):
            return not domain_of(theta).integer
    return True  # sums and products; powers are checked when they are read


def _require_defined(quantity: Term, canon: Canon) -> None:
    """Refuse a divergence or an entropy unless its definition captures nothing and is no infinity."""
    if quantity.free & INTEGRATED:  # the definition binds the variable of integration
        raise ProofError(f"{quantity.head} has no meaning here: {shown(quantity)[:200]}")
    p, *others = quantity.args
    for q in others:
        found = within(p, q, canon)
        if found.answer is not Containment.INSIDE:
            infinite = found.answer is Containment.OUTSIDE
            words = "is infinite" if infinite else "is not known to be finite"
            raise ProofError(f"{shown(quantity)} {words}: {found.reason}")


def within(p: Term, q: Term, canon: Canon) -> Inclusion:
    """Say whether P gives probability only where Q gives some, as far as that is plain to see."""
    return inclusion(p, q, lambda t: canon.is_positive(canon.read(t)), lambda t: canon.is_nonnegative(canon.read(t)))


def _are_parameters(law: Term, values: Sequence[Term], canon: Canon) -> bool:
    """Whether a law has parameters in their domains, a density, and a support that is not empty, in its domain."""
    family = family_of(law)
    if not has_positive_density(family.name):
        return False
    records = family.parameters
    given = {record.name: value for record, value in zip(records, values, strict=True)}
    for record in records:
        value = given[record.name]
        if not lies_in(record.domain, value, canon):
            return False
        if record.above and not canon.is_positive(canon.read(value - given[record.above])):
            return False
    support = support_of(law)
    if not _runs_over(variable(family.support), support, canon):
        return False
    lower, upper, discrete = ends(support)
    if lower is None or upper is None:
        return True
    return (canon.is_nonnegative if discrete else canon.is_positive)(canon.read(upper - lower))


@cache
def has_positive_density(family: str) -> bool:
    """Whether the formula of a density is positive wherever it may stand, beyond the support, too."""
    canon = Canon(ALGEBRA, {}, Arithmetic())
    return canon.is_positive(canon.read(generic_density(family)[0]))


def _runs_over(x: Term, support: Term, canon: Canon) -> bool:
    """Whether a variable of integration is the one for a support, in whose domain all of that lies."""
    vector = x.head == "Array"
    if isinstance(support, Text):
        return variable(NAMED_SUPPORTS[support.text], vector) is x
    symbol = x.args[0] if vector else x
    lower, upper, discrete = ends(support)
    if symbol not in INTEGRATED or support.free & INTEGRATED or not isinstance(symbol, Symbol):
        return False
    if discrete:
        given = [end for end in (lower, upper) if end is not None]
        return symbol.domain.integer and lower is not None and all(lies_in(symbol.domain, e, canon) for e in given)
    if symbol.domain is Domain.REAL:
        return True
    above = lower is not None and canon.is_nonnegative(canon.read(lower))
    below = upper is not None and canon.is_nonnegative(canon.read(1 - upper))
    return not symbol.domain.integer and above and (below or symbol.domain is not Domain.UNIT)


def require_fit(values: Mapping[Term, Term], parameters: Iterable[Term], canon: Canon, why: str = "") -> None:
    """Refuse values that are not seen to lie in the domains of parameters, and above what these lie above.

    A parameter that keeps its place must still lie above its bound, if that has another value now.


    Parameters
    ----------
    values
        What takes the place of parameters.
    parameters
        All parameters.
    canon
        Reads expressions by algebra.
    why
        Who requires it, for the message.

    Raises
    ------
    ProofError
        Saying what cannot be shown.
    """
    for parameter in parameters:
        value, low = values.get(parameter, parameter), bound_of(parameter)
        bound = None if low is None else values.get(low, low)
        if parameter in values and not lies_in(domain_of(parameter), value, canon):
            raise ProofError(f"cannot show that {parameter} := {shown(value)} is {domain_of(parameter).words}{why}")
        changed = parameter in values or bound is not low
        if changed and bound is not None and not canon.is_positive(canon.read(value - bound)):
            raise ProofError(f"cannot show that {parameter} := {shown(value)} lies above {shown(bound)}{why}")


def lies_in(domain: Domain, value: Term, canon: Canon) -> bool:
    """Whether it is plain to see that a value lies in a domain."""
    if domain is Domain.UNIT and not canon.is_positive(canon.read(1 - value)):
        return False
    if domain.integer:
        if isinstance(value, Number):
            return domain.has(value.value)
        given = domain_of(value) if value.head in ("Symbol", "Indexed") else Domain.REAL
        return given.integer and (given.positive or not domain.positive)
    if domain.positive:
        return canon.is_positive(canon.read(value))
    return not domain.nonnegative or canon.is_nonnegative(canon.read(value))


def _is_index(index: Term) -> bool:
    return index in INDICES or isinstance(index, Number)


def _is_size(size: Term) -> bool:
    return size is DIMENSION or isinstance(size, Number)


def shown(term: Term) -> str:
    """Print an expression for a message; printing a hostile one could take longer than its refusal."""
    return str(term) if size(term, MAX_SHOWN) <= MAX_SHOWN else f"{term.head} of more than {MAX_SHOWN} parts"
