"""What people write by mistake: parameters read in another way, and terms with a slip in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations, product
from typing import TypeAlias

from sympy import Add, Basic, Expr, Indexed, Integer, Mul, Pow, Rational, default_sort_key

from kl_symbolic.claims.quantities import Quantity
from kl_symbolic.proof.language import Exp, Sqrt, Sum
from kl_symbolic.proof.parameters import parameter_records
from kl_symbolic.proof.statement import laws

MOST_TERMS = 6

Reading: TypeAlias = tuple[str, Callable[[Expr], Expr]]
Put: TypeAlias = Callable[[Expr], Expr]

# By the meaning of a parameter: what else its symbol may have been meant for, and how the parameter follows from that.
READINGS: dict[str, list[Reading]] = {
    "standard deviation": [
        ("the variance", Sqrt),
        ("the log-variance", lambda s: Exp(s / 2)),
        ("the logarithm of the standard deviation", Exp),
        ("the precision", lambda s: Pow(Sqrt(s), Integer(-1))),
    ],
    "variance": [
        ("the standard deviation", lambda s: Pow(s, Integer(2))),
        ("the log-variance", Exp),
        ("the logarithm of the standard deviation", lambda s: Exp(2 * s)),
        ("the precision", lambda s: Pow(s, Integer(-1))),
    ],
    "log-variance": [
        ("the logarithm of the standard deviation", lambda s: 2 * s),
        ("the logarithm of the precision", lambda s: -s),
    ],
    "rate": [("the scale, 1/rate,", lambda s: Pow(s, Integer(-1)))],
}


def misread(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words which parameters are read in another way, and the quantity if they are."""
    readable = _readable(quantity)
    choices: list[list[Reading | None]] = [[None, *readings] for _, readings in readable]
    for chosen in sorted(product(*choices), key=lambda c: sum(one is not None for one in c)):
        read = [(s, one) for (s, _), one in zip(readable, chosen, strict=True) if one is not None]
        if read:
            words = " and ".join(f"{_name(s)} stands for {meaning}" for s, (meaning, _) in read)
            yield words, _with_meanings(quantity.expression, {_name(s): g for s, (_, g) in read})


def mistaken(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words what is wrong with one term, or with a square in all, and the quantity with that mistake."""
    terms = list(_terms_in_words(quantity))
    for term, shown, put in terms:
        yield f"the term {shown} is missing", put(Integer(0))
        yield f"the sign of the term {shown} is wrong", put(-term)
        for power in _squares(term):
            once = put(term.xreplace(_without_square(power)))
            yield f"a square is missing: {quantity.written(power.base)} in the term {shown}", once
        yield f"the term {shown} is doubled", put(2 * term)
        yield f"the term {shown} is halved", put(term / 2)
        exchanged = term.xreplace(_exchange(quantity))
        if exchanged != term:
            yield f"the parameters of P and Q are exchanged in the term {shown}", put(exchanged)
    for power in _squares(quantity.expression):
        if sum(term.has(power) for term, _, _ in terms) > 1:
            once = quantity.expression.xreplace(_without_square(power))
            yield f"a square is missing: {quantity.written(power.base)} in every term that has it", once


def _squares(expr: Expr) -> list[Pow]:
    return sorted((power for power in expr.atoms(Pow) if power.exp in (2, -2)), key=default_sort_key)


def _without_square(power: Pow) -> dict[Basic, Basic]:
    return {power: Pow(power.base, power.exp / 2)}


def mistaken_in_several_terms(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words the same slip in several terms, and the quantity with it; of few terms only."""
    terms = list(_terms(quantity.expression, lambda new: new))
    for size in range(2, len(terms) if len(terms) <= MOST_TERMS else 0):
        for chosen in combinations(terms, size):
            words = " and ".join(quantity.written(term) for term, _ in chosen)
            for slip, factor in (("are doubled", 2), ("are halved", Rational(1, 2)), ("have the wrong sign", -1)):
                # Each `put` changes one term of the whole, so the changes add up.
                changes = (Add(put(factor * term), -quantity.expression) for term, put in chosen)
                yield f"the terms {words} {slip}", Add(quantity.expression, *changes)


def misread_in_one_term(quantity: Quantity) -> Iterator[tuple[str, Expr]]:
    """Yield in words which parameter is read in another way in one term, and the quantity if it is."""
    for symbol, readings in _readable(quantity):
        for term, shown, put in _terms_in_words(quantity):
            for meaning, reading in readings:
                other = put(_with_meanings(term, {_name(symbol): reading}))
                yield f"{_name(symbol)} stands for {meaning} in the term {shown}", other


def _terms_in_words(quantity: Quantity) -> Iterator[tuple[Expr, str, Put]]:
    for term, put in _terms(quantity.expression, lambda new: new):
        yield term, quantity.written(term), put


def _readable(quantity: Quantity) -> list[tuple[Basic, list[Reading]]]:
    records = parameter_records(quantity.claim)
    symbols = laws(quantity.claim).parameters
    return [(s, READINGS[r.meaning]) for s, r in zip(symbols, records, strict=True) if r.meaning in READINGS]


def _terms(expr: Expr, put: Put) -> Iterator[tuple[Expr, Put]]:
    """Yield every term, within sums and products with sums too, and what puts another in its place."""
    if isinstance(expr, Add):
        for k, term in enumerate(expr.args):
            yield from _terms(term, _inside(put, Add, expr.args[:k] + expr.args[k + 1 :]))
        return
    factors = expr.args if isinstance(expr, Mul) else (expr,)
    inner = next((factor for factor in factors if isinstance(factor, Add | Sum)), None)
    others = tuple(factor for factor in factors if factor is not inner)
    if isinstance(inner, Sum):
        body, *bounds = inner.args
        yield from _terms(body, lambda new: put(Mul(*others, Sum(new, *bounds))))
    elif inner is not None:
        yield from _terms(Add(*(Mul(*others, term) for term in inner.args)), put)
    else:
        yield expr, put


def _inside(put: Put, head: type[Expr], rest: tuple[Expr, ...]) -> Put:
    return lambda new: put(head(*rest, new))


def _with_meanings(expr: Expr, meanings: dict[str, Callable[[Expr], Expr]]) -> Expr:
    """Replace parameters by name, those of coordinates at each coordinate."""
    found = {s: meanings[_name(s)](s) for s in expr.free_symbols | expr.atoms(Indexed) if _name(s) in meanings}
    return expr.xreplace(found)


def _exchange(quantity: Quantity) -> dict[Basic, Basic]:
    """Return the replacement that exchanges the parameters of the two laws, if both have the same."""
    symbols = {_name(s): s for s in laws(quantity.claim).parameters}
    pairs = {s: symbols.get(name.replace("_1", "_2")) for name, s in symbols.items() if "_1" in name}
    if not pairs or None in pairs.values():
        return {}
    both = {**pairs, **{b: a for a, b in pairs.items()}}
    return {_base(a): _base(b) for a, b in both.items() if b is not None}


def _name(symbol: Basic) -> str:
    return str(_base(symbol))


def _base(symbol: Basic) -> Basic:
    return getattr(symbol, "base", symbol)
