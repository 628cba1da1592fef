"""How accurate the array kernels are, beside what people use instead; exit code 1 if ours break a promise.

Usage: python benchmarks/accuracy.py [--quick] [--draws N] [--json FILE]

An error is relative, in eps of the dtype, against 60 digits of the closed form at the parameters as they are rounded.
Ours promise at most 16, never a negative divergence, 0 exactly for equal laws, and finite numbers where the truth is.
"""

from __future__ import annotations

import argparse
import functools
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import mpmath
import numpy as np
from exact import error, exact
from peers import COMPETITORS, KERNELS, NUMPY, SWITCH, Competitor, reason
from regions import draw, regions

ALLOWED = 16  # eps
DERIVATIVES = ["d/dmu", "d/dlogvar"]  # of kl_standard_normal
SHOWN = [name for name in COMPETITORS if name not in {"torch.compile", "numexpr"}]  # the textbook's line once more
# What each of two parts of a coordinate may lose below the smallest normal number: XLA takes subnormal numbers for 0,
# and on tensors every term is rounded by itself.
LOST = {"jax.jit": "tiny", "kl_symbolic JAX": "tiny", "kl_symbolic torch": "smallest_subnormal"}


@dataclass(frozen=True)
class Case:
    """What is asked of every competitor."""

    kernel: str
    dtype: str
    group: str
    region: str


@dataclass(frozen=True)
class Figures:
    """Errors in eps, and shares of answers: of the wrong sign, 0 for different laws, not finite though the truth is."""

    worst: float
    median: float
    negative: float = 0
    zero: float = 0
    not_finite: float = 0

    def broken(self) -> str | None:
        """Return which promise is broken."""
        for share, name in [
            (self.not_finite, "not finite"),
            (self.negative, "negative"),
            (self.zero, "0 though P != Q"),
        ]:
            if share > 0:
                return f"{100 * share:.3g} % are {name}"
        return f"worst error {self.worst:.3g} eps, more than {ALLOWED}" if not self.worst <= ALLOWED else None


def judge(case: Case, answers: np.ndarray, rights: Sequence[mpmath.mpf], lost: float = 0) -> Figures:
    """Compare answers with the truth; `lost` is what a library may lose below the smallest normal number."""
    info = np.finfo(case.dtype)
    values = [float(answer) for answer in answers]
    pairs = list(zip(values, rights, strict=True))
    errors = [error(value, right, info, lost) for value, right in pairs]
    # A derivative may underflow to 0, and a divergence of different laws must not: 0 says that they are equal.
    least = 0 if case.kernel in KERNELS else float(info.tiny)
    return Figures(
        max(errors),
        median(errors),
        np.mean([value * mpmath.sign(right) < 0 for value, right in pairs]).item(),
        np.mean([value == 0 and abs(right) > least for value, right in pairs]).item(),
        np.mean([not np.isfinite(value) and abs(right) <= float(info.max) for value, right in pairs]).item(),
    )


@functools.cache
def made(name: str) -> Competitor | str:
    """Return a competitor, made once for each process, or why there is none."""
    try:
        return COMPETITORS[name]()
    except Exception as problem:  # noqa: BLE001  # whatever it is, it is reported
        return reason(problem)


def ask(name: str, case: Case, laws: list[np.ndarray]) -> np.ndarray | str | None:
    """Return the answers of a competitor, why there are none, or None if it has no such kernel."""
    found = made(name)
    if isinstance(found, str):
        return found
    function = found.functions.get(case.kernel) if case.kernel in KERNELS else found.gradient
    if function is None:
        return None
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            answers = function(*map(found.array, laws))
            if case.kernel in DERIVATIVES:
                answers = answers[DERIVATIVES.index(case.kernel)]
            return np.ravel(np.asarray(answers))
    except Exception as problem:  # noqa: BLE001  # as above
        return reason(problem)


def answers_in_numpy(case: Case, draws: int) -> np.ndarray | str | None:
    """Return what our kernels answer without the compiled path, which is a matter of a whole process."""
    return ask(NUMPY, case, draw(case.kernel, case.dtype, case.region, draws))


def measure(case: Case, draws: int, in_numpy: np.ndarray | str | None) -> dict[str, Figures | str]:
    """Return the figures of every competitor, or why there are none."""
    laws = draw(case.kernel, case.dtype, case.region, draws)
    summed = laws[0].ndim > 1 and case.kernel in KERNELS
    rows = zip(*(law if summed else np.ravel(law) for law in laws), strict=True)
    rights = [exact(case.kernel, row) for row in rows]
    found: dict[str, Figures | str] = {}
    for name in SHOWN:
        answers = in_numpy if name == NUMPY else ask(name, case, laws)
        if isinstance(answers, str):
            found[name] = answers
        elif answers is not None:
            lost = 2 * laws[0].shape[-1] * float(getattr(np.finfo(case.dtype), LOST[name])) if name in LOST else 0
            found[name] = judge(case, answers, rights, lost)
    return found


