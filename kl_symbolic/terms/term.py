"""Terms: the expressions of derivations. They are immutable, and nothing rewrites them.

A term is a head and arguments, or a leaf: a number, a symbol, a text. Equal terms are the same object, so they are
compared by identity, however large they are. Operators write down what they say, with three exceptions: sums within
sums and products within products are opened, numbers are worked out, and a 0 in a sum or a 1 in a product is left out.
"""

from __future__ import annotations

from fractions import Fraction
from typing import ClassVar, Never, Self, TypeAlias, TypeVar

from kl_symbolic.functions import Domain
from kl_symbolic.terms.interning import found, interned
from kl_symbolic.terms.text import text

# The heads whose second argument is a variable that is bound in the first.
BINDERS = frozenset({"Integral", "Sum", "Product", "ProductLaw"})

T = TypeVar("T", bound="Term")

SMALL = 1 << 60  # the hash of a larger number is not its own: somebody could choose many with the same


class Term:
    """A head and arguments.

    Parameters
    ----------
    head
        The name of a function, or of a construct of the language: ``Add``, ``Integral``, ``Density``.
    args
        Its arguments; numbers and texts become terms.

    Attributes
    ----------
    free
        The symbols on which it depends.

    Examples
    --------
    >>> x = Symbol("x", Domain.POSITIVE)
    >>> Term("log", 2 * x) is Term("log", Term("Mul", 2, x))
    True
    >>> Term("log", x) / (x + 1) - 3
    log(x)/(x + 1) - 3
    """

    __slots__ = ("__weakref__", "args", "free", "head")
    __match_args__: ClassVar[tuple[str, ...]] = ("head", "args")
    __iter__ = None  # `__getitem__` is for coordinates

    head: str
    args: tuple[Term, ...]
    free: frozenset[Symbol]

    def __new__(cls, head: str, *args: Argument) -> Term:  # noqa: PYI034 - leaves have constructors of their own
        """Return the one such term."""
        terms = tuple(a if isinstance(a, Term) else term(a) for a in args)
        head = _plain(head)
        key = head, terms
        return found(key) or interned(key, _blank(Term, head, terms, _free(head, terms)))

    def __setattr__(self, name: str, _: object = None) -> Never:
        raise AttributeError(f"a term is immutable: {name}")

    __delattr__ = __setattr__

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _: object) -> Self:
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return Term, (self.head, *self.args)

    def __repr__(self) -> str:
        return text(self)

    def __getitem__(self, index: Argument) -> Term:
        """Return a coordinate of an array."""
        if self.head != "Array":
            raise TypeError(f"{self} has no coordinates")
        return Term("Indexed", self, index)

    def __add__(self, other: Operand) -> Term:
        return add(self, other)

    def __radd__(self, other: Operand) -> Term:
        return add(other, self)

    def __sub__(self, other: Operand) -> Term:
        return add(self, mul(-1, other))

    def __rsub__(self, other: Operand) -> Term:
        return add(other, mul(-1, self))

    def __neg__(self) -> Term:
        return mul(-1, self)

    def __mul__(self, other: Operand) -> Term:
        return mul(self, other)

    def __rmul__(self, other: Operand) -> Term:
        return mul(other, self)

    def __truediv__(self, other: Operand) -> Term:
        return mul(self, power(other, -1))

    def __rtruediv__(self, other: Operand) -> Term:
        return mul(other, power(self, -1))

    def __pow__(self, exponent: Operand) -> Term:
        return power(self, exponent)

    def __rpow__(self, base: Operand) -> Term:
        return power(base, self)


class Number(Term):
    """A rational number.

    Examples
    --------
    >>> Number(Fraction(1, 2)) + 1
    3/2
    """

    __slots__ = ("value",)
    __match_args__ = ("value",)
    value: Fraction

    def __new__(cls, value: Fraction | int) -> Self:
        """Return the one such number."""
        exact = Fraction(value) if type(value) is int else value
        parts = (exact.numerator, exact.denominator) if type(exact) is Fraction else ()
        if not (parts and all(type(part) is int for part in parts)):
            raise TypeError(f"no exact number: {type(value).__name__}")
        key = Number, *(part if abs(part) < SMALL else hex(part) for part in parts)
        return found(key) or interned(key, _blank(Number, "Number", (), frozenset(), value=exact))  # type: ignore[return-value]

    def __reduce__(self) -> tuple[object, ...]:
        return Number, (self.value,)


