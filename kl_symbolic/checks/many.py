"""Cross-check many derivations: side by side, on any executor, and on from where an earlier run has stopped."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from queue import SimpleQueue
from typing import NamedTuple, TypeAlias

from kl_symbolic.checks.crosscheck import require_options, verify
from kl_symbolic.checks.kept import digest, made_by
from kl_symbolic.checks.report import Report
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.derivation import Derivation


class Finished(NamedTuple):
    """A report, and the fingerprint of what made it."""

    report: Report
    made_by: str


How: TypeAlias = tuple[int, int, int, bool]  # digits, points, seed, stages
Made: TypeAlias = Generator[tuple[str, Finished], None, None]


def verify_each(
    derivations: Iterable[Derivation],
    digits: int = 50,
    points: int = 8,
    seed: int = 0,
    stages: bool = True,
    executor: Executor | None = None,
    known: Mapping[str, Report] | None = None,
    keep: Callable[[str, Report], None] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Report]:
    """Cross-check derivations and yield their reports in the order of the derivations, each as soon as it can be.

    Parameters
    ----------
    derivations
        What to check.
    digits, points, seed, stages
        See `verify`.
    executor
        What runs them: processes, threads, or a cluster such as ``distributed.Client(...).get_executor()``. By default
        each is checked here when its report is asked for.
    known
        Reports of an earlier run, by the `digest` of their derivations: these are not made again.
    keep
        Called with digest and report as soon as one is finished, in whatever order.
    progress
        Called with the number of finished reports and their total.

    Raises
    ------
    RequestError
        If an option is out of range, or the executor has another version of us or of our libraries.

    Examples
    --------
    >>> from concurrent.futures import ThreadPoolExecutor
    >>> from kl_symbolic.engine import derive
    >>> from kl_symbolic.proof.question import Question
    >>> asked = [derive(Question("entropy", name)) for name in ("normal", "exponential")]
    >>> with ThreadPoolExecutor(2) as executor:
    ...     [report.status for report in verify_each(asked, points=1, executor=executor)]
    ['agree', 'agree']
    """
    require_options(digits, points, seed)
    every = list(derivations)
    keys = [digest(derivation) for derivation in every]
    asked = dict(zip(keys, every, strict=True))
    options = digits, points, seed, stages
    reports = {key: one for key, one in (known or {}).items() if key in asked and asked[key].name == one.name}
    left = {key: derivation for key, derivation in asked.items() if key not in reports}
    made = _on(executor, left, options) if executor else _here(left, options)

    def tell() -> None:
        if progress is not None:
            progress(len(reports), len(asked))

    tell()
    try:
        for key in keys:
            while key not in reports:
                finished, found = next(made)
                if found.made_by != made_by():
                    raise RequestError("the executor has another version of kl_symbolic or of its libraries")
                reports[finished] = found.report
                if keep is not None:
                    keep(finished, found.report)
                tell()
            yield reports[key]
    finally:
        made.close()


def _here(derivations: Mapping[str, Derivation], options: How) -> Made:
    for key, derivation in derivations.items():
        yield key, checked_alone(derivation, *options)


def _on(executor: Executor, derivations: Mapping[str, Derivation], options: How) -> Made:
    """Yield what an executor has finished, in its order; what has not begun when nobody asks any more is cancelled."""
    keys: dict[Future[Finished], str] = {}
    done: SimpleQueue[Future[Finished]] = SimpleQueue()  # Ctrl-C while it waits leaves no lock behind
    try:
        for key, derivation in derivations.items():
            keys[executor.submit(checked_alone, derivation, *options)] = key
        for future in keys:
            future.add_done_callback(done.put)
        for _ in derivations:
            future = done.get()
            yield keys[future], future.result()
    finally:
        for future in keys:
            future.cancel()


def checked_alone(derivation: Derivation, digits: int, points: int, seed: int, stages: bool) -> Finished:
    """Cross-check one derivation, wherever this runs."""
    return Finished(verify(derivation, digits, points, seed=seed, stages=stages), made_by())
