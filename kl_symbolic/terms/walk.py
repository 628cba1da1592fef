"""Look through terms, and rebuild them. A part that occurs many times is visited once."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping

from kl_symbolic.errors import KLError
from kl_symbolic.terms.term import BINDERS, Symbol, Term

Spend = Callable[[int], None]


class CaptureError(KLError):
    """A free symbol would come under a binder of the same name."""


def parts(term: Term) -> Iterator[Term]:
    """Yield a term and all its parts, each once, in the order in which they first stand.

    Examples
    --------
    >>> x = Symbol("x")
    >>> [str(part) for part in parts(x + x**2)]
    ['x + x**2', 'x', 'x**2', '2']
    """
    seen: set[Term] = set()
    left = [term]
    while left:
        part = left.pop()
        if part not in seen:
            seen.add(part)
            yield part
            left += reversed(part.args)


def parts_with(term: Term, *heads: str) -> tuple[Term, ...]:
    """Return the parts of a term that have one of some heads, each once, in the order in which they stand."""
    return tuple(part for part in parts(term) if part.head in heads)


def length(term: Term) -> int:
    """Return how many nodes a term has; what a part has is counted once, however often that part stands there.

    Examples
    --------
    >>> length(Symbol("x") + 1)
    3
    """
    return 1 + sum(len(part.args) for part in parts(term))


def has(term: Term, *wanted: Term | str) -> bool:
    """Whether a term has one of some parts, given as terms or by their heads.

    Examples
    --------
    >>> x = Symbol("x")
    >>> has(x + 1, x), has(x + 1, "log")
    (True, False)
    """
    return any(part in wanted or part.head in wanted for part in parts(term))


def substitute(term: Term, values: Mapping[Term, Term], spend: Spend = lambda _: None) -> Term:
    """Put values in place of parts, everywhere at once; nothing is captured by a binder.

    What a binder binds is no part of the outside: in ``Sum(mu[i], i, n)`` neither i nor mu[i] is replaced. The name of
    an array is no symbol of its own.

    Parameters
    ----------
    term
        The term.
    values
        What takes the place of which part: of symbols, coordinates, or arrays by arrays.
    spend
        Counts the cost.

    Raises
    ------
    CaptureError
        If a value has a symbol that a binder around its place binds.

    Examples
    --------
    >>> a, b = Symbol("a"), Symbol("b")
    >>> substitute(a + 2 * b, {a: b, b: a})
    b + 2*a
    >>> substitute(Term("Sum", a * b, a, 3), {b: a})
    Traceback (most recent call last):
        ...
    kl_symbolic.terms.walk.CaptureError: a would be captured by the binder of a
    """
    return _Substitution(dict(values), spend).of(term)


class _Substitution:
    def __init__(self, values: dict[Term, Term], spend: Spend) -> None:
        self.values, self.spend = values, spend
        self.known: dict[Term, Term] = {}
        self.below: dict[Term, _Substitution] = {}  # by the variable that is bound
        self.names = None if any(not key.free for key in values) else frozenset().union(*(k.free for k in values))

    def of(self, term: Term) -> Term:
        if term in self.values:
            return self.values[term]
        if not term.args or term.head == "Array" or (self.names is not None and self.names.isdisjoint(term.free)):
            return term
        if term not in self.known:
            self.spend(1 + len(term.args))
            self.known[term] = self._rebuilt(term)
        return self.known[term]

    def _rebuilt(self, term: Term) -> Term:
        if term.head in BINDERS:
            body, variable, *outer = term.args
            return Term(term.head, self._under(variable, body).of(body), variable, *map(self.of, outer))
        return Term(term.head, *map(self.of, term.args))

    def _under(self, variable: Term, body: Term) -> _Substitution:
        bound = variable.free
        for key, value in self.values.items():
            if not bound.isdisjoint(value.free) and bound.isdisjoint(key.free) and key.free <= body.free:
                name = min(symbol.name for symbol in bound & value.free)
                raise CaptureError(f"{value} would be captured by the binder of {name}")
        if variable not in self.below:
            kept = {key: value for key, value in self.values.items() if bound.isdisjoint(key.free)}
            self.below[variable] = self if len(kept) == len(self.values) else _Substitution(kept, self.spend)
        return self.below[variable]


def rebuilt(term: Term, rules: Mapping[str, Callable[..., Term]], spend: Spend = lambda _: None) -> Term:
    """Rebuild a term from its leaves on, with what a rule makes of the arguments in place of each of some heads.

    Examples
    --------
    >>> x = Symbol("x")
    >>> rebuilt(Term("log", x) + x, {"log": lambda u: 2 * u})
    2*x + x
    """
    known: dict[Term, Term] = {}

    def of(part: Term) -> Term:
        if part not in known:
            spend(1 + len(part.args))
            args = [of(a) for a in part.args]
            rule = rules.get(part.head)
            known[part] = rule(*args) if rule else Term(part.head, *args) if args else part
        return known[part]

    return of(term)


def names(terms: Collection[Term]) -> set[str]:
    """Return the names of all symbols in some terms, bound ones too."""
    return {part.name for one in terms for part in parts(one) if isinstance(part, Symbol)}
