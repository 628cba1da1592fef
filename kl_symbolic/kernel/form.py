"""Which expressions have a meaning: every expression of a derivation is checked, node by node, before it is read.

The laws of the kernel hold for expressions that mean something. What means nothing could prove anything: the density of
an exponential law of rate 0, a sum over 1..-3, a derivative with respect to the dimension, the logarithm of 0.
"""

from __future__ import annotations

from kl_symbolic.errors import ProofError
from kl_symbolic.families import Support
from kl_symbolic.functions import Domain, find_function
from kl_symbolic.kernel.arithmetic import Arithmetic
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.polynomial import BUDGET
from kl_symbolic.kernel.positivity import is_nonnegative, is_positive
from kl_symbolic.kernel.ranges import require_coordinates
from kl_symbolic.kernel.record import require_expression
from kl_symbolic.kernel.rules import ALGEBRA, RULES
from kl_symbolic.proof.parameters import domain_of
from kl_symbolic.proof.statement import family_of, variable
from kl_symbolic.terms import (
    COORDINATE,
    DEFINED_HEADS,
    DIMENSION,
    ONE_COORDINATE,
    Number,
    Symbol,
    Term,
    Text,
    parts_with,
)
from kl_symbolic.terms.grammar import REAL, nodes
from kl_symbolic.terms.text import size

INDICES = (COORDINATE, ONE_COORDINATE)
VARIABLES = frozenset(variable(support) for support in Support)
MAX_SHOWN = 1_000
OPEN_HEADS = ("Integral", "Density", "Diff", "Product", *DEFINED_HEADS)  # of what is no closed form


def require_meaning(term: Term, canon: Canon) -> None:
    """Raise `ProofError` unless every part of an expression, which is in the language, has a meaning."""
    every = [node for node in nodes(term) if isinstance(node, Term)]
    canon.arithmetic.spend(len(every))
    for node in reversed(every):
        if not _has_meaning(node, canon):
            raise ProofError(f"{node.head} has no meaning here: {shown(node)[:200]}")
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
            return low not in (*VARIABLES, *INDICES, DIMENSION) and _has_meaning(low, canon)
        case Term("Indexed", (_, index)):
            return _is_index(index)
        case Term("Array", (label,)):
            return label not in (*INDICES, DIMENSION)
        case Term("Law", (_, *values)):
            records = zip(family_of(node).parameters, values, strict=True)
            return all(lies_in(record.domain, value, canon) for record, value in records)
        case Term("Density", (Term("Law") as law, point)):
            x = variable(family_of(law).support)
            return lies_in(domain_of(x), point, canon)
        case Term("Sum" | "Product" | "ProductLaw", (_, i, size)):
            return i is COORDINATE and _is_size(size)
        case Term("Integral", (_, x, Text(support), size)):
            return variable(Support(support), vector=x.head == "Array") is x and _is_size(size)
        case Term(head, _) if head in DEFINED_HEADS:  # their definitions bind the variable of integration
            return not node.free & VARIABLES
        case Term("Diff", (_, theta)):
            return not domain_of(theta).integer
    return True  # sums and products; powers are checked when they are read


def lies_in(domain: Domain, value: Term, canon: Canon) -> bool:
    """Whether it is plain to see that a value lies in a domain."""
    if domain.integer:
        if isinstance(value, Number):
            return domain.has(value.value)
        given = domain_of(value) if value.head in ("Symbol", "Indexed") else Domain.REAL
        return given.integer and (given.positive or not domain.positive)
    if domain.positive:
        return is_positive(canon.read(value))
    return not domain.nonnegative or is_nonnegative(canon.read(value))


def _is_index(index: Term) -> bool:
    return index in INDICES or isinstance(index, Number)


def _is_size(size: Term) -> bool:
    return size is DIMENSION or isinstance(size, Number)


def shown(term: Term) -> str:
    """Print an expression for a message; printing a hostile one could take longer than its refusal."""
    return str(term) if size(term, MAX_SHOWN) <= MAX_SHOWN else f"{term.head} of more than {MAX_SHOWN} parts"
