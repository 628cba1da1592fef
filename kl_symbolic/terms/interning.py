"""One object for all that are equal: a table of weak references, which threads may use at once.

There is no lock. The garbage collector may run whatever a finaliser does, here too, and would wait for itself.
"""

from __future__ import annotations

from _weakref import _remove_dead_weakref  # type: ignore[attr-defined]
from typing import Any, TypeVar
from weakref import ref

T = TypeVar("T")


class _Reference(ref[Any]):
    """A reference that does not keep its object, with the key of that."""

    __slots__ = ("key",)
    key: object


_table: dict[object, _Reference] = {}


def found(key: object) -> Any:
    """Return the object with a key, or None if there is none."""
    reference = _table.get(key)
    return reference() if reference is not None else None


def interned(key: object, made: T) -> T:
    """Return the one object with a key: the one that was made now, unless another was first."""
    reference = _Reference(made, _forget)
    reference.key = key
    while True:
        first: T | None = _table.setdefault(key, reference)()
        if first is not None:
            return first
        _remove_dead_weakref(_table, key)


def _forget(reference: ref[Any]) -> None:
    assert isinstance(reference, _Reference)
    _remove_dead_weakref(_table, reference.key)
