"""No test depends on a clock: what must be bounded is bounded by counted work, however busy the machine is."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

CLOCKS = {"time", "timeit", "datetime"}
ALLOWED = {"sleep"}  # between looks, of which there are so many that only what hangs runs out of them
GUARD = 60  # the fewest seconds after which a process may be taken for one that hangs


def clocks(source: str) -> list[str]:
    """Return where a program reads a clock, or has less than a minute for something."""
    found = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=module), attr=name) if module in CLOCKS and name not in ALLOWED:
                found.append(f"{node.lineno}: {module}.{name}")
            case ast.ImportFrom(module=module) if module in CLOCKS:
                found.append(f"{node.lineno}: from {module}")
            case ast.keyword(arg="deadline", value=ast.Constant(value=value)) if value is not None:
                found.append(f"{node.lineno}: deadline={value}")
            case ast.keyword(arg="timeout", value=ast.Constant(value=value)) if value is not None and value < GUARD:
                found.append(f"{node.lineno}: timeout={value}")
            case ast.Attribute(attr="wait_for_timeout" | "alarm" | "setitimer" as name):
                found.append(f"{node.lineno}: {name}")
    return found


@pytest.mark.parametrize("path", sorted(Path(__file__).parent.rglob("*.py")), ids=lambda path: path.name)
def test_no_test_depends_on_a_clock(path):
    assert clocks(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "time.perf_counter()",
        "time.sleep(1) or time.monotonic()",
        "from time import process_time",
        "timeit.repeat(f)",
        "datetime.datetime.now()",
        "settings(deadline=500)",
        "subprocess.run(command, timeout=5)",
        "page.wait_for_timeout(100)",
        "signal.alarm(3)",
    ],
)
def test_a_clock_is_found(source):
    assert len(clocks(source)) == 1
    assert clocks("time.sleep(0.01); subprocess.run(command, timeout=120); settings(deadline=None)") == []