def cases() -> Iterator[Case]:
    """Go through all kernels, dtypes and regions."""
    for kernel in [*KERNELS, *DERIVATIVES]:
        for dtype in ("float64", "float32"):
            for group, names in regions(kernel, dtype).items():
                yield from (Case(kernel, dtype, group, region) for region in names)


def start(*, compiled: bool) -> None:
    """Set up a process of the pool: one thread each, since there is a process for each core."""
    os.environ.update(OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1", **{SWITCH: str(int(compiled))})
    if compiled:  # our kernels first: whether they compile is seen from what they import
        for name in SHOWN:
            _ = name == NUMPY or made(name)


def show(results: dict[Case, dict[str, Figures | str]]) -> None:
    """Print a table for each kernel and dtype: worst and median error by group of regions, and the largest shares."""
    print("Worst and median error in eps; neg, zero, inf: the largest share of any region, in %, of negative answers,")
    print("of 0 for different laws, of answers that are infinite or NaN though the truth is finite; blank for none.")
    for kernel, dtype in dict.fromkeys((case.kernel, case.dtype) for case in results):
        own = {case: found for case, found in results.items() if (case.kernel, case.dtype) == (kernel, dtype)}
        lines: dict[str, list[tuple[str, Figures]]] = {}
        for case, found in own.items():
            for name, figures in found.items():
                if isinstance(figures, Figures):
                    lines.setdefault(name, []).append((case.group, figures))
        if all(f.worst == 0 for line in lines.values() for _, f in line):
            print(f"\n{kernel}, {dtype}: everyone is exact everywhere")
            continue
        groups = dict.fromkeys(case.group for case in own)
        print(f"\n{kernel}, {dtype}\n" + " " * 20 + "".join(f"{group:>15}" for group in groups) + "    neg zero  inf")
        for name, line in lines.items():
            cells = ""
            for group in groups:
                within = [f for which, f in line if which == group]
                worst, middle = max((f.worst for f in within), default=np.nan), [f.median for f in within] or [np.nan]
                cells += f"{short(worst):>8}{short(median(middle)):>7}"
            shares = (max(getattr(f, share) for _, f in line) for share in ("negative", "zero", "not_finite"))
            print(f"{name:<20}{cells}  " + "".join(f"{percent(share):>5}" for share in shares))


def short(value: float) -> str:
    """Return a number in at most five characters: 0, 0.53, 12, 4e+09."""
    return f"{value:.2g}" if value == 0 or 0.01 <= value < 100 or not np.isfinite(value) else f"{value:.0e}"


def percent(share: float) -> str:
    """Return a share in percent, blank for none."""
    return "" if share == 0 else "<1" if share < 0.01 else f"{100 * share:.0f}"


def main() -> int:
    """Measure, print the tables, and return 1 if ours break a promise."""
    parser = argparse.ArgumentParser(description="Measure the accuracy of the array kernels and of others.")
    parser.add_argument("--draws", type=int, help="laws in each region (default 1000)")
    parser.add_argument("--quick", action="store_true", help="30 laws in each region")
    parser.add_argument("--json", type=Path, help="write the figures of every region to this file")
    options = parser.parse_args()
    draws = options.draws or (30 if options.quick else 1000)
    if draws < 1:
        parser.error("--draws must be at least 1")
    begin, asked = time.perf_counter(), list(cases())
    spawn = get_context("spawn")
    plain, everything = (functools.partial(start, compiled=compiled) for compiled in (False, True))
    with spawn.Pool(1, plain) as one, spawn.Pool(os.cpu_count(), everything) as pool:
        in_numpy = one.starmap(answers_in_numpy, [(case, draws) for case in asked])
        tasks = [(case, draws, answers) for case, answers in zip(asked, in_numpy, strict=True)]
        results = dict(zip(asked, pool.starmap(measure, tasks, chunksize=1), strict=True))
    show(results)
    flat = [(case, name, figures) for case, found in results.items() for name, figures in found.items()]
    absent = {f"{name}: {figures}": case for case, name, figures in flat if isinstance(figures, str)}
    print("\n" + "".join(f"{line}\n" for line in absent) + f"{draws} draws in {time.perf_counter() - begin:.0f} s")
    if options.json:
        lines = [asdict(case) | {"who": name} | asdict(f) for case, name, f in flat if isinstance(f, Figures)]
        options.json.write_text(json.dumps(lines, indent=1) + "\n")
    return verdict(results)


def verdict(results: dict[Case, dict[str, Figures | str]]) -> int:
    """Return 1 and print a line if ours break a promise anywhere."""
    problems = [
        f"{name}: {problem} ({case.kernel}, {case.dtype}, {case.region})"
        for case, found in results.items()
        for name, figures in found.items()
        if name.startswith("kl_symbolic")
        if (problem := figures.broken() if isinstance(figures, Figures) else figures)
        if not problem.startswith("not installed")
    ]
    if problems:
        print(f"Contract broken in {len(problems)} regions, first {problems[0]}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
