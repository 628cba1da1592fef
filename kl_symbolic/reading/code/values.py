"""What the variables of code hold: a formula, or something that no formula says."""

from __future__ import annotations

from dataclasses import dataclass

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.syntax import Node, children


class UnknownError(RequestError):
    """A call, or a part of its result, that is no formula: a variable may stand for it."""


@dataclass(frozen=True)
class Value:
    """What a variable was given: a tree with its size and height."""

    node: Node
    size: int
    height: int


@dataclass(frozen=True)
class Unread:
    """What a variable was given that is no formula.

    If it is the result of a function, or a part of something, `words` say so, and the variable may stand for it.
    """

    error: RequestError
    words: str = ""


def height(node: Node) -> int:
    """Return the height of a tree that is not too deep for this to recur.

    >>> from kl_symbolic.reading.syntax import Negative, Samples
    >>> height(Negative(Samples("n")))
    2
    """
    return 1 + max(map(height, children(node)), default=0)
