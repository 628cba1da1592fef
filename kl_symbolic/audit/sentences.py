"""What the numbers of a group of regions say, as sentences: one for each kind of fault."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from kl_symbolic.audit.report import Finding, Kind, Row, number

FAULTS: tuple[tuple[Kind, str, str], ...] = (
    ("call", "raised", "it raises an error"),
    ("negative", "negative", "it is negative"),
    ("nan", "nan", "it is not a number"),
    ("infinite", "infinite", "it is infinite where the divergence is not"),
    ("zero", "zero", "it is exactly 0 where the divergence is not"),
)


def findings(rows: Sequence[Row], tolerance: float) -> Iterator[Finding]:
    """Yield what is wrong in the regions of a group.

    Examples
    --------
    >>> rows = [Row("near 1e-1", 50, 3.0, 1.0), Row("near 1e-2", 50, 200.0, 9.0, where="mu = 0.01")]
    >>> [str(finding) for finding in findings(rows, 64)]
    ['near 1e-2: the relative error is up to 2e+02 eps (median 9 eps), at mu = 0.01']
    """
    for kind, field, words in FAULTS:
        bad = [row for row in rows if getattr(row, field)]
        if bad:
            most = max(bad, key=lambda row: getattr(row, field))
            share = f"{100 * getattr(most, field):.3g} % of {most.points} points"
            yield Finding(kind, f"{_where(bad)}: {words}, at {'up to ' * (len(bad) > 1)}{share}")
    bad = [row for row in rows if row.worst > tolerance]
    if not bad:
        return
    worst = max(bad, key=lambda row: row.worst)
    if math.isfinite(worst.worst):
        size = f"is up to {number(worst.worst)} eps (median {number(worst.median)} eps)"
    else:
        size = "is infinite"
    first = f", at {bad[0].region} already {number(bad[0].worst)} eps" if bad[0] is not worst else ""
    what = "the gradient's relative error" if worst.region.startswith("gradient") else "the relative error"
    kind = "gradient" if worst.region.startswith("gradient") else "precision"
    yield Finding(kind, f"{_where(bad)}: {what} {size}{first}, at {worst.where}")


def _where(rows: Sequence[Row]) -> str:
    first, last = rows[0].region, rows[-1].region
    if len(rows) == 1:
        return first
    if first.startswith("near"):
        return f"{first} to {last.removeprefix('near ')}"
    return ", ".join(row.region for row in rows)
