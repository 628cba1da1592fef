"""Answers of a competitor beside the truth, and the bounds that ours promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import mpmath
import numpy as np
from exact import Exact, error, exact, largest_parts
from laws import Pair

SUM, VALUE = "sum", "value"

CHEAP = 8  # eps, the error of the cheaper programs that do values that are not small without Numba


@dataclass(frozen=True)
class Truth:
    """What is right at points, for one of the numbers that are asked for.

    Parameters
    ----------
    name
        ``"sum"`` of a row, ``"value"`` of a coordinate, or a derivative: ``"d/dmu_1"``.
    rights
        The numbers to 60 digits; None where there is none.
    parts
        To what the error is relative, if that is more than the number.
    inside
        Whether all arguments lie where the error has a bound beforehand.
    bound, promise
        That bound in eps, and what is promised elsewhere.
    lost
        How much may be lost below the smallest normal number.
    """

    name: str
    rights: Sequence[mpmath.mpf | None]
    parts: Sequence[float]
    inside: Sequence[bool]
    bound: float
    promise: float
    lost: float = 0

    @property
    def is_divergence(self) -> bool:
        """Whether it is never negative."""
        return self.name in (SUM, VALUE)


@dataclass(frozen=True)
class Figures:
    """Errors in eps, and shares of answers: of the wrong sign, 0 for different laws, not finite though the truth is.

    `inside` and `beyond` are the worst errors where there is a bound beforehand, and elsewhere.
    """

    bound: float
    promise: float
    inside: float
    beyond: float
    median: float
    negative: float = 0
    zero: float = 0
    not_finite: float = 0

    @property
    def worst(self) -> float:
        """The worst error anywhere."""
        return max(self.inside, self.beyond)

    def broken(self, *, on_tensors: bool = False) -> str | None:
        """Return which promise is broken.

        On tensors functions are those of the library, some of which err more than the bound assumes: there the promise
        takes its place, and beyond the stated domain nothing is promised.
        """
        bound = self.promise if on_tensors else self.bound
        if not self.inside <= bound:
            return f"worst error {self.inside:.3g} eps, more than {bound:.3g}, in the stated domain"
        if on_tensors:
            return None
        shares = (self.not_finite, "not finite"), (self.negative, "negative"), (self.zero, "0 though P != Q")
        for share, name in shares:
            if share > 0:
                return f"{100 * share:.3g} % are {name}"
        return (
            None if self.beyond <= self.promise else f"worst error {self.beyond:.3g} eps, more than {self.promise:.3g}"
        )


def truths(pair: Pair, dtype: str, laws: Sequence[np.ndarray]) -> list[Truth]:
    """Return what is right for rows of laws: the sums, the values of all coordinates, their derivatives."""
    info, shape = np.finfo(dtype), laws[0].shape
    differentiated = not pair.is_discrete
    points: list[Exact] = [exact(pair, [float(law[i]) for law in laws]) for i in np.ndindex(shape)]
    within, promise = pair.formula.within, pair.formula.eps
    inside = np.full(shape, bool(within))
    for name, law in zip(pair.names, laws, strict=True):
        if name in within:
            inside &= (within[name].low <= law) & (law <= within[name].high)
    values = [point.value for point in points]
    width = shape[-1]
    rows = [values[start : start + width] for start in range(0, len(values), width)]
    with mpmath.workdps(60):  # no term is negative
        sums = [None if None in row else mpmath.fsum(row) for row in rows]
    least = float(info.smallest_subnormal)
    bound_of_value = max(pair.bounds[0].eps, CHEAP)
    of_sum = width / 2  # in whatever order numbers of one sign are added up, and the sum rounded to the dtype
    found = [
        Truth(
            SUM,
            sums,
            [0.0] * len(sums),
            inside.all(axis=-1).tolist(),
            bound_of_value + of_sum,
            promise + of_sum,
            width * least,
        )
    ]
    if differentiated:
        flat = inside.ravel()
        found.append(Truth(VALUE, values, [0.0] * flat.size, flat.tolist(), bound_of_value, promise))
        parts = largest_parts(pair, [np.where(inside, law, 1) for law in laws])
        for k, (name, bound) in enumerate(zip(pair.names, pair.bounds[1:], strict=True)):
            slopes = [point.slopes and point.slopes[k] for point in points]
            own = np.where(inside, parts[k], 0).ravel().tolist()
            found.append(Truth(f"d/d{name}", slopes, own, flat.tolist(), bound.eps, promise))
    return found


def judge(truth: Truth, answers: np.ndarray, dtype: str, lost: float = 0) -> Figures | None:
    """Compare answers with the truth; `lost` is what a library may lose below the smallest normal number.

    None if nothing is known to be right.
    """
    info = np.finfo(dtype)
    rows = zip(map(float, np.ravel(answers)), truth.rights, truth.parts, truth.inside, strict=True)
    known = [(answer, right, part, inside) for answer, right, part, inside in rows if right is not None]
    if not known:
        return None
    errors = [error(answer, right, info, max(lost, truth.lost), part) for answer, right, part, _ in known]
    inside = [e for e, (*_, within) in zip(errors, known, strict=True) if within]
    beyond = [e for e, (*_, within) in zip(errors, known, strict=True) if not within]
    least = float(info.smallest_subnormal)
    return Figures(
        truth.bound,
        truth.promise,
        max(inside, default=0.0),
        max(beyond, default=0.0),
        median(errors),
        np.mean([truth.is_divergence and answer < 0 for answer, *_ in known]).item(),
        np.mean([truth.is_divergence and answer == 0 and right > least for answer, right, *_ in known]).item(),
        np.mean(
            [not np.isfinite(a) and max(abs(right), part) <= float(info.max) for a, right, part, _ in known]
        ).item(),
    )
