"""What a cross-check found: plain, frozen data."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal

from kl_symbolic.numbers import Status

CheckStatus = Literal["agree", "disagree", "unknown", "not evaluated"]
Route = Literal[
    "mpmath.quad",
    "quadrature",
    "summation",
    "direct 2-dimensional integration",
    "reduction to one dimension",
    "differentiation",
    "evaluation",
    "rigorous integration",
    "rigorous summation",
    "array function",
]
SPECIAL = "special case"  # the statement where parameters have values


@dataclass(frozen=True)
class Check:
    """One equality, compared by numbers along one route.

    Parameters
    ----------
    route
        How the numbers were found: ``"mpmath.quad"`` by mpmath's tanh-sinh rule, ``"quadrature"`` by trapezoidal rules
        that all stages share; ``"rigorous integration"`` by Arb, which bounds its error, with bounds of the tails;
        ``"evaluation"`` compares two expressions in which no integral is left.
    subject
        ``"statement"``, ``"special case"``, or a stage such as ``"kl(normal, normal), stage 3 (linearity)"``.
    status
        ``"unknown"`` never counts as a pass; ``"not evaluated"`` says that nothing was tried, and `detail` why.
    digits
        Significant digits on which both sides agree at every point, the bounds or estimates of their errors included.
    ulps
        For array functions: the largest error in units in the last place.
    points
        Number of parameter points.
    detail
        One line for people.
    enclosed
        Whether both sides were enclosed between bounds that are certain; otherwise their errors are estimates.
    """

    route: Route
    subject: str
    status: CheckStatus
    digits: float | None
    ulps: float | None
    points: int
    detail: str
    enclosed: bool = False


@dataclass(frozen=True)
class Report:
    """The outcome of `verify`.

    Examples
    --------
    >>> Report("kl(p, q)", 50, 8, ()).status
    'unknown'
    """

    name: str
    digits_requested: int
    points: int
    checks: tuple[Check, ...]

    @property
    def status(self) -> Status:
        """`disagree` if any check disagrees, `unknown` if any is unknown or nothing was compared, else `agree`."""
        found = {check.status for check in self.checks}
        if "disagree" in found:
            return "disagree"
        return "unknown" if "unknown" in found or "agree" not in found else "agree"

    @property
    def digits(self) -> float | None:
        """The least number of digits on which both sides of the statement agree.

        Routes that were asked for fewer digits (direct 2-dimensional integration) are not counted.
        """
        return min((c.digits for c in self._of_statement() if c.digits is not None), default=None)

    @property
    def ulps(self) -> float | None:
        """The largest error of the array function, in units in the last place."""
        return max((c.ulps for c in self.checks if c.ulps is not None), default=None)

    def to_dict(self) -> dict[str, object]:
        """Return the report as JSON-ready data."""
        return {
            "name": self.name,
            "status": self.status,
            "digits_requested": self.digits_requested,
            "digits": self.digits,
            "ulps": self.ulps,
            "points": self.points,
            "checks": [asdict(check) for check in self.checks],
        }

    def __repr__(self) -> str:
        return f"<Report on {self._summary()}>"

    def __str__(self) -> str:
        counted = self._counted()
        lines = [self._summary()]
        named = {"statement": "", SPECIAL: f"{SPECIAL}, "}
        lines += [f"  {named[c.subject]}{c.route}: {c.detail}" for c in self.checks if c.subject in named]
        lines += [f"  {c.subject}: {c.status}: {c.detail}" for c in counted if c.status != "agree"]
        skipped = len(self.checks) - len(counted)
        return "\n".join([*lines, *([f"  {skipped} not evaluated"] if skipped else [])])

    def _summary(self) -> str:
        counted = self._counted()
        agreeing = sum(check.status == "agree" for check in counted)
        return f"{self.name}: {self.status} ({agreeing} of {len(counted)} checks, {self.points} points)"

    def _counted(self) -> list[Check]:
        return [check for check in self.checks if check.status != "not evaluated"]

    def _of_statement(self) -> list[Check]:
        return [c for c in self.checks if c.subject == "statement" and not c.route.startswith("direct")]