class Symbol(Term):
    """A symbol of a real number.

    Parameters
    ----------
    name
        How it is called. Symbols of one name and two domains are two symbols.
    domain
        Where it lies.
    above
        A number or another symbol above which it lies, if that is known. The bound is part of the symbol: whatever is
        said of it, is said of numbers above that.

    Examples
    --------
    >>> alpha = Symbol("alpha", Domain.POSITIVE, above=Number(1))
    >>> alpha is Symbol("alpha", Domain.POSITIVE)
    False
    """

    __slots__ = ("above", "domain", "name")
    __match_args__ = ("name", "domain", "above")
    name: str
    domain: Domain
    above: Number | Symbol | None

    def __new__(cls, name: str, domain: Domain = Domain.REAL, above: Number | Symbol | None = None) -> Self:
        """Return the one such symbol."""
        if type(domain) is not Domain:
            raise TypeError(f"not a domain: {domain!r}")
        if not (above is None or type(above) in (Number, Symbol)):
            raise TypeError(f"no bound of a symbol: {above!r}")
        name = _plain(name)
        key = Symbol, name, domain, above
        symbol: Symbol | None = found(key)  # never an instance of a subclass, whatever `cls` is
        if symbol is None:
            made = _blank(Symbol, "Symbol", (), frozenset(), name=name, domain=domain, above=above)
            object.__setattr__(made, "free", frozenset({made}))
            symbol = interned(key, made)
        return symbol  # type: ignore[return-value]

    def __reduce__(self) -> tuple[object, ...]:
        return Symbol, (self.name, self.domain, self.above)


class Text(Term):
    """A word, such as the name of a family."""

    __slots__ = ("text",)
    __match_args__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Self:
        """Return the one such text."""
        text = _plain(text)
        key = Text, text
        return found(key) or interned(key, _blank(Text, "Text", (), frozenset(), text=text))  # type: ignore[return-value]

    def __reduce__(self) -> tuple[object, ...]:
        return Text, (self.text,)


Operand: TypeAlias = Term | Fraction | int
Argument: TypeAlias = Operand | str


def term(value: Argument) -> Term:
    """Return a number or a text as a term, and a term as it is.

    Raises
    ------
    TypeError
        If it is something else; floating-point numbers are not exact.
    """
    match value:
        case Term():
            return value
        case bool():
            pass
        case int() | Fraction():
            return Number(value)
        case str():
            return Text(value)
    raise TypeError(f"not part of a term: {value!r}")


def is_as_made(term: Term) -> bool:
    """Whether a term is what its constructor makes; what was forged or changed may say one thing and be another."""
    kind, head, args, free = type(term), term.head, term.args, term.free
    if type(head) is not str or type(args) is not tuple or type(free) is not frozenset or _remade(term) is not term:
        return False
    if kind is Term:
        return free == _free(head, args)
    return (head, args, free) == (kind.__name__, (), {term} if kind is Symbol else frozenset())


def _remade(term: Term) -> Term | None:
    match term:
        case Number(value):
            return Number(value) if type(value) is Fraction else None
        case Symbol(name, domain, above):
            return Symbol(name, domain, above) if type(name) is str and type(domain) is Domain else None
        case Text(words):
            return Text(words) if type(words) is str else None
    return Term(term.head, *term.args)


def add(*terms: Operand) -> Term:
    """Return a sum; its number comes last.

    Examples
    --------
    >>> add(1, Symbol("x"), add(Symbol("y"), 2))
    x + y + 3
    """
    number, others = Fraction(0), []
    for part in _opened("Add", terms):
        if isinstance(part, Number):
            number += part.value
        else:
            others.append(part)
    parts = [*others, Number(number)] if number or not others else others
    return parts[0] if len(parts) == 1 else Term("Add", *parts)


def mul(*factors: Operand) -> Term:
    """Return a product; its number comes first. A factor 0 stays: the others may have no value.

    Examples
    --------
    >>> mul(2, Symbol("x"), 3)
    6*x
    """
    number, others = Fraction(1), []
    for part in _opened("Mul", factors):
        if isinstance(part, Number):
            number *= part.value
        else:
            others.append(part)
    parts = [Number(number), *others] if number != 1 or not others else others
    return parts[0] if len(parts) == 1 else Term("Mul", *parts)


def power(base: Operand, exponent: Operand) -> Term:
    """Return a power; that of a number by -1 is a number.

    Examples
    --------
    >>> power(4, -1), power(Symbol("x"), 2)
    (1/4, x**2)
    """
    base, exponent = term(base), term(exponent)
    if exponent is Number(1):
        return base
    if isinstance(base, Number) and base.value and exponent is Number(-1):
        return Number(1 / base.value)
    return Term("pow", base, exponent)


def _plain(words: str) -> str:
    """Return a string of no subclass, which could be equal to one string now and to another later."""
    return words if type(words) is str else str.__str__(words)


def _opened(head: str, parts: tuple[Operand, ...]) -> list[Term]:
    terms = map(term, parts)
    return [one for part in terms for one in (part.args if part.head == head else (part,))]


def _free(head: str, args: tuple[Term, ...]) -> frozenset[Symbol]:
    if head not in BINDERS or len(args) < 2:  # noqa: PLR2004 - a body and a variable
        return _union(tuple(a.free for a in args))
    body, variable, *outer = args
    return _union((body.free - variable.free, *(a.free for a in outer)))


def _blank(kind: type[T], head: str, args: tuple[Term, ...], free: frozenset[Symbol], **fields: object) -> T:
    made: T = object.__new__(kind)
    for name, value in {"head": head, "args": args, "free": free, **fields}.items():
        object.__setattr__(made, name, value)
    return made


def _union(sets: tuple[frozenset[Symbol], ...]) -> frozenset[Symbol]:
    """Return a union, one of the sets itself if that holds all others."""
    largest = max(sets, key=len, default=frozenset())
    return largest if all(one <= largest for one in sets) else largest.union(*sets)
