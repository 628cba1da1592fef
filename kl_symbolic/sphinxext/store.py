"""Cross-checks kept on disk between builds, and fingerprints of the code that they depend on.

A proof is never kept: it takes milliseconds, and whatever comes from a file is proved again. Only the numbers of the
cross-check are, with a fingerprint of everything they depend on, the code included. A failure is not kept. What is read
is believed only if it has this fingerprint and the shape of what is written here; who can write there with care can
write the pages as well.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import get_args

import kl_symbolic
from kl_symbolic.api import verify
from kl_symbolic.checks import Check, Report
from kl_symbolic.checks.arrays import MOST_ULPS
from kl_symbolic.checks.crosscheck import JOINT_DIGITS
from kl_symbolic.checks.report import Route
from kl_symbolic.derivation import Derivation
from kl_symbolic.families import all_families, find
from kl_symbolic.files import replace
from kl_symbolic.numbers import GUARD_DIGITS
from kl_symbolic.proof.question import Question

PACKAGE = Path(kl_symbolic.__file__).parent
MOST_BYTES = 100_000
KEPT = ("route", "subject", "status", "digits", "ulps", "points", "enclosed")  # of a check; its words are made anew
CERTAIN = ("rigorous integration", "rigorous summation", "evaluation")  # routes that may enclose
SUBJECT, SUBJECT_OF_ARRAYS = (
    re.compile("statement|special case"),
    re.compile(r"statement(, with P and Q 1e-0\d apart)?"),
)


@cache
def of_core() -> str:
    """Return a fingerprint of all code but the families."""
    ours = {Path(family.density.__code__.co_filename) for family in all_families().values()}
    return _digest(path for path in sorted(PACKAGE.rglob("*.py")) if path not in ours)


@cache
def of_family(name: str) -> str:
    """Return a fingerprint of the file of a family; of nothing if there is no such family any more."""
    family = all_families().get(name)
    return _digest([Path(family.density.__code__.co_filename)]) if family else ""


def of_families(question: Question | None) -> dict[str, str]:
    """Return the fingerprints of the families of a question, by name; of all there are without one."""
    names = all_families() if question is None else {find(law).family.name for law in (question.p, question.q) if law}
    return {name: of_family(name) for name in names}


def _digest(paths: Iterable[Path]) -> str:
    found = hashlib.sha256()
    for path in paths:
        found.update(path.read_bytes())
    return found.hexdigest()


def report(derivation: Derivation, digits: int, points: int, folder: Path) -> Report:
    """Return the cross-check of the statement of a derivation, from the folder if it is there."""
    asked = derivation.to_json(), repr(derivation.special), digits, points
    parts = [of_core(), of_families(derivation.question), *asked]
    fingerprint = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    path = folder / f"{fingerprint[:32]}.json"
    with suppress(OSError, ValueError, RecursionError):
        checks = _read(path, fingerprint, digits, points)
        kept = Report(derivation.name, digits, max(check.points for check in checks), checks)
        if kept.status == "agree":
            return kept
    found = verify(derivation, digits, points, stages=False)
    if found.status == "agree":
        written = [{name: getattr(check, name) for name in KEPT} for check in found.checks]
        with suppress(OSError):  # then it is made again
            write(path, json.dumps({"fingerprint": fingerprint, "checks": written}))
    return found


def _read(path: Path, fingerprint: str, digits: int, points: int) -> tuple[Check, ...]:
    """Return the checks of a file.

    Raises
    ------
    ValueError
        If it is not what `report` writes about this derivation.
    """
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        raise ValueError("no such file, or one that is too large")
    kept = json.loads(path.read_text("utf-8"))
    known = isinstance(kept, dict) and kept.keys() == {"fingerprint", "checks"} and kept["fingerprint"] == fingerprint
    if not known or not isinstance(kept["checks"], list):
        raise ValueError("another file")
    return tuple(_check(check, digits, points) for check in kept["checks"])


def _check(kept: object, digits: int, points: int) -> Check:
    """Return a check that can be true: a known route, and as much agreement as was asked for and can be reached."""
    if not isinstance(kept, dict) or kept.keys() != set(KEPT):
        raise ValueError("not a check")
    check = Check(**kept, detail="")
    arrays, tried = check.route == "array function", check.status == "agree"
    asked = min(digits, JOINT_DIGITS) if str(check.route).startswith("direct") else digits
    fits = (
        check.route in get_args(Route)
        and isinstance(check.subject, str)
        and (SUBJECT_OF_ARRAYS if arrays else SUBJECT).fullmatch(check.subject)
        and check.status in ("agree", "not evaluated")
        and _within(check.digits, asked, asked + GUARD_DIGITS, there=tried and not arrays)
        and _within(check.ulps, 0, MOST_ULPS, there=tried and arrays)
        and type(check.points) is int
        and type(check.enclosed) is bool
        and (not check.enclosed or check.route in CERTAIN)
        and (1 <= check.points <= points if tried else check.points == 0)
    )
    if not fits:
        raise ValueError("not a check of ours")
    return check


def _within(value: object, least: float, most: float, *, there: bool) -> bool:
    return isinstance(value, float) and least <= value <= most if there else value is None


def write(path: Path, text: str) -> None:
    """Write a file as a whole, unless it has this text already; another process may do so at the same time."""
    with suppress(OSError, ValueError):
        if path.is_file() and path.read_text("utf-8") == text:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, text.encode("utf-8"))
