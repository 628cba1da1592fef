"""Which of the two laws a name belongs to: mu_1 and mu_2, prior_mu and post_mu, self.scale and other.scale.

The words beside the names of a whole formula decide this together: in mu_0 and mu_1 the index 1 is that of the second
law, in mu_1 and mu_2 of the first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TypeAlias

from kl_symbolic.errors import RequestError

USUAL = {1: ("1", "p"), 2: ("2", "q")}  # of these one alone is understood
# Other pairs, in the order P, Q.
PAIRS = (
    *(("1", "2"), ("p", "q"), ("0", "1"), ("x", "y"), ("a", "b"), ("i", "j"), ("f", "g")),
    *(("self", "other"), ("old", "new"), ("teacher", "student"), ("true", "approx"), ("posterior", "prior")),
)
FIRST = ("self",)  # of P, whatever stands beside the names of Q
SECOND = ("prior", "other", "alt", "ref", "reference")  # of Q, whatever stands beside the names of P
# Of Q, where the names of P have nothing beside.
SECOND_BESIDE_NONE = ("0", "p", "prime", "prior", "other", "target", "ref", "hat")

MOST_SHOWN = 5  # indices in a message

Beside: TypeAlias = tuple[str, ...]


def places(besides: Collection[Beside], free: Collection[int], exchanged: Collection[str] = ()) -> Mapping[Beside, int]:
    """Return the place of the law, 1 for P and 2 for Q, of each group of words beside a name.

    Parameters
    ----------
    besides
        The words beside the names of a formula.
    free
        The places of the laws that have parameters. Where it is one, the indices of the other law are left out.
    exchanged
        The indices that stand for the other law here: ``KL(q || p) = ...`` is about q first.

    Raises
    ------
    RequestError
        If they do not say which law is which.

    Examples
    --------
    >>> dict(places([("0",), ("1",)], (1, 2))), dict(places([("post",), ("prior",)], (1, 2)))
    ({('0',): 1, ('1',): 2}, {('post',): 1, ('prior',): 2})
    """
    if len(free) == 1:
        (place,) = free
        wrong = {"2", *SECOND} if place == 1 else {"1"}
        words = {word for one in besides for word in one}
        for first, second in PAIRS:
            if {first, second} <= words - wrong:
                raise RequestError(f"{first} and {second} are indices of two laws, and one alone has parameters here")
        return {one: place for one in besides if not wrong & set(one)}
    found: list[Mapping[Beside, int]] = []
    for one in _orders(besides, exchanged):
        if one not in found:
            found.append(one)
    if len(found) == 1:
        return found[0]
    shown = ", ".join(sorted("_".join(one) or "none" for one in besides)[:MOST_SHOWN])
    why = "say both" if found else "do not say"
    raise RequestError(f"the indices {shown} {why} which law is P and which is Q; say it: --symbols NAME=PARAMETER")


def usual(besides: Collection[Beside], exchanged: Collection[str] = ()) -> Mapping[Beside, int]:
    """Return the places of the usual indices, 1 and p, 2 and q, alone; what has none of them is left out.

    >>> dict(usual([("1",), ("q",), ("c",)]))
    {('1',): 1, ('q',): 2}
    """
    found = {}
    for one in besides:
        marks = {(mark, place) for place, marks in USUAL.items() for mark in marks if mark in one}
        if len({place for _, place in marks}) == 1:
            (mark, place), *_ = sorted(marks)
            found[one] = 3 - place if mark in exchanged else place
    return found


def _orders(besides: Collection[Beside], exchanged: Collection[str]) -> Iterator[Mapping[Beside, int]]:
    known = usual(besides, exchanged)
    if len(known) == len(set(besides)):
        yield known
    for first, second in PAIRS:
        if all((first in one) != (second in one) for one in besides):
            order = {one: 1 if first in one else 2 for one in besides}
            if len(set(order.values())) > 1:
                swap = {first, second} <= set(exchanged)
                yield {one: 3 - place for one, place in order.items()} if swap else order
    for word in (*FIRST, *SECOND):
        place = 1 if word in FIRST else 2
        order = {one: place if word in one else 3 - place for one in besides}
        if len(set(order.values())) > 1:
            yield order
    bare = [one for one in besides if not one]
    if bare and len(set(besides)) == 2:  # noqa: PLR2004 - the laws
        (other,) = set(besides) - set(bare)
        if len(other) == 1 and other[0] in SECOND_BESIDE_NONE:
            yield {(): 1, other: 2}
