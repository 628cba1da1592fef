"""Of a large grid of cases the default run takes a sample; the slow run, `pytest -m slow`, takes the others.

`@pytest.mark.sample(8)` says how many cases of a test are the sample. It is made case by case: next comes the one that
shows most values of parameters that none before it showed, and of several such ones the one whose name has the first
digest. So it is the same in every process and every run, and a new case changes little of it. Data classes are taken
apart: a question shows its quantity, its laws, its parameterisation, its unit and its dimension. Where eight cases do
not show every value of a parameter that has at most eight, a sample of eight has more cases.

`pytest --lean`, which asks whether other versions of Python and of the libraries do, takes a sample of every test.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections import defaultdict
from collections.abc import Iterator, Mapping

import pytest

LEAN = 3  # cases

Value = tuple[str, object]  # of what, and which


def sample(cases: Mapping[str, set[Value]], size: int) -> list[str]:
    """Return the names of a sample of cases, given the values that each of them shows."""
    left, seen, taken = sorted(cases, key=_digest), set(), []
    few = _values_of_few(cases, size)
    while left and (len(taken) < size or few - seen):
        best = max(left, key=lambda name: len(cases[name] - seen))  # the first of the best
        left.remove(best)
        taken.append(best)
        seen |= cases[best]
    return taken


def _values_of_few(cases: Mapping[str, set[Value]], size: int) -> set[Value]:
    """Return the values of the parameters that have at most so many."""
    values = defaultdict(set)
    for name, value in set().union(*cases.values()):
        values[name].add(value)
    return {(name, value) for name, every in values.items() if len(every) <= size for value in every}


def _digest(name: str) -> str:
    return hashlib.sha256(name.encode()).hexdigest()


def _shown(parameters: Mapping[str, object]) -> Iterator[Value]:
    for name, value in parameters.items():
        whole = getattr(value, "question", value)
        if dataclasses.is_dataclass(whole) and not isinstance(whole, type):
            yield from ((f"{name}.{f.name}", _comparable(getattr(whole, f.name))) for f in dataclasses.fields(whole))
        else:
            yield name, _comparable(whole)


def _comparable(value: object) -> object:
    try:
        hash(value)
    except TypeError:
        return id(value)  # each case of a grid has the same object
    return value


@pytest.hookimpl(tryfirst=True)  # before the slow ones are left out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark as slow what is not in the sample of its test."""
    grids = defaultdict(dict)
    for item in items:
        mark = item.get_closest_marker("sample")
        size = LEAN if config.getoption("lean", default=False) and hasattr(item, "callspec") else mark and mark.args[0]
        if size and not item.get_closest_marker("slow"):
            grids[item.path, item.originalname, size].setdefault(item.name, []).append(item)
    for (_, _, size), grid in grids.items():
        cases = {name: set(_shown(same[0].callspec.params)) for name, same in grid.items()}
        for name in set(grid) - set(sample(cases, size)):
            for item in grid[name]:
                item.add_marker("slow")
