"""Sums and means of arrays: which are over the coordinates, and which over samples.

Code writes a loss for many samples at once, each a row of coordinates. A formula is about one sample. A sum over the
coordinates is part of it, and a mean over them divides it by n. A sum or mean over the samples may be left out where
everything after it is linear: then the result is the sum or mean of the formula. Anywhere else it is refused.

Axis 0 numbers the samples and every other axis coordinates; without an axis a sum runs over all that are left. Code
that makes no sense so is read as one for a single sample, whose arrays are vectors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple, NoReturn

from kl_symbolic.errors import RequestError
from kl_symbolic.reading.syntax import (
    Call,
    Entries,
    Inverse,
    Name,
    Negative,
    Node,
    Number,
    Own,
    Plus,
    Power,
    Reduction,
    Samples,
    Size,
    Times,
    Total,
    children,
    rebuilt,
    walk,
)

ONE = Number(Fraction(1))


class Plain(NamedTuple):
    """A formula without sums and means of arrays, and what was done to read them."""

    node: Node
    notes: tuple[str, ...] = ()


class _Value(NamedTuple):
    """A part of a formula: has it an entry for each coordinate and for each sample, or is it a sum over these.

    `kept` says whether the axis of the coordinates is still there after a sum over it. `size` is the power of the
    number of samples by which the part is multiplied: a mean is a sum with -1.
    """

    node: Node
    coordinates: bool = False
    each: bool = False
    summed: bool = False
    size: int = 0
    kept: bool | None = None

    @property
    def of_samples(self) -> bool:
        return self.each or self.summed


def sums_over_coordinates(node: Node) -> bool:
    """Whether a formula has a sum that can only be over coordinates."""
    return any(
        isinstance(part, Total)
        or (isinstance(part, Reduction) and (part.kind == "sum" or any(axis != 0 for axis in part.axes or ())))
        for part in walk(node)
    )


def plain_sums(node: Node, varies: Callable[[Name], bool], *, product: bool) -> Plain:
    """Put sums over coordinates in the place of sums and means of arrays.

    Parameters
    ----------
    node
        A formula.
    varies
        Whether a name stands for an array.
    product
        Whether the laws have coordinates.

    Raises
    ------
    RequestError
        If a sum or mean over the samples changes more than the scale, or a part is divided by their number alone.

    Examples
    --------
    >>> term = Power(Name("mu", "mu"), Number(Fraction(2)))
    >>> found = plain_sums(Reduction("mean", Reduction("sum", term, (1,))), lambda name: True, product=True)
    >>> found.node == Total(term), found.notes
    (True, ('sum over axis 1: over the coordinates', 'mean: over the samples; the formula is that of one'))
    """
    if not any(isinstance(part, Reduction | Samples) for part in walk(node)):
        return Plain(node)
    refusals: list[RequestError] = []
    for samples in (True, False) if product else (True,):
        arrays = _Arrays(varies, product=product, samples=samples)
        try:
            return Plain(arrays.whole(node), tuple(dict.fromkeys(arrays.notes)))
        except RequestError as refusal:
            refusals.append(refusal)
    raise refusals[0]


class _Arrays:
    """Follow what is an array through a formula; without `samples` every array is one vector."""

    def __init__(self, varies: Callable[[Name], bool], *, product: bool, samples: bool) -> None:
        self.varies, self.product, self.samples = varies, product, samples
        self.notes: list[str] = [] if samples else ["the arrays are read as vectors of one sample"]

    def whole(self, node: Node) -> Node:
        value = self.value(node)
        if value.coordinates:
            raise RequestError("not read: after its sums something has still a value for each coordinate")
        if value.size not in ((0, -1) if value.summed else (0,)):
            raise RequestError(
                "not read: it is divided by the number of samples, and is no sum over them"
                if value.size < 0
                else "not read: it is multiplied by the number of samples"
            )
        return value.node

    def value(self, node: Node) -> _Value:
        match node:
            case Name(written="N") if not self.varies(node):
                raise RequestError(
                    "ambiguous: N may count the samples or the coordinates; call it batch_size or latent_dim"
                )
            case Name() | Own():
                varies = isinstance(node, Own) or self.varies(node)
                indexed = node.coordinate is not None
                return _Value(node, coordinates=varies and self.product and not indexed, each=varies and self.samples)
            case Samples(written):
                # Of a vector, what numbers the samples of a batch numbers the coordinates.
                return _Value(ONE, size=1) if self.samples or "batch" in written.lower() else _Value(Size())
            case Number() | Size():
                return _Value(node)
            case Plus(terms):
                return self.plus([self.value(term) for term in terms])
            case Times(factors):
                return self.times([self.value(factor) for factor in factors])
            case Negative(inner):
                value = self.value(inner)
                return value._replace(node=Negative(value.node))
            case Inverse(inner):
                value = self.value(inner)
                if value.of_samples:
                    self.require_one_sample(value, "divided by")
                return value._replace(node=Inverse(value.node), size=-value.size)
            case Power(base, exponent):
                return self.function([self.value(base), self.value(exponent)], Power, "a power")
            case Call(name, argument):
                return self.function([self.value(argument)], lambda a: Call(name, a), name)
            case Total(body):
                value = self.value(body)
                return value._replace(node=replace(node, body=value.node), coordinates=False)
            case Reduction():
                return self.reduction(node)
            case Entries(parts):
                return self.function([self.value(part) for part in parts], lambda *a: Entries(a), "a list")

    def plus(self, terms: list[_Value]) -> _Value:
        """Add: a sum of sums over the samples is one; a number may be added once to a mean, and not to a sum."""
        made = _joined(terms, Plus(tuple(term.node for term in terms)))
        if made.summed:
            (size, *more) = {term.size for term in terms if term.summed}
            fits = all(term.summed or (not term.each and (term.size, size) == (0, -1)) for term in terms)
            if more or not fits:
                raise RequestError(
                    "not read: to a sum over the samples something is added that is none; "
                    "take the mean over the samples, or write the formula of one sample"
                )
            return made._replace(size=size)
        (size, *more) = {term.size for term in terms}
        if more:
            self.refuse_size()
        return made._replace(size=size)

    def times(self, factors: list[_Value]) -> _Value:
        made = _joined(factors, Times(tuple(factor.node for factor in factors)))
        if made.summed and sum(factor.of_samples for factor in factors) > 1:
            raise RequestError("not read: a sum or mean over the samples is multiplied by what differs between them")
        return made._replace(size=sum(factor.size for factor in factors))

    def function(self, arguments: list[_Value], build: Callable[..., Node], name: str) -> _Value:
        for argument in arguments:
            self.require_one_sample(argument, f"an argument of {name},")
        return _joined(arguments, build(*(argument.node for argument in arguments)))

    def require_one_sample(self, value: _Value, what: str) -> None:
        if value.summed:
            raise RequestError(f"not read: a sum or mean over the samples is {what} where only its scale may change")
        if value.size:
            self.refuse_size()

    def refuse_size(self) -> NoReturn:
        raise RequestError("not read: the number of samples stands for more than the scale of a sum over them")

    def reduction(self, node: Reduction) -> _Value:
        value = self.value(node.body)
        mean, axes = node.kind == "mean", node.axes
        words = node.kind if axes is None else f"{node.kind} over axis {', '.join(map(str, axes))}"
        everything = axes is None or (0 in axes and len(axes) > 1)
        only_samples = axes == (0,) and self.samples
        if not self.samples and axes not in (None, (0,)):
            raise RequestError(f"not read: a vector has no axis for {words}")
        if value.coordinates and not only_samples:
            total: Node = Total(value.node)
            value = value._replace(node=Times((Inverse(Size()), total)) if mean else total, coordinates=False)
            over = "the coordinates, which divides their sum by n" if mean else "the coordinates"
            also = ", and over the samples if there are several" if everything and value.each else ""
            self.notes.append(f"{words}: over {over}{also}")
            value = value._replace(kept=node.kept if not everything else None)
            return self.over_samples(value, mean=mean) if everything else value
        if not self.samples:
            raise RequestError(f"not read: the {words} is over something without coordinates")
        if value.each:
            self.notes.append(f"{words}: over the samples; the formula is that of one")
        return self.over_samples(value, mean=mean)

    def over_samples(self, value: _Value, *, mean: bool) -> _Value:
        if not value.each:
            return value
        return value._replace(each=False, summed=True, size=value.size - mean)


def _joined(parts: Iterable[_Value], node: Node) -> _Value:
    parts = list(parts)
    summed = any(part.summed for part in parts)
    kept = {part.kept for part in parts if part.kept is not None}
    if len(kept) > 1:
        raise RequestError("not read: one sum keeps its axis (keepdim) and another does not, and they meet")
    return _Value(
        node,
        coordinates=any(part.coordinates for part in parts),
        each=any(part.each for part in parts) and not summed,
        summed=summed,
        kept=next(iter(kept), None),
    )


def without_idle_indices(node: Node, varies: Callable[[Name], bool], *, numbered: bool) -> Node:
    """Read sums whose index numbers nothing, ``sum_i (mu_1 - mu_2)^2``, as sums over every coordinate.

    Where one law alone has parameters, which is not `numbered`, ``mu_1`` is the first coordinate.
    """
    if isinstance(node, Total) and node.index is not None:
        names = [part for part in walk(node.body) if isinstance(part, Name) and varies(part)]
        used = any(part.coordinate is not None or part.spelling.endswith(node.index) for part in names)
        first = not numbered and any(part.spelling[-1].isdigit() for part in names)
        if names and not used and not first:
            return replace(node, index=None)
    return rebuilt(node, [without_idle_indices(part, varies, numbered=numbered) for part in children(node)])


def getters(node: Node, varies: Callable[[Name], bool]) -> Node:
    """Read the mean of an object, ``p.mean()``, as a name."""
    if isinstance(node, Reduction) and isinstance(node.body, Name) and node.axes is None and node.kind == "mean":
        name = node.body
        if not varies(name):
            return Name(f"{name.written}.mean()", f"{name.spelling}.mean")
    return rebuilt(node, [getters(part, varies) for part in children(node)])
