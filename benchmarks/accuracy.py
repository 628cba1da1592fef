"""How accurate the array functions are, beside what people use instead; exit code 1 if ours break a promise.

Usage: python benchmarks/accuracy.py [--quick] [--draws N] [--laws NAME ...] [--json FILE]

An error is in eps of the dtype, against 60 digits of the proved closed form at the parameters as they are rounded:
relative to the number; of a derivative whose parts may cancel, to the largest of these, where its bound says so. Ours
promise, where all arguments lie in the stated domain, the bound that `closed_form(...).error_bound` prints; beyond it,
16 eps or the largest of these bounds; sums of n terms n/2 eps more; never a negative divergence, 0 only for equal laws
or below the least number, and finite numbers where the truth is. On tensors, the second is promised in the
stated domain, and nothing beyond it.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import os
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TypeAlias

import numpy as np
from competitor import Competitor
from judging import SUM, Figures, judge, truths
from laws import NAMED, pairs
from ours import SWITCH
from peers import COMPETITORS, COMPILED, NUMPY, reason
from regions import draw, regions

SHOWN = [
    name for name in COMPETITORS if name not in {"reading loop", "torch.compile", "numexpr"}
]  # the textbook's line
# What each of two parts of a coordinate may lose below the smallest normal number: XLA takes subnormal numbers for 0,
# and on tensors every term is rounded by itself.
LOST = {"jax.jit": "tiny", "kl_symbolic JAX": "tiny", "kl_symbolic torch": "smallest_subnormal"}
TENSORS = ("kl_symbolic JAX", "kl_symbolic torch")


@dataclass(frozen=True)
class Case:
    """What is asked of every competitor."""

    law: str
    dtype: str
    group: str
    region: str


Answers: TypeAlias = dict[str, np.ndarray]  # by what is asked for: the sum, the value, derivatives
Found: TypeAlias = dict[tuple[str, str], Figures | str]  # by who is asked for what


@functools.cache
def made(name: str) -> Competitor | str:
    """Return a competitor, made once for each process, or why there is none."""
    try:
        return COMPETITORS[name]()
    except Exception as problem:  # noqa: BLE001  # whatever it is, it is reported
        return reason(problem)


def ask(name: str, case: Case, laws: list[np.ndarray]) -> Answers | str:
    """Return the answers of a competitor, or why there are none; none at all if it does not know such laws."""
    found, pair = made(name), pairs()[case.law]
    if isinstance(found, str):
        return found
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
            arrays = list(map(found.array, laws))
            names, answers = [SUM], []
            if value := found.value(pair):
                answers.append(value(*arrays))
            if both := found.both(pair):
                names += ["value", *(f"d/d{one}" for one in pair.names)]
                answers += both(*arrays)
            shapes = [laws[0].shape[:-1]] + [laws[0].shape] * len(pair.names) + [laws[0].shape]
            rows = zip(names, answers, shapes, strict=False)
            return {one: np.broadcast_to(np.asarray(answer), shape) for one, answer, shape in rows}
    except Exception as problem:  # noqa: BLE001  # as above
        return reason(problem)


def answers_in_numpy(case: Case, draws: int) -> Answers | str:
    """Return what our functions answer without the compiled path, which is a matter of a whole process."""
    return ask(NUMPY, case, draw(pairs()[case.law], case.dtype, case.region, draws))


def measure(case: Case, draws: int, in_numpy: Answers | str, compiled: bool) -> Found:
    """Return the figures of every competitor, or why there are none."""
    pair = pairs()[case.law]
    laws = draw(pair, case.dtype, case.region, draws)
    rights = {truth.name: truth for truth in truths(pair, case.dtype, laws)}
    found: Found = {}
    for name in SHOWN:
        if name in COMPILED and not compiled:
            continue
        answers = in_numpy if name == NUMPY else ask(name, case, laws)
        if isinstance(answers, str):
            found[name, ""] = answers
            continue
        for one, values in answers.items():
            width = laws[0].shape[-1] if one == SUM else 1
            lost = 2 * width * float(getattr(np.finfo(case.dtype), LOST[name])) if name in LOST else 0
            if figures := judge(rights[one], values, case.dtype, lost):
                found[name, one] = figures
    return found


def measure_all(tasks: list[tuple[Case, Answers | str]], draws: int, compiled: bool) -> list[Found]:
    """Return the figures of cases of one law and dtype, for which a library compiles once."""
    return [measure(case, draws, in_numpy, compiled) for case, in_numpy in tasks]


def cases(names: list[str]) -> Iterator[Case]:
    """Go through laws, dtypes and regions."""
    for name in names:
        for dtype in ("float64", "float32"):
            for group, some in regions(pairs()[name], dtype).items():
                yield from (Case(name, dtype, group, region) for region in some)


def start(*, compiled: bool) -> None:
    """Set up a process of the pool: one thread each, since there is a process for each core."""
    os.environ.update(OMP_NUM_THREADS="1", NUMBA_NUM_THREADS="1", **{SWITCH: str(int(compiled))})
    if compiled:  # our functions first: whether they compile is seen from what they import
        for name in SHOWN:
            _ = name == NUMPY or made(name)


def main() -> int:
    """Measure, print the tables, and return 1 if ours break a promise."""
    from accuracy_table import show  # which needs this module

    parser = argparse.ArgumentParser(description="Measure the accuracy of the array functions and of others.")
    parser.add_argument("--draws", type=int, help="rows of laws in each region (default 300)")
    parser.add_argument("--quick", action="store_true", help="2 rows; compiled for the main laws only")
    parser.add_argument("--laws", nargs="+", default=list(pairs()), choices=list(pairs()), metavar="NAME")
    parser.add_argument("--json", type=Path, help="write the figures of every region to this file")
    options = parser.parse_args()
    draws = options.draws or (2 if options.quick else 300)
    if draws < 1:
        parser.error("--draws must be at least 1")
    begin, asked = time.perf_counter(), list(cases(options.laws))
    spawn = get_context("spawn")
    plain, everything = (functools.partial(start, compiled=compiled) for compiled in (False, True))
    with spawn.Pool(1, plain) as one, spawn.Pool(os.cpu_count(), everything) as pool:
        in_numpy = one.starmap(answers_in_numpy, [(case, draws) for case in asked])
        answered = list(zip(asked, in_numpy, strict=True))
        tasks = [list(own) for _, own in itertools.groupby(answered, key=lambda one: (one[0].law, one[0].dtype))]
        arguments = [(own, draws, not options.quick or own[0][0].law in NAMED) for own in tasks]
        found = itertools.chain(*pool.starmap(measure_all, arguments, chunksize=1))
        results = dict(zip(asked, found, strict=True))
    show(results)
    flat = [(case, who, figures) for case, found in results.items() for who, figures in found.items()]
    absent = {f"{name}: {figures}": case for case, (name, _), figures in flat if isinstance(figures, str)}
    print("\n" + "".join(f"{line}\n" for line in absent) + f"{draws} draws in {time.perf_counter() - begin:.0f} s")
    if options.json:
        lines = [
            asdict(case) | {"who": name, "what": what} | asdict(f)
            for case, (name, what), f in flat
            if isinstance(f, Figures)
        ]
        options.json.write_text(json.dumps(lines, indent=1) + "\n")
    return verdict(results)


def verdict(results: dict[Case, Found]) -> int:
    """Return 1 and print the laws and regions if ours break a promise anywhere."""
    problems = [
        f"{name}: {what}: {problem} ({case.law}, {case.dtype}, {case.region})"
        for case, found in results.items()
        for (name, what), figures in found.items()
        if name.startswith("kl_symbolic")
        if (problem := figures.broken(on_tensors=name in TENSORS) if isinstance(figures, Figures) else figures)
        if not problem.startswith("not installed")
    ]
    for problem in problems:
        print(f"Contract broken: {problem}")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
