"""Which expressions have a meaning: every expression of a derivation is checked, node by node, before it is read.

The laws in `canon` hold for expressions that mean something. What means nothing could prove anything: the density of an
exponential law of rate 0, a sum over 1..-3, a derivative with respect to the dimension, the logarithm of 0.
"""

from __future__ import annotations

from itertools import islice

from sympy import Basic, Expr, Indexed, IndexedBase, Integer, Symbol, preorder_traversal

from kl_symbolic.errors import ProofError
from kl_symbolic.families import Domain, Support, all_families
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.polynomial import BUDGET, Arithmetic, is_positive
from kl_symbolic.kernel.record import require_expression
from kl_symbolic.kernel.rules import RULES
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.heads import REAL, nodes
from kl_symbolic.proof.statement import COORDINATE, DIMENSION, ONE_COORDINATE, variable

INDICES = (COORDINATE, ONE_COORDINATE)
VARIABLES = frozenset(variable(support) for support in Support)
MAX_SHOWN = 1_000


def require_meaning(expr: Basic, canon: Canon) -> None:
    """Raise `ProofError` unless every part of an expression, which is in the language, has a meaning."""
    for node in reversed([node for node in nodes(expr) if isinstance(node, Basic)]):
        canon.arithmetic.spend(1)
        if not _has_meaning(node, canon):
            raise ProofError(f"{type(node).__name__} has no meaning here: {shown(node)[:200]}")


def has_value(expr: Expr, budget: int = BUDGET) -> bool:
    """Whether every part of an expression can be shown to have a value, at all parameters in their domains."""
    arithmetic = Arithmetic(budget)
    try:
        require_expression(expr, REAL, arithmetic.spend)
        require_meaning(expr, Canon(frozenset(), {}, arithmetic))
        Canon(RULES["collect"].theories, {}, arithmetic).read(expr)
    except (ProofError, RecursionError):
        return False
    return True


def _has_meaning(node: Basic, canon: Canon) -> bool:
    args = node.args
    match node:
        case Symbol():
            return bool(node.is_real and node.is_commutative)
        case Indexed():
            return _is_index(args[1])
        case IndexedBase():
            return bool(args[0].is_real) and args[0] not in (*INDICES, DIMENSION)
        case lang.Law():
            values = zip(all_families()[lang.name_of(args[0])].parameters, args[1:], strict=True)
            return all(p.domain is not Domain.POSITIVE or is_positive(canon.read(value)) for p, value in values)
        case lang.Sum() | lang.Product() | lang.ProductLaw():
            return args[1] == COORDINATE and _is_size(args[2])
        case lang.Integral():
            _, x, support, size = args
            known = {s.value: variable(s, vector=isinstance(x, IndexedBase)) for s in Support}
            return known[lang.name_of(support)] == x and _is_size(size)
        case lang.KL() | lang.Entropy() | lang.CrossEntropy():  # their definitions bind the variable of integration
            return not node.free_symbols & VARIABLES
        case lang.Diff():
            return not args[1].is_integer
        case lang.Log():
            return is_positive(canon.read(args[0]))
        case lang.Factorial():
            return isinstance(args[0], Symbol | Indexed) and bool(args[0].is_integer and args[0].is_nonnegative)
    return True  # sums, products, exponentials; powers and roots are checked when they are read


def _is_index(index: Basic) -> bool:
    return index in INDICES or (isinstance(index, Integer) and index >= 1)


def _is_size(size: Basic) -> bool:
    return size == DIMENSION or (isinstance(size, Integer) and size >= 1)


def shown(expr: Basic) -> str:
    """Print an expression for a message; printing a hostile one could take longer than its refusal."""
    size = sum(1 for _ in islice(preorder_traversal(expr), MAX_SHOWN + 1))
    return str(expr) if size <= MAX_SHOWN else f"{type(expr).__name__} of more than {MAX_SHOWN} parts"
