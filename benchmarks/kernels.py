"""How fast the array functions are, beside the libraries that people use instead, in ratios measured in one run.

Usage: python benchmarks/kernels.py [--quick] [--sizes 128x64 ...] [--laws ...] [--peers ...] [--json FILE]

A ratio travels from one machine to the next, a time does not. Every competitor has a process of its own and arrays of
its own, made beforehand. They take turns, each turn many runs after a warm-up; a ratio is the median over the rounds of
the median time of a turn, divided by that of the NumPy textbook's turn in the same round, so that drifts cancel.
The last columns are the times of ours in those of the fastest peer, and in those of a loop that only reads the arrays,
which nothing that computes can beat.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from itertools import product
from math import prod
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Any, TypeAlias

from laws import DISCRETE, NAMED, pairs
from peers import COMPETITORS, OURS, READ, TEXT
from worker import serve

SIZES = ["128x2", "128x64", "4096x64", "65536x64", "400000x32"]
QUICK_SIZES = ["128x2", "4096x64", "65536x64"]
DTYPES = ["float32", "float64"]
SIZE_OF_OTHERS = "65536x64"  # of laws whose divergence is no function of its own
QUICK_SIZE_OF_OTHERS = "4096x64"
VAE_TERM = "normal-standard_normal-logvar"
PEERS = [name for name in COMPETITORS if name not in {"kl_symbolic torch", "kl_symbolic JAX", "scipy entropy"}]
SLOW = "torch.compile"  # to start: it calls a compiler for each shape
PAUSE = 0.005  # seconds for the threads of one pool to fall asleep before the next one's turn
BOUND = 2  # of the value with its gradient, in times of the value

COMPILED = {SLOW, "kl_symbolic Numba", "jax.jit"}  # takes part in few laws, for a quick run
Case: TypeAlias = tuple[str, str, str]  # laws, size, dtype
Record: TypeAlias = dict[str, Any]


class Process:
    """A competitor in a process of its own."""

    def __init__(self, name: str) -> None:
        self.name = name
        spawn = get_context("spawn")
        self.pipe, theirs = spawn.Pipe()
        self.process = spawn.Process(target=serve, args=(theirs, name))
        self.process.start()
        theirs.close()

    def answer(self) -> Any:
        """Wait for the answer; text is the reason why there is none."""
        try:
            return self.pipe.recv()
        except (EOFError, OSError):
            return "failed: its process ended"

    def ask(self, request: str, *arguments: object) -> Any:
        """Send a request and wait for the answer."""
        self.send(request, *arguments)
        return self.answer()

    def send(self, request: str, *arguments: object) -> None:
        """Send a request; if the process has ended, waiting for the answer will tell."""
        with suppress(OSError):
            self.pipe.send((request, arguments))

    def close(self) -> None:
        """End the process."""
        self.pipe.close()
        self.process.join(10)
        if self.process.is_alive():
            self.process.kill()


class Field:
    """The competitors that run, and the reasons why others do not."""

    def __init__(self, names: Sequence[str], stack: ExitStack) -> None:
        self.reasons: dict[str, list[str]] = {}
        self.running = []
        started = [Process(name) for name in names]
        for process in started:
            stack.callback(process.close)
        for process in started:
            if isinstance(problem := process.answer(), str):
                self.reasons[process.name] = [problem]
            else:
                self.running.append(process)

    def fine(self, process: Process, answer: object, where: str = "") -> bool:
        """Tell whether there is an answer; else keep the reason."""
        if isinstance(answer, str):
            self.reasons.setdefault(process.name, []).append(f"{answer} {where}".strip())
            return False
        return bool(answer)


def arguments(case: Case) -> tuple[str, int, int, str]:
    """Return what a worker takes."""
    law, size, dtype = case
    rows, width = size.split("x")
    return law, int(rows), int(width), dtype


def is_left_out(name: str, law: str) -> bool:
    """Whether a competitor takes no part in a quick run, for it compiles too long."""
    return law != VAE_TERM if name == SLOW else name in COMPILED and law not in NAMED


def race(field: Field, case: Case, rounds: int, *, quick: bool) -> tuple[float, dict[str, float]]:
    """Return the median seconds of the NumPy textbook, and the ratio of every competitor to it."""
    asked = [process for process in field.running if not (quick and is_left_out(process.name, case[0]))]
    for process in asked:
        process.send("prepare", *arguments(case))
    ready = [process for process in asked if field.fine(process, process.answer(), f"({', '.join(case)})")]
    turns: list[dict[str, float]] = []
    for number in range(rounds):
        start = number % len(ready)  # everyone comes first, and after everyone else
        seconds = {}
        for process in ready[start:] + ready[:start]:
            time.sleep(PAUSE)
            if field.fine(process, took := process.ask("turn", "value")):
                seconds[process.name] = median(took)
        turns.append(seconds)
    names = [process.name for process in ready if all(process.name in seconds for seconds in turns)]
    ratios = {name: median(seconds[name] / seconds[TEXT] for seconds in turns) for name in names}
    return median(seconds[TEXT] for seconds in turns), ratios


def speed(field: Field, cases: list[Case], rounds: int, *, quick: bool) -> Iterator[Record]:
    """Measure and print the table of ratios."""
    names = [process.name for process in field.running if process.name != TEXT]
    print(
        "Time / time of the NumPy textbook, whose ns per element are given; x peer, x reading: that of ours,\n"
        "NumPy and Numba, / that of the fastest peer, and / that of a loop that only reads.\n"
    )
    heads = "".join(f"{name.removeprefix('kl_symbolic '):>{width(name)}}" for name in names)
    print(f"{'laws':<30}{'size':>10} {'dtype':<8}{'ns':>7}{heads}   fastest peer, x peer, x reading")
    for case in cases:
        seconds, ratios = race(field, case, rounds, quick=quick)
        law, size, dtype = case
        _, rows, columns, _ = arguments(case)
        cells = "".join(f"{digits(ratios.get(name)):>{width(name)}}" for name in names)
        peers = (name for name in ratios if name != READ and not name.startswith("kl_symbolic"))
        fastest = min(peers, key=ratios.__getitem__)
        against = {
            of: {n: ratios[n] / ratios[of] for n in OURS if n in ratios} for of in (fastest, READ) if of in ratios
        }
        shown = "; ".join(", ".join(digits(own.get(name)) for name in OURS) for own in against.values())
        nanoseconds = seconds / rows / columns * 1e9
        print(f"{law:<30}{size:>10} {dtype:<8}{nanoseconds:>7.2f}{cells}   {fastest}, {shown}", flush=True)
        yield {"law": law, "size": size, "dtype": dtype, "nanoseconds": nanoseconds, "ratios": ratios} | {
            "fastest peer": fastest,
            "x": against,
        }


def width(name: str) -> int:
    """Return the width of a column."""
    return max(7, len(name.removeprefix("kl_symbolic ")) + 2)


def digits(value: float | None) -> str:
    """Return a ratio, or a dash."""
    return "-" if value is None else f"{value:.2f}" if value < 100 else f"{value:.0f}"


def gradients(field: Field, cases: list[Case], rounds: int, *, quick: bool) -> Iterator[Record]:
    """Measure and print what a value with its gradient takes, in times of the value."""
    print(f"\nvalue and gradient / value, written to given arrays, which should be at most {BOUND}\n")
    for case in cases:
        line: Record = dict(zip(("law", "size", "dtype"), case, strict=True))
        cells = ""
        for process in field.running:
            if process.name not in OURS or (quick and is_left_out(process.name, case[0])):
                continue
            if not field.fine(process, process.ask("prepare_gradient", *arguments(case)), f"({', '.join(case)})"):
                continue
            turns = [[process.ask("turn", name) for name in ("value and gradient", "value")] for _ in range(rounds)]
            ratios = [median(both) / median(value) for both, value in turns]
            line[process.name] = median(ratios)
            cells += f"   {process.name} {median(ratios):5.2f}{' (!)' if median(ratios) > BOUND else '':<4}"
        law, size, dtype = case
        print(f"{law:<30}{size:>10} {dtype:<8}{cells}", flush=True)
        yield line


def memory(names: Sequence[str], cases: list[Case]) -> Iterator[Record]:
    """Measure and print the peak memory beside the input."""
    print("\nPeak memory beside the input, the result included; traced: what Python's allocators see, resident: all\n")
    with ExitStack() as stack:
        for process, case in product(Field(names, stack).running, cases):
            found = process.ask("memory", *arguments(case))
            if isinstance(found, str):
                print(f"{process.name}: {found}")
                continue
            law, size, dtype = case
            traced, resident = (share(found[kind], found["input"]) for kind in ("traced", "resident"))
            result = share(found["result"], found["input"])
            start = f"{law:<30}{size:>10} {dtype:<8} {process.name:<18}"
            print(f"{start} traced {traced}  resident {resident}  result {result}", flush=True)
            yield {"law": law, "size": size, "dtype": dtype, "who": process.name} | found


def share(size: int | None, whole: int) -> str:
    """Return a number of bytes and what part of the whole it is."""
    return "not measured" if size is None else f"{size:>11,} B ({100 * size / whole:5.1f} %)"


def main() -> None:
    """Measure and print the tables."""
    parser = argparse.ArgumentParser(description="Measure the array functions and others, in ratios.")
    parser.add_argument("--quick", action="store_true", help="fewer sizes, rounds and compilers")
    default = f"{' '.join(SIZES)}, or {SIZE_OF_OTHERS} where the divergence is no function of its own"
    parser.add_argument("--sizes", nargs="+", help=f"ROWSxWIDTH ... (default {default})")
    parser.add_argument("--laws", nargs="+", default=list(pairs()), choices=list(pairs()), metavar="NAME")
    parser.add_argument(
        "--peers", nargs="*", default=PEERS, choices=list(COMPETITORS), help="beside the NumPy textbook"
    )
    parser.add_argument("--rounds", type=int, help="turns of each competitor (default 9)")
    parser.add_argument("--json", type=Path, help="write all figures to this file")
    options = parser.parse_args()
    sizes = options.sizes or (QUICK_SIZES if options.quick else SIZES)
    others = options.sizes or [QUICK_SIZE_OF_OTHERS if options.quick else SIZE_OF_OTHERS]
    if not all(len(size.split("x")) == 2 and size.replace("x", "").isdecimal() for size in sizes):
        parser.error("--sizes are ROWSxWIDTH, such as 4096x64")
    rounds = options.rounds or (3 if options.quick else 9)
    if rounds < 1:
        parser.error("--rounds must be at least 1")
    begin = time.perf_counter()
    names = list(dict.fromkeys([TEXT, *options.peers]))
    cases = [case for law in options.laws for case in product([law], sizes if law in NAMED else others, DTYPES)]
    largest = max(sizes, key=lambda size: prod(map(int, size.split("x"))))
    if options.quick:
        print(f"{SLOW} takes part in the VAE term only, others that compile in {', '.join(NAMED)}, for --quick.")
    with ExitStack() as stack:
        field = Field(names, stack)
        figures = {"speed": list(speed(field, cases, rounds, quick=options.quick))}
        slopes = [case for case in cases if case[0] != DISCRETE]
        figures["gradients"] = list(gradients(field, slopes, rounds, quick=options.quick))
    figures["memory"] = list(
        memory(
            [process.name for process in field.running if process.name in OURS], [c for c in cases if c[1] == largest]
        )
    )
    print()
    for name, (first, *more) in field.reasons.items():
        print(f"{name}: {first}{f', and {len(more)} more' if more else ''}")
    print(f"{rounds} rounds, {time.perf_counter() - begin:.0f} s")
    if options.json:
        options.json.write_text(json.dumps(figures | {"absent": field.reasons}, indent=1) + "\n")


if __name__ == "__main__":
    main()
