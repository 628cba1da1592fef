"""Which expressions have a meaning: every expression of a derivation is checked, node by node, before it is read.

The laws in `canon` hold for expressions that mean something. What means nothing could prove anything: the density of an
exponential law of rate 0, a sum over 1..-3, a derivative with respect to a number, the logarithm of 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from sympy import Add, Basic, Indexed, IndexedBase, Integer, Mul, Pow, Rational, Symbol, Tuple, pi, preorder_traversal
from sympy.core.symbol import Str

from kl_symbolic.errors import ProofError
from kl_symbolic.families import Domain, Support, all_families
from kl_symbolic.kernel.canon import Canon
from kl_symbolic.kernel.polynomial import is_positive
from kl_symbolic.proof import language as lang
from kl_symbolic.proof.statement import COORDINATE, DIMENSION, ONE_COORDINATE, variable

INDICES = (COORDINATE, ONE_COORDINATE)
VARIABLES = frozenset(variable(support) for support in Support)
PLAIN = (Add, Mul, Pow, Rational, Str, Tuple, lang.Exp, lang.Sqrt)  # any arguments; powers are checked when read
MAX_SHOWN = 1_000


def require_meaning(expr: Basic, canon: Canon) -> None:
    """Raise `ProofError` unless every part of an expression has a meaning."""
    parts = expr.args if isinstance(expr, lang.Vector) else (expr,)  # a column stands at the top or nowhere
    for part in parts:
        for node in _nodes(part):
            canon.arithmetic.spend(1)
            if not _has_meaning(node, canon):
                raise ProofError(f"{type(node).__name__} has no meaning here: {shown(node)[:200]}")


def _nodes(expr: Basic) -> Iterator[Basic]:
    """Yield every distinct node; an indexed base is a name and is judged with what it indexes."""
    seen: set[Basic] = set()
    walk = preorder_traversal(expr)
    for node in walk:
        if node in seen or isinstance(node, Indexed | IndexedBase):
            walk.skip()
        if node not in seen:
            seen.add(node)
            yield node


def _has_meaning(node: Basic, canon: Canon) -> bool:
    args = node.args
    match node:
        case Symbol():
            return bool(node.is_real and node.is_commutative)
        case Indexed():
            return _is_vector(node.base) and len(node.indices) == 1 and _is_index(node.indices[0])
        case IndexedBase():
            return _is_vector(node)
        case lang.Law():
            return _is_law(args, canon)
        case lang.Sum() | lang.Product() | lang.ProductLaw():
            return args[1] == COORDINATE and _is_size(args[2])
        case lang.Integral():
            _, x, support, size = args
            known = {s.value: variable(s, vector=isinstance(x, IndexedBase)) for s in Support}
            return known.get(lang.name_of(support)) == x and _is_size(size)
        case lang.Density():
            return isinstance(args[1], IndexedBase) == isinstance(args[0], lang.ProductLaw)
        case lang.KL() | lang.Entropy() | lang.CrossEntropy():  # their definitions bind the variable of integration
            return not node.free_symbols & VARIABLES
        case lang.Diff():
            return isinstance(args[1], Symbol | Indexed) and not args[1].is_integer
        case lang.Log():
            return is_positive(canon.read(args[0]))
        case lang.Factorial():
            return isinstance(args[0], Symbol | Indexed) and bool(args[0].is_integer and args[0].is_nonnegative)
    return node is pi or isinstance(node, PLAIN)


def _is_law(args: tuple[Basic, ...], canon: Canon) -> bool:
    """Whether there is such a family, with as many parameters, each in its domain."""
    family = all_families().get(lang.name_of(args[0]))
    if family is None or len(args) != 1 + len(family.parameters):
        return False
    values = zip(family.parameters, args[1:], strict=True)
    return all(p.domain is not Domain.POSITIVE or is_positive(canon.read(value)) for p, value in values)


def _is_vector(base: Basic) -> bool:
    label = base.args[0]
    return (
        len(base.args) == 1 and isinstance(label, Symbol) and bool(label.is_real) and label not in (*INDICES, DIMENSION)
    )


def _is_index(index: Basic) -> bool:
    return index in INDICES or (isinstance(index, Integer) and index >= 1)


def _is_size(size: Basic) -> bool:
    return size == DIMENSION or (isinstance(size, Integer) and size >= 1)


def shown(expr: Basic) -> str:
    """Print an expression for a message; printing a hostile one could take longer than its refusal."""
    size = sum(1 for _ in islice(preorder_traversal(expr), MAX_SHOWN + 1))
    return str(expr) if size <= MAX_SHOWN else f"{type(expr).__name__} of more than {MAX_SHOWN} parts"
