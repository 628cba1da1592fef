"""The command `verify`, which compares every stage with numbers."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from kl_symbolic import files
from kl_symbolic.cli import request
from kl_symbolic.cli.exit_codes import OK, REFUTED, UNKNOWN
from kl_symbolic.cli.streams import progress, show
from kl_symbolic.divergences import DEFAULT_QUANTITY
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import OPTIONS

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from kl_symbolic.checks import Report

MOST_JOBS = 1_000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `verify` takes."""
    request.add_laws(parser)
    request.add_options(parser)
    parser.add_argument("--all", action="store_true", help="check everything that `list` shows")
    parser.add_argument("--jobs", type=int, metavar="N", help="with --all: check N derivations at a time; default: 1")
    parser.add_argument(
        "--resume", metavar="FILE", help="with --all: keep finished checks in FILE, and go on from those that are there"
    )
    parser.add_argument(
        "--dask", metavar="ADDRESS", help="with --all: check on a Dask cluster, for example tcp://127.0.0.1:8786"
    )
    parser.add_argument("--digits", type=int, default=50, help="digits that must agree, 5 to 2000; default: 50")
    parser.add_argument("--points", type=int, default=8, help="random rational parameter points, 1 to 100; default: 8")
    parser.add_argument("--seed", type=int, default=0, help="seed of the points; default: 0")
    parser.add_argument("--json", action="store_true", help="print the report as JSON")


def run(options: argparse.Namespace) -> int:
    """Check, print, and return the exit code of the worst."""
    _require_fitting(options)
    reports = []
    for report in _all(options) if options.all else [_one(options)]:
        reports.append(report)
        if not options.json:
            show(str(report))
    if options.json:
        data = [report.to_dict() for report in reports]
        show(json.dumps(data if options.all else data[0], indent=2, ensure_ascii=False))
    return max(map(request.verdict, reports), key=(OK, UNKNOWN, REFUTED).index)


def _require_fitting(options: argparse.Namespace) -> None:
    if options.all and options.p:
        raise RequestError("give either a pair or --all")
    for name in ("where", *OPTIONS):
        if options.all and getattr(options, name) not in (None, DEFAULT_QUANTITY, "nats"):
            raise RequestError(f"--{name.replace('_', '-')} goes with a pair, not with --all")
    for name in ("jobs", "resume", "dask"):
        if getattr(options, name) is not None and not options.all:
            raise RequestError(f"--{name} goes with --all")
    if options.jobs is not None and options.dask is not None:
        raise RequestError("give either --jobs or --dask")
    if options.jobs is not None and not 1 <= options.jobs <= MOST_JOBS:
        raise RequestError(f"jobs must be an integer from 1 to {MOST_JOBS}, given: {options.jobs}")


def _one(options: argparse.Namespace) -> Report:
    from kl_symbolic.api import verify

    derivation = request.derivation(options)
    with progress(derivation.name) as moved:
        return verify(derivation, options.digits, options.points, seed=options.seed, progress=moved)


def _all(options: argparse.Namespace) -> Iterator[Report]:
    from kl_symbolic.api import catalogue
    from kl_symbolic.checks import kept, verify_each

    asked = {name: getattr(options, name) for name in ("digits", "points", "seed")}
    known = _read(options.resume, asked) if options.resume is not None else {}

    def keep(key: str, report: Report) -> None:
        if options.resume is not None:
            known[key] = report
            files.write(options.resume, kept.reports_to_text(known, asked).encode("utf-8"))

    records = [derivation.record for derivation in catalogue()]
    with _executor(options) as executor:
        counts = _Counts()
        reports = verify_each(records, **asked, executor=executor, known=dict(known), keep=keep, progress=counts)
        yield from counts.shown("verify --all", reports)


class _Counts:
    """What a progress bar shows, which is there while a report is awaited and not while one is printed."""

    def __init__(self) -> None:
        self._last = 0, 1
        self._bar: Callable[[int, int], None] | None = None

    def __call__(self, done: int, total: int) -> None:
        self._last = done, total
        if self._bar is not None:
            self._bar(done, total)

    def shown(self, name: str, reports: Iterator[Report]) -> Iterator[Report]:
        """Yield reports, with a bar before each."""
        while True:
            with progress(name) as self._bar:
                self(*self._last)
                report = next(reports, None)
            if report is None:
                return
            yield report


def _read(name: str, asked: dict[str, int]) -> dict[str, Report]:
    """Return the reports that a file has; none if there is no such file yet."""
    from kl_symbolic.checks import kept

    if not Path(name).exists():
        return {}
    text = files.read(name, kept.LONGEST_FILE)
    try:
        return kept.reports_from_text(text, asked)
    except RequestError as error:
        raise RequestError(f"cannot go on from {files.shown(name)}: {error}") from error


def _executor(options: argparse.Namespace) -> AbstractContextManager[Executor | None]:
    from kl_symbolic.cli import executors

    if options.dask is not None:
        return executors.cluster(options.dask)
    return nullcontext() if options.jobs in (None, 1) else executors.processes(options.jobs)
