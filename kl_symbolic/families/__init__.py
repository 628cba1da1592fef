"""The distribution families: one file each, found by itself."""

from __future__ import annotations

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from kl_symbolic.arguments import checked, given
from kl_symbolic.errors import NoClosedFormError
from kl_symbolic.families.family import (
    Edge,
    Family,
    Moment,
    Parameter,
    Parameterisation,
    Spelling,
    StableForm,
    Support,
)

__all__ = [
    "Edge",
    "Family",
    "Member",
    "Moment",
    "Parameter",
    "Parameterisation",
    "Spelling",
    "StableForm",
    "Support",
    "all_families",
    "find",
    "names",
]

PRODUCT_PREFIX = "diagonal_"


@dataclass(frozen=True)
class Member:
    """What a name such as ``normal``, ``standard_normal`` or ``diagonal_normal`` stands for.

    `fixed` holds the parameters of a named member; `product` says that the law is a product of independent
    coordinates.
    """

    name: str
    family: Family
    fixed: tuple[int, ...] | None = None
    product: bool = False


@cache
def all_families() -> dict[str, Family]:
    """Return every family by name; an error while importing one of the files propagates."""
    modules = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "family")
    families = [importlib.import_module(f"{__name__}.{module}").FAMILY for module in modules]
    return {family.name: family for family in families}


@cache
def _members() -> dict[str, Member]:
    found: dict[str, Member] = {}
    for family in all_families().values():
        members = [Member(family.name, family), Member(PRODUCT_PREFIX + family.name, family, product=True)]
        members += [Member(name, family, fixed=values) for name, values in family.members.items()]
        for member in members:
            if found.setdefault(member.name, member) is not member:
                raise ValueError(f"two laws are called {member.name}")
    return found


def names() -> tuple[str, ...]:
    """Return every name that `find` knows.

    >>> "standard_normal" in names()
    True
    """
    return tuple(_members())


def unknown(name: str, like: str, said: Mapping[str, str]) -> str:
    """Return the refusal of a name in one line, with our names of those words in `said` that are nearest to `like`.

    >>> unknown("Gausian", "gausian", {"gaussian": "normal", "poisson": "poisson"})
    "unknown family 'Gausian'; did you mean gaussian (normal)?"
    """
    likeness = {one: difflib.SequenceMatcher(None, one, like).ratio() for one in said}
    least = max(0.5, 0.8 * max(likeness.values(), default=0))
    near: dict[str, str] = {}
    for one in difflib.get_close_matches(like, said, n=3, cutoff=least):
        near.setdefault(said[one], one if one == said[one] else f"{one} ({said[one]})")
    hint = f"did you mean {' or '.join(near.values())}?" if near else f"known names: {', '.join(names())}"
    return f"unknown family {given(name)}; {hint}"


@checked
def find(name: str) -> Member:
    """Return what `name` stands for.

    Parameters
    ----------
    name
        A family (``"normal"``), a named member (``"standard_normal"``) or a product (``"diagonal_normal"``).

    Raises
    ------
    NoClosedFormError
        If there is no such name; the message suggests the nearest ones.

    Examples
    --------
    >>> find("standard_normal").fixed
    (0, 1)
    """
    member = _members().get(name)
    if member is None:
        raise NoClosedFormError(unknown(name, name, {one: one for one in names()}))
    return member
