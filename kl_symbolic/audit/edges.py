"""Edges of the domain: a scale or a rate of zero, where the closed form has a limit, and NaN."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

import numpy as np

from kl_symbolic.audit.calls import Caller
from kl_symbolic.audit.exact import Real, certain, iv, mp
from kl_symbolic.audit.libraries import CallError
from kl_symbolic.audit.measure import error, place
from kl_symbolic.audit.reductions import Reduction
from kl_symbolic.audit.regions import WIDTH, Dtype
from kl_symbolic.audit.report import Finding
from kl_symbolic.audit.target import Target
from kl_symbolic.engine import limit_at_zero

TOLERANCE = 64.0
REFUSES = "it refuses"
STEPS = (30, 300, 3000)  # decades of the distance from the edge at which a limit is looked at


def check(
    caller: Caller, target: Target, order: Sequence[str], reduction: Reduction, dtype: Dtype
) -> tuple[int, list[Finding], list[str]]:
    """Call the function at each edge whose limit is known, and with NaN; return how often, the findings, and notes."""
    findings: list[Finding] = []
    notes: list[str] = []
    checked = 0
    for name, record in target.records.items():
        if not record.domain.positive:
            continue
        values = middle_values(target)
        limit = limit_at_edge(target, name, values)
        if limit is None:
            notes.append(f"the edge {name} = 0 was not tried: the limit of the closed form is not known")
            continue
        values[name] = Fraction(0)
        checked += 1
        sentence = _at(caller, target, order, reduction, dtype, values, limit)
        if sentence and REFUSES in sentence:
            notes.append(sentence)
        elif sentence:
            findings.append(Finding("edge", sentence))
    used = [name for name in order if name in {symbol.name for symbol in target.closed.free}]
    findings += _nan(caller, target, order, used, reduction, dtype)
    return checked + len(used), findings, notes


def middle_values(target: Target) -> dict[str, Fraction]:
    """Return a value from inside the typical range of each parameter, two of them not the same."""
    found = {}
    for k, (name, record) in enumerate(target.records.items(), start=2):
        low, high = record.typical
        value = Fraction(round((low + (high - low) * Fraction(k, 2 * k + 3)) * 8), 8)
        while value in target.sides.numbers:  # where the laws meet, the limit may be another one
            value += Fraction(1, 8)
        found[name] = value
    return found


def limit_at_edge(target: Target, name: str, values: Mapping[str, Fraction]) -> Real | None:
    """Return the limit of the closed form where a parameter goes to 0 and the others stay, or None if not known.

    The limit is the engine's, and it is believed only if the closed form goes there by numbers.

    Examples
    --------
    >>> from kl_symbolic.audit.target import target
    >>> poisson = target("poisson", "poisson")
    >>> mp.nstr(limit_at_edge(poisson, "lambda_1", {"lambda_1": Fraction(1), "lambda_2": Fraction(2)}))
    '2.0'
    """
    symbols = {symbol.name: symbol for symbol in target.closed.free}
    if name not in symbols:
        return None
    fixed = {symbol: values[other] for other, symbol in symbols.items() if other != name}
    limit = limit_at_zero(target.closed, symbols[name], fixed)
    near: list[Real] = [_near_zero(target, name, values, step) for step in STEPS]
    if limit is None or any(v is None for v in near):
        return None
    if limit.is_infinite():
        first, second, third = near
        return mp.inf if first < second < third and third - second > second - first > 1 else None
    value = mp.mpf(str(limit))
    return value if abs(near[-1] - value) < mp.mpf(10) ** -40 * max(1, abs(value)) else None


def _near_zero(target: Target, name: str, values: Mapping[str, Fraction], decades: int) -> Real | None:
    def compute() -> Real:
        numbers = {n: iv.mpf(v.numerator) / v.denominator for n, v in values.items()}
        return target.computation({**numbers, name: iv.mpf(10) ** -decades})

    return certain(compute)


def _at(
    caller: Caller,
    target: Target,
    order: Sequence[str],
    reduction: Reduction,
    dtype: Dtype,
    values: Mapping[str, Fraction],
    limit: Real,
) -> str | None:
    width = WIDTH if target.product else 1
    columns = {n: np.full((1, width), float(v), dtype) for n, v in values.items()}
    said = place({n: c[:, :1] for n, c in columns.items()}, 0)
    try:
        answer = caller.one([columns[n] for n in order], 0)
    except CallError as failure:
        kind = str(failure).partition(":")[0]
        return f"the edge {said}: {REFUSES} with {kind}; the divergence goes to {mp.nstr(limit, 8)}"
    if mp.isinf(limit) and np.isnan(answer).any():
        # The limit is infinite and belongs to no law of the family: to say that there is no number is right.
        return f"the edge {said}: {REFUSES} with NaN; the divergence goes to {mp.nstr(limit, 8)}"
    truth = np.empty((1, width), dtype=object)
    truth[...] = limit
    wanted = np.ravel(reduction.apply(truth))
    for value, right in zip(np.ravel(answer).tolist(), wanted, strict=False):
        if error(value, right, np.finfo(dtype)) > TOLERANCE:
            return f"the edge {said}: it returns {value}; the limit of the closed form is {mp.nstr(right, 17)}"
    return None


def _nan(
    caller: Caller, target: Target, order: Sequence[str], used: Sequence[str], reduction: Reduction, dtype: Dtype
) -> list[Finding]:
    width = WIDTH if target.product else 1
    columns = {n: np.full((2, width), float(v), dtype) for n, v in middle_values(target).items()}
    clean = [c.copy() for c in columns.values()]
    findings = []
    for name in used:
        spoiled = {n: c.copy() for n, c in zip(columns, clean, strict=True)}
        spoiled[name][0, 0] = np.nan
        try:
            first = caller.one([spoiled[n] for n in order], 0)
            both = caller.batch([spoiled[n] for n in order]) if caller.layout == "batch" else None
        except CallError:
            continue  # to refuse it is an answer
        if not np.isnan(np.ravel(first)).any():
            findings.append(Finding("edge", f"NaN for {name} gives {np.ravel(first).tolist()}; expected: NaN"))
        elif both is not None and reduction.by_sample and both.ndim and len(both) == 2 and np.isnan(both[1]).any():  # noqa: PLR2004
            findings.append(Finding("edge", f"NaN for {name} in one sample spoils another one"))
    return findings
