"""What an audit found: rows of numbers by region, and findings as sentences."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

Kind = Literal[
    "call", "meaning", "value", "precision", "negative", "nan", "infinite", "zero", "edge", "shape", "gradient", "dtype"
]


@dataclass(frozen=True)
class Row:
    """How a function does in a region.

    Attributes
    ----------
    region
        Where: ``"far"``, ``"near 1e-8"``, ``"gradient far"``.
    points
        How many values were compared.
    worst, median
        Relative errors in eps of the dtype; infinite where a value is missing or not finite without need.
    negative, nan
        The shares of values that are negative, or not numbers.
    infinite
        The share of infinities where the truth is finite.
    zero
        The share of values that are exactly 0 where the truth is not.
    raised
        The share of points at which the function raised an error.
    unknown
        How many points were left out, as the closed form has no value there or it could not be made certain.
    where
        The parameters at which the error is the largest.
    """

    region: str
    points: int
    worst: float
    median: float
    negative: float = 0.0
    nan: float = 0.0
    infinite: float = 0.0
    zero: float = 0.0
    raised: float = 0.0
    unknown: int = 0
    where: str = ""


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, as a sentence; `kind` sorts findings."""

    kind: Kind
    sentence: str

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class Audit:
    """The findings of an audit.

    Attributes
    ----------
    function
        Its name.
    claim
        The name of the derivation that says what the function should compute.
    closed_form
        The proved closed form of it.
    library, dtype
        In which the function was called.
    reduction
        What the function does with the axes, in words, or None if that was not found out.
    tolerance
        The largest relative error in eps that passes.
    rows
        Errors by region.
    findings
        What is wrong.
    checked
        How many values, shapes and edges were compared; an audit that compared nothing is not passed.
    notes
        What was found out besides, and what was not tried.
    """

    function: str
    claim: str
    closed_form: str
    library: str | None
    dtype: str
    reduction: str | None
    tolerance: float
    rows: tuple[Row, ...]
    findings: tuple[Finding, ...]
    checked: int
    notes: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether something was compared and nothing is wrong."""
        return self.checked > 0 and not self.findings

    def row(self, region: str) -> Row:
        """Return the row of a region.

        Raises
        ------
        KeyError
            If the region was not tried.
        """
        for row in self.rows:
            if row.region == region:
                return row
        raise KeyError(region)

    def to_dict(self) -> dict[str, object]:
        """Return the audit as plain data, for JSON; what is not finite is text."""
        data = asdict(self)
        for row in data["rows"]:
            row.update({k: str(row[k]) for k in ("worst", "median") if not abs(row[k]) < float("inf")})
        return {**data, "passed": self.passed}

    def __repr__(self) -> str:
        outcome = "passed" if self.passed else "failed"
        return f"<Audit of {self.function} against {self.claim}: {outcome}, findings: {len(self.findings)}>"

    def __str__(self) -> str:
        return "\n".join(_lines(self))


def _lines(audit: Audit) -> list[str]:
    lines = [
        f"{audit.function}: {'passed' if audit.passed else 'failed'}",
        f"  should be   {audit.closed_form}",
        f"              {audit.claim}, proved",
        f"  called with {audit.library or 'nothing that it takes'}, {audit.dtype}",
        f"  returns     {audit.reduction or 'unknown'}",
    ]
    if audit.rows:
        lines += [
            "",
            f"  relative error in eps of {audit.dtype}; at most {audit.tolerance:g} passes",
            f"  {'region':<20}{'points':>8}{'worst':>10}{'median':>10}{'negative':>10}{'NaN':>6}{'inf':>6}{'zero':>6}",
        ]
        lines += [_line(row) for row in audit.rows]
    for title, texts in (("findings", audit.findings), ("notes", audit.notes)):
        if texts:
            lines += ["", f"  {title}", *(f"  - {text}" for text in texts)]
    return lines


def _line(row: Row) -> str:
    shares = [f"{100 * share:.0f} %" if share else "-" for share in (row.negative, row.nan, row.infinite, row.zero)]
    return (
        f"  {row.region:<20}{row.points:>8}{number(row.worst):>10}{number(row.median):>10}"
        f"{shares[0]:>10}{shares[1]:>6}{shares[2]:>6}{shares[3]:>6}"
    )


def number(value: float) -> str:
    """Return a number with two digits.

    >>> number(0.0), number(3.14159), number(1234567.0)
    ('0', '3.1', '1.2e+06')
    """
    return f"{value:.2g}"
