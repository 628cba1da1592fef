"""Coordinates in the names of a formula: mu[i], mu_i, mu_{1,i}; and what is called the dimension."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.syntax import Name, Node, Total, walk
from kl_symbolic.reading.tokens import excerpt
from kl_symbolic.terms import COORDINATE, DIMENSION, ONE_COORDINATE, Number, Term

FREE_INDICES = ("i", "j", "k")
EVERY = ""  # the index of a sum that names none: within it a vector stands for its entry
DIMENSIONS = re.compile(r"[nNdDkKJjmMP]|(?:(?:latent|z|n|num|code)_)?dims?|[dDnN]_[A-Za-z]+", re.ASCII)
LIMITS = re.compile(rf"(?![eE]$)[A-Za-z]|{DIMENSIONS.pattern}", re.ASCII)  # up to which a sum runs


class Coordinates:
    """The coordinates of laws of a dimension.

    Parameters
    ----------
    size
        The dimension; None for laws without coordinates.
    gradient
        Whether a formula is a derivative by one coordinate, whose index is free.
    """

    def __init__(self, size: Term | None, *, gradient: bool) -> None:
        self.size, self.gradient = size, gradient
        self.free: str | None = None
        self.entry: Term = COORDINATE  # at which a sum stands

    def heads(self, name: Name, bound: str | None, *, numbered: bool) -> Iterator[tuple[str, Term | None]]:
        """Yield a name without its coordinate, and the coordinate; of a product each way to cut it.

        Parameters
        ----------
        name, bound
            A name, and the index of the sum around it.
        numbered
            Whether numbers may tell two laws apart.
        """
        spelling = name.spelling
        if self.size is None:
            if name.coordinate is None:
                yield spelling, None
        elif name.coordinate is not None:
            at = self.at(name.coordinate, bound)
            if at is not None:
                yield spelling, at
        elif bound == EVERY:
            if spelling.rpartition("_")[2] not in FREE_INDICES:
                yield spelling, self.entry
        else:
            for cut in range(1, len(spelling)):
                head, tail = spelling[:cut].rstrip("_,"), spelling[cut:].lstrip("_,")
                if not head or not tail or spelling[cut - 1] in "_,":
                    continue
                # mu_12 of a law without an index is the twelfth coordinate, not the second of a first law.
                number = not numbered and head[-1].isdigit() and tail.isdigit()
                at = None if number else self.at(tail, bound)
                if at is not None:
                    yield head, at

    def at(self, text: str, bound: str | None) -> Term | None:
        """Return the coordinate that an index says, or None."""
        if re.fullmatch("[1-9][0-9]{0,3}", text, re.ASCII):
            largest = self.size.value if isinstance(self.size, Number) else 1  # n may be 1
            return Number(int(text)) if int(text) <= largest else None
        if bound is not None and text == bound:
            return self.entry
        if bound is None and self.gradient and self.size is DIMENSION and text in FREE_INDICES:
            if text != (self.free or text):
                raise RequestError(f"two free indices, {self.free} and {text}: a derivative is by one coordinate")
            self.free = text
            return ONE_COORDINATE
        return None


def letter_of_dimension(trees: Iterable[Node], known: Callable[[Name], bool] | None) -> str:
    """Return what is called the dimension: the upper limit of the sums, or the one such letter in formulas.

    Parameters
    ----------
    trees
        The formulas.
    known
        Whether a name says something else; None where there is no dimension.
    """
    nodes = [node for tree in trees for node in walk(tree)]
    letters = {node.upper for node in nodes if isinstance(node, Total) and node.upper and not node.upper.isdigit()}
    wrong = [letter for letter in letters if not LIMITS.fullmatch(letter)]
    if wrong:
        raise RequestError(f"a sum over the coordinates is from 1 to n, given: {excerpt(min(wrong))}")
    if known is not None and not letters:
        letters = {
            node.spelling
            for node in nodes
            if isinstance(node, Name) and not node.called and node.coordinate is None
            if DIMENSIONS.fullmatch(node.spelling) and not known(node)
        }
    if len(letters) > 1:
        raise RequestError(f"two letters for the dimension: {' and '.join(map(excerpt, sorted(letters)[:2]))}")
    return next(iter(letters), "n")
