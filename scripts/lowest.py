"""Print the lowest versions that pyproject.toml declares, as requirements for pip, one a line.

``python scripts/lowest.py test`` prints those of the run-time dependencies and of the extra ``test``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)(?:\[(?P<extras>[\w,-]+)\])?(?:(?:>=|==)(?P<version>[\w.]+))?")


def lowest(project: dict[str, Any], extras: Iterable[str]) -> list[str]:
    """Return the requirements of a project and of some of its extras, each at its lowest version.

    Raises
    ------
    ValueError
        If there is no such extra, or a requirement says otherwise than ``name>=version`` what it needs.

    Examples
    --------
    >>> us = {"name": "us", "dependencies": ["a>=1.2"], "optional-dependencies": {"x": ["us[y]"], "y": ["b[z]>=3"]}}
    >>> lowest(us, ["x"])
    ['a==1.2', 'b[z]==3']
    """
    return list(dict.fromkeys((*_pinned(project, project["dependencies"]), *_of_extras(project, extras))))


def _of_extras(project: dict[str, Any], extras: Iterable[str]) -> Iterator[str]:
    for extra in extras:
        if extra not in project["optional-dependencies"]:
            raise ValueError(f"no extra {extra!r}")
        yield from _pinned(project, project["optional-dependencies"][extra])


def _pinned(project: dict[str, Any], requirements: Iterable[str]) -> Iterator[str]:
    for requirement in requirements:
        found = REQUIREMENT.fullmatch(requirement)
        if found is None:
            raise ValueError(f"not of the form name>=version: {requirement!r}")
        if found["name"] == project["name"]:
            yield from _of_extras(project, (found["extras"] or "").split(","))
        elif found["version"] is None:
            raise ValueError(f"no lowest version: {requirement!r}")
        else:
            yield f"{found['name']}{'[' + found['extras'] + ']' if found['extras'] else ''}=={found['version']}"


if __name__ == "__main__":
    file = Path(__file__).parents[1] / "pyproject.toml"
    print(*lowest(tomllib.loads(file.read_text("utf-8"))["project"], sys.argv[1:]), sep="\n")  # noqa: T201
