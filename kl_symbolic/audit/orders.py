"""Arguments that a function takes in another order than that which was given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import permutations

from kl_symbolic.proof.parameters import base_of
from kl_symbolic.proof.statement import laws
from kl_symbolic.slips import Candidate, Judge, Slip, times
from kl_symbolic.terms import Term, substitute

MOST_PERMUTED = 5


def other_orders(quantity: Candidate, order: Sequence[str], ours: Sequence[str], judge: Judge) -> Iterator[Slip]:
    """Yield a quantity for arguments in another order, and then times a factor if it is in proportion.

    What we call the arguments in their order is in `ours`.
    """
    if not 1 < len(order) <= MOST_PERMUTED:
        return
    scaled: list[Slip] = []
    for other in permutations(range(len(order))):
        if other == tuple(range(len(order))):
            continue
        expression = _renamed(quantity, {ours[k]: name for k, name in zip(other, ours, strict=True)})
        also = f" for arguments in the order {', '.join(order[k] for k in other)}"
        yield Slip(f"this is {quantity.words}{also}", expression, quantity)
        scaled += times(quantity._replace(expression=expression), judge, also)
    yield from scaled


def _renamed(quantity: Candidate, names: dict[str, str]) -> Term:
    """Write one parameter for another, by name, everywhere at once."""
    bases = {str(base): base for base in map(base_of, laws(quantity.question).parameters)}
    return substitute(quantity.expression, {bases[old]: bases[new] for old, new in names.items()})
