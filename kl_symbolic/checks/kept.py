"""Reports of finished cross-checks as a text, from which a later run goes on.

What is read is believed only if the same code with the same libraries wrote it, and was asked the same. Each report
stands under the digest of the derivation that it is about.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard, get_args

from kl_symbolic.checks.report import Check, CheckStatus, Report, Route
from kl_symbolic.errors import RequestError
from kl_symbolic.proof import codec
from kl_symbolic.proof.derivation import Derivation

FILE_FORMAT = "kl_symbolic reports"
LONGEST_FILE = 50_000_000
NUMBERS_COME_FROM = ("mpmath", "numpy", "python-flint")  # which numbers come from
CODE = Path(__file__).parents[1]
CheckOptions: TypeAlias = Mapping[str, object]
Types: TypeAlias = Mapping[str, type | tuple[type, ...]]

# Of what type the fields of a check are, and those of a report that say what was found.
OF_CHECK: Types = {
    "route": str, "subject": str, "status": str, "digits": (float, type(None)), "ulps": (float, type(None)),
    "points": int, "detail": str, "enclosed": bool,
}  # fmt: skip
OF_REPORT: Types = {"name": str, "digits_requested": int, "points": int, "checks": list}


@cache
def made_by() -> str:
    """Return a fingerprint of our code and of the versions of the libraries that numbers come from."""
    found = hashlib.sha256()
    for path in sorted(CODE.rglob("*.py")):
        found.update(path.relative_to(CODE).as_posix().encode())
        found.update(path.read_bytes())
    for library in NUMBERS_COME_FROM:
        try:
            found.update(f"{library} {version(library)}".encode())
        except PackageNotFoundError:
            found.update(f"no {library}".encode())
    return found.hexdigest()


def digest(derivation: Derivation) -> str:
    """Return what tells a derivation from all others."""
    return hashlib.sha256(codec.to_json(derivation).encode()).hexdigest()


def reports_to_text(reports: Mapping[str, Report], options: CheckOptions) -> str:
    """Write reports by the digests of their derivations, and the options by which they were made.

    Examples
    --------
    >>> report = Report("kl(p, q)", 50, 8, (Check("evaluation", "statement", "agree", 50.0, None, 8, "", True),))
    >>> reports_from_text(reports_to_text({"1f": report}, {"digits": 50}), {"digits": 50}) == {"1f": report}
    True
    >>> reports_from_text(reports_to_text({}, {"digits": 50}), {"digits": 30})
    Traceback (most recent call last):
    kl_symbolic.errors.RequestError: its checks were made with other options: digits 50, not 30
    """
    kept = {key: report.to_dict() for key, report in reports.items()}
    data = {"format": FILE_FORMAT, "made_by": made_by(), "options": dict(options), "reports": kept}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def reports_from_text(text: str, options: CheckOptions) -> dict[str, Report]:
    """Read reports that `reports_to_text` wrote, the same options being asked for.

    Raises
    ------
    RequestError
        If it is something else, or was written by other code, with other libraries or options.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise RequestError("it is no file of checks") from None
    if not _is_record(data, {"format": str, "made_by": str, "options": dict, "reports": dict}):
        raise RequestError("it is no file of checks")
    if data["format"] != FILE_FORMAT or data["made_by"] != made_by():
        raise RequestError("another version of kl_symbolic or of its libraries has made its checks")
    made = data["options"]
    if made != dict(options):
        other = [f"{name} {made.get(name)}, not {value}" for name, value in options.items() if made.get(name) != value]
        raise RequestError(f"its checks were made with other options: {', '.join(other)}")
    return {key: _report(kept) for key, kept in data["reports"].items()}


def _report(kept: Any) -> Report:
    if not isinstance(kept, dict) or not _is_record({name: kept.get(name) for name in OF_REPORT}, OF_REPORT):
        raise RequestError("a report in it is none")
    report = Report(kept["name"], kept["digits_requested"], kept["points"], tuple(map(_check, kept["checks"])))
    if report.to_dict() != kept:  # its summary says what its checks do
        raise RequestError(f"the report on {report.name} in it contradicts itself")
    return report


def _check(kept: Any) -> Check:
    words = {"route": get_args(Route), "status": get_args(CheckStatus)}
    if not _is_record(kept, OF_CHECK) or any(kept[name] not in known for name, known in words.items()):
        raise RequestError("a check in it is none")
    return Check(**kept)


def _is_record(data: Any, types: Types) -> TypeGuard[dict[str, Any]]:
    return (
        isinstance(data, dict)
        and data.keys() == types.keys()
        and all(isinstance(data[name], kind) for name, kind in types.items())
    )
