"""Guards against zeros and overflows in a function, an epsilon or a clamp, that explain its errors.

They are seen where a parameter is next to 0, or large: there the guard is all that is left of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, partial
from itertools import product

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.libraries import Array
from kl_symbolic.audit.measure import answers_of
from kl_symbolic.audit.probe import agreement
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.regions import Dtype, draw
from kl_symbolic.audit.saturation import bounds
from kl_symbolic.audit.target import Columns, Target, approximate
from kl_symbolic.families import Parameter
from kl_symbolic.terms import Symbol, Term, parts_with, substitute

Change = Callable[[Array], Array]
EPSILONS = (*(10.0**-k for k in range(1, 21)), *(float(np.finfo(d).eps) for d in ("float64", "float32")))
FORMS = ((1, 1.0), (1, 2.0), (1, 0.5), (2, 1.0), (2, 2.0))  # multiples of powers, to which an epsilon may be added
DECADES = (-12, -10, -8, -6, -4, -3, -2, -1, 2, 4, 8)  # by which scales are made smaller and larger
ROWS = 4  # of laws as they are
TOLERANCE: dict[Dtype, float] = {"float64": 1e-10, "float32": 1e-4}
CLAMPED = ("in the logarithm", "")  # the rest of the closed form is known there, so that what is clamped can be seen
PLACES = {"in the logarithm": True, "": None, "outside of the logarithm": False}


@dataclass(frozen=True)
class Guard:
    """A guard in words, its place, and the closed form with it; `changed` are the values of the symbols with a mark."""

    words: str
    place: str
    closed: Term
    changed: Columns


def explanation(caller: Caller, target: Target, order: Sequence[str], reduction: Reduction, dtype: Dtype) -> str | None:
    """Return the guard that a function has, if it computes the divergence of parameters that are changed by one.

    Parameters
    ----------
    caller
        The function.
    target
        What it should compute.
    order
        The names of its arguments.
    reduction
        What it does with the axes.
    dtype
        Of its arguments.
    """
    columns = _columns(target, dtype)
    answered = answers_of(caller, columns, order, reduction)
    closed = target.closed

    def fits(term: Term, with_guards: Columns) -> bool:
        rows = approximate(term, with_guards)
        pairs = [(answer, rows[k : k + 1]) for k, answer in enumerate(answered) if answer is not None]
        known = [(np.ravel(a), v) for a, v in pairs if not any(x is None for x in v.flat)]
        if 2 * len(known) < len(answered) or any(np.isfinite(a).all() for a, v in pairs if v.flat[0] is None):
            return False
        return all(
            agreement(a, np.ravel(reduction.apply(v)), TOLERANCE[dtype], small=1.0) is not None for a, v in known
        )

    if fits(closed, columns):
        return None
    found: list[Guard] = []
    for guard in _guards(caller, target, order, reduction, columns):
        if found and guard.words != found[0].words:
            break
        if fits(guard.closed, {**columns, **guard.changed}):
            found.append(guard)
    if not found:
        return None
    return f"{found[0].words} {found[0].place}".strip() if len(found) == 1 else found[0].words


def _columns(target: Target, dtype: Dtype) -> Columns:
    """Return laws that are far apart, and the same with scales of P, of Q and of both that are small, or large."""
    base = draw(target, "far", dtype, ROWS)
    drawn = [base]
    sides = [set(names) for names in target.sides.free]
    for names, decades in product([*sides, set.union(*sides)] if len(sides) > 1 else sides, DECADES):
        row = {name: column[:1].astype(np.float64) for name, column in base.items()}
        for name in names:
            record = target.records[name]
            if record.logarithm:
                row[name] = row[name] + record.power * decades * math.log(10)
            elif record.domain.positive:
                row[name] = row[name] * 10.0 ** (record.power * decades)
        drawn.append({name: column.astype(dtype) for name, column in row.items()})
    return {name: np.concatenate([one[name] for one in drawn]) for name in base}


def _guards(
    caller: Caller, target: Target, order: Sequence[str], reduction: Reduction, columns: Columns
) -> Iterator[Guard]:
    """Yield guards that people write, those in every place one after the other."""
    closed, records = target.closed, target.records
    guarded = {n: r for n, r in records.items() if r.logarithm or r.domain.positive}
    sets = [*([tuple(guarded)] if len(guarded) > 1 else []), *((name,) for name in guarded)]
    marked = cache(partial(_marked, closed, records))

    def made(words: str, names: tuple[str, ...], change: Change, place: str) -> Guard:
        changed = {f"{name}'": change(np.asarray(columns[name], np.float64)) for name in names}
        return Guard(words, place, marked(names, place), changed)

    for names, (factor, power), epsilon in product(sets, FORMS, EPSILONS):
        shown = " and ".join(f"{'2*' * (factor - 1)}{_power(name, guarded[name], power)}" for name in names)
        change = partial(_added, logarithm=guarded[names[0]].logarithm, power=power, epsilon=epsilon / factor)
        for place in PLACES:
            yield made(f"{epsilon:.3g} is added to {shown}", names, change, place)
    yield from _of_wholes(closed, columns)
    for names, place in product(sets, CLAMPED):
        here = marked(names, place)

        def rest(row: Columns, term: Term = here, names: tuple[str, ...] = names) -> float:
            ones = {f"{name}'": np.ones_like(row[name], np.float64) for name in names}
            values = approximate(term, {**row, **ones})
            return math.nan if None in values.flat else float(np.ravel(reduction.apply(values))[0])

        low, high = bounds(caller, target, order, columns, names[0], rest)
        if low is not None or high is not None:
            size = f"to at least {low:.6g}" if high is None else f"to at most {high:.6g}"
            size = size if low is None or high is None else f"between {low:.6g} and {high:.6g}"
            yield made(
                f"{' and '.join(names)} is clamped {size}", names, partial(np.clip, a_min=low, a_max=high), place
            )


def _of_wholes(closed: Term, columns: Columns) -> Iterator[Guard]:
    """Yield an epsilon that is added to what a logarithm is of, such as a quotient, or to the divergence."""
    logs = parts_with(closed, "log")
    inside = sorted((log.args[0] for log in logs if not isinstance(log.args[0], Symbol)), key=str)
    values = [approximate(one, columns).astype(np.float64) for one in inside]
    coordinates = next(iter(columns.values())).shape[-1]
    for epsilon in EPSILONS:
        if inside:
            marks: dict[Term, Term] = {Term("log", u): Term("log", Symbol(f"{k}'")) for k, u in enumerate(inside)}
            changed = {f"{k}'": value + epsilon for k, value in enumerate(values)}
            words = f"{epsilon:.3g} is added to {' and '.join(map(str, inside))}"
            yield Guard(words, "in the logarithm", substitute(closed, marks), changed)
        for whole, share in (("at each coordinate", 1), ("of each sample", coordinates)):
            if share == 1 or coordinates > 1:
                words = f"{epsilon:.3g} is added to the divergence {whole}"
                yield Guard(words, "", closed + Fraction(epsilon) / share, {})


def _added(column: Array, *, logarithm: bool, power: float, epsilon: float) -> Array:
    with np.errstate(all="ignore"):
        if logarithm:
            return np.asarray(np.logaddexp(power * column, math.log(epsilon)) / power)
        return np.asarray((column**power + epsilon) ** (1 / power))


def _power(name: str, record: Parameter, power: float) -> str:
    if record.logarithm:
        return f"exp({ {1.0: '', 2.0: '2*'}.get(power, '') }{name}{'/2' if power < 1 else ''})"
    return {1.0: name, 2.0: f"{name}**2"}.get(power, f"sqrt({name})")


def _marked(term: Term, records: dict[str, Parameter], names: Sequence[str], place: str) -> Term:
    """Put marks behind the names of parameters at a place."""
    wanted = PLACES[place]

    def mark(part: Term, inside_log: bool, inside_exp: bool) -> Term:
        if isinstance(part, Symbol):
            if part.name not in names:
                return part
            here = not inside_exp if records[part.name].logarithm else inside_log
            return Symbol(f"{part.name}'") if wanted is None or here == wanted else part
        if not part.args:
            return part
        log, exp = inside_log or part.head == "log", inside_exp or part.head == "exp"
        return Term(part.head, *(mark(a, log, exp) for a in part.args))

    return mark(term, inside_log=False, inside_exp=False)
