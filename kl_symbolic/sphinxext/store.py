"""Cross-checks kept on disk between builds, and fingerprints of the code that they depend on.

A proof is never kept: it takes milliseconds, and whatever comes from a file is proved again. Only the numbers of the
cross-check are, under a name that says everything they depend on, the code included. A failure is not kept.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import cache
from pathlib import Path

import kl_symbolic
from kl_symbolic.api import verify
from kl_symbolic.derivation import Derivation
from kl_symbolic.families import all_families, find
from kl_symbolic.files import replace
from kl_symbolic.proof.claim import Claim
from kl_symbolic.verification import Check, Report

PACKAGE = Path(kl_symbolic.__file__).parent


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


def of_families(claim: Claim | None) -> dict[str, str]:
    """Return the fingerprints of the families of a claim, by name; of all there are without one."""
    names = all_families() if claim is None else {find(law).family.name for law in (claim.p, claim.q) if law}
    return {name: of_family(name) for name in names}


def _digest(paths: object) -> str:
    found = hashlib.sha256()
    for path in paths:  # type: ignore[attr-defined]
        found.update(path.read_bytes())
    return found.hexdigest()


def report(derivation: Derivation, digits: int, points: int, folder: Path) -> Report:
    """Return the cross-check of the statement of a derivation, from the folder if it is there."""
    parts = [of_core(), of_families(derivation.claim), derivation.to_json(), digits, points]
    name = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]
    path = folder / f"{name}.json"
    with suppress(OSError, ValueError, TypeError, KeyError):
        kept = json.loads(path.read_text("utf-8"))
        checks = tuple(Check(**check) for check in kept["checks"])
        return Report(derivation.name, kept["digits_requested"], kept["points"], checks)
    found = verify(derivation, digits, points, stages=False)
    if found.status == "agree":
        write(path, json.dumps(found.to_dict()))
    return found


def write(path: Path, text: str) -> None:
    """Write a file as a whole, unless it has this text already; another process may do so at the same time."""
    with suppress(OSError):
        if path.read_text("utf-8") == text:
            return
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, text.encode("utf-8"))
