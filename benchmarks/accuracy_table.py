"""The tables of what was measured: errors by group of regions, and those of ours beside their bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from statistics import median
from typing import Any

import numpy as np
from judging import SUM, VALUE, Figures

HEAD = """Worst and median error in eps, of the divergence (sums of rows, and coordinates) and of its derivatives;
neg, zero, inf: the largest share of any region, in %, of negative answers, of 0 for different laws, of answers that are
infinite or NaN though the truth is finite; blank for none. Then the worst errors of ours beside what they promise: in
the stated domain / the bound; beyond it / the promise."""


def show(results: Mapping[Any, Mapping[tuple[str, str], Figures | str]]) -> None:
    """Print the tables of all laws and dtypes; the keys are cases, with their law, dtype and group."""
    print(HEAD)
    for law, dtype in dict.fromkeys((case.law, case.dtype) for case in results):
        own = {case: found for case, found in results.items() if (case.law, case.dtype) == (law, dtype)}
        groups = list(dict.fromkeys(case.group for case in own))
        figures = [
            (who, what, case.group, one)
            for case, found in own.items()
            for (who, what), one in found.items()
            if isinstance(one, Figures)
        ]
        for title, wanted in (("", lambda w: w in (SUM, VALUE)), (", derivatives", lambda w: w not in (SUM, VALUE))):
            table(f"{law}, {dtype}{title}", groups, [(who, g, one) for who, what, g, one in figures if wanted(what)])
        for who in dict.fromkeys(who for who, *_ in figures if who.startswith("kl_symbolic")):
            print(f"{who:<20}" + "  ".join(beside(figures, who)))


def table(title: str, groups: list[str], figures: list[tuple[str, str, Figures]]) -> None:
    """Print a table: a line for each competitor, worst and median error by group."""
    if not figures:
        return
    print(f"\n{title}\n" + " " * 20 + "".join(f"{group:>15}" for group in groups) + "    neg zero  inf")
    for who in dict.fromkeys(who for who, *_ in figures):
        line = [(group, one) for name, group, one in figures if name == who]
        cells = "".join(cell([one for of, one in line if of == group]) for group in groups)
        shares = (max(getattr(f, share) for _, f in line) for share in ("negative", "zero", "not_finite"))
        print(f"{who:<20}{cells}  " + "".join(f"{percent(share):>5}" for share in shares))


def cell(figures: list[Figures]) -> str:
    """Return the worst error and the median of the medians."""
    if not figures:
        return " " * 15
    return f"{short(max(f.worst for f in figures)):>8}{short(median(f.median for f in figures)):>7}"


def beside(figures: list[tuple[str, str, str, Figures]], who: str) -> Iterable[str]:
    """Go through what was asked for: the worst errors beside the bounds."""
    for what in dict.fromkeys(what for name, what, *_ in figures if name == who):
        own = [one for name, asked, _, one in figures if (name, asked) == (who, what)]
        # A sum of many terms has a larger bound: the worst is that which is nearest to its bound.
        pairs: list[tuple[Callable[[Figures], float], Callable[[Figures], float]]] = [
            (lambda f: f.inside, lambda f: f.bound),
            (lambda f: f.beyond, lambda f: f.promise),
        ]
        worst = [max(own, key=lambda f, e=e, b=b: e(f) / b(f) if b(f) else e(f)) for e, b in pairs]
        (inside, bound), (beyond, promise) = ((e(f), b(f)) for f, (e, b) in zip(worst, pairs, strict=True))
        yield f"{what} {short(inside)}/{short(bound)}; {short(beyond)}/{short(promise)}"


def short(value: float) -> str:
    """Return a number in at most five characters: 0, 0.53, 12, 4e+09."""
    return f"{value:.2g}" if value == 0 or 0.01 <= value < 100 or not np.isfinite(value) else f"{value:.0e}"


def percent(share: float) -> str:
    """Return a share in percent, blank for none."""
    return "" if share == 0 else "<1" if share < 0.01 else f"{100 * share:.0f}"
