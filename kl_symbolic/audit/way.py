"""The way in which a function wants to be called: with more arguments, with all in one, with an answer to pick from."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from kl_symbolic.audit.libraries import AnswerError, Function, Library, contents
from kl_symbolic.errors import RequestError

FILLED = re.compile(r"(?P<number>[^\[\]]+)\[(?P<shape>[^\[\]]+)\]")
NAMED = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.KEYWORD_ONLY,
)


@dataclass(frozen=True)
class Way:
    """How a function is called with the parameters of laws, and what is taken of its answer.

    Parameters
    ----------
    order
        The names of the parameters, in the order in which the function takes them.
    fixed
        Its other arguments by name. ``"0.5[mu]"`` stands for an array of 0.5 in the shape of mu, ``"0.5[1,784]"`` for
        one in that shape.
    item
        Which entry of a tuple, or of a dictionary, is the answer.
    pack
        Whether it takes all parameters in one array.
    dtype
        Of arrays that are made here.
    """

    order: tuple[str, ...]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    item: int | str | None = None
    pack: bool = False
    dtype: str = "float64"

    def require_fit(self, function: Function) -> None:
        """Refuse fixed arguments that the function does not have."""
        known = _parameters(function)
        if known is None or any(p.kind is p.VAR_KEYWORD for p in known):
            return
        for name in self.fixed:
            if name not in {p.name for p in known}:
                raise RequestError(f"the function has no argument {name!r}; it has {', '.join(p.name for p in known)}")
        for value in self.fixed.values():
            self._shape(value, [np.zeros(1) for _ in self.order])

    def bound(self, function: Function, library: Library) -> Function:
        """Return a function of the parameters alone, in the arrays of a library."""

        def call(*arrays: Any) -> Any:
            values = {name: self._value(value, arrays, library) for name, value in self.fixed.items()}
            given = [library.joined(arrays)] if self.pack else list(arrays)
            positional, by_name = _arguments(function, given, values)
            return self._picked(function(*positional, **by_name))

        return call

    def _value(self, value: Any, arrays: Sequence[Any], library: Library) -> Any:
        if isinstance(value, np.ndarray):
            return library.array(value.astype(self.dtype) if value.dtype.kind == "f" else value)
        shape = self._shape(value, arrays)
        if shape is None:
            return value
        return library.array(np.full(shape, float(value.partition("[")[0]), self.dtype))

    def _shape(self, value: Any, arrays: Sequence[Any]) -> tuple[int, ...] | None:
        """Return the shape that a text such as ``0.5[mu]`` asks for; None for what asks for none."""
        found = FILLED.fullmatch(value) if isinstance(value, str) else None
        if found is None:
            return None
        try:
            float(found["number"])
        except ValueError:
            return None
        shape = found["shape"].strip()
        if shape in self.order:
            return tuple(np.shape(arrays[self.order.index(shape)]))
        sizes = [size.strip() for size in shape.split(",")]
        if not all(size.isdecimal() for size in sizes):
            raise RequestError(f"in {value} a shape stands in brackets: numbers, or one of {', '.join(self.order)}")
        return tuple(map(int, sizes))

    def _picked(self, answer: Any) -> Any:
        if self.item is None:
            return answer
        known = isinstance(answer, Mapping) and self.item in answer
        key = int(self.item) if not known and str(self.item).isdecimal() else self.item
        if isinstance(key, str) and not isinstance(answer, Mapping) and hasattr(answer, key):
            return getattr(answer, key)
        try:
            return answer[key]
        except (TypeError, LookupError):
            raise AnswerError(f"it returned {contents(answer)}: there is no item {self.item!r}") from None


def advice(function: Function, name: str, way: Way) -> str:
    """Say how a function may be called that does not take the parameters alone, with two lines to paste at the end.

    Examples
    --------
    >>> def loss(recon_x, x, mu, logvar, beta=1.0): ...
    >>> print(advice(loss, "mypackage.losses:loss", Way(("mu", "logvar"))))
    its other arguments are given with fixed={'recon_x': ..., 'x': ...} (--fixed recon_x=... --fixed x=...); or audit:
    def kl(mu, logvar):
        return loss(recon_x=..., x=..., mu=mu, logvar=logvar)
    """
    known = [p.name for p in _parameters(function) or [] if p.kind in NAMED and p.default is p.empty]
    own = [one for one in known if one not in way.fixed]
    others = [one for one in own if one not in way.order]
    # Names that are not those of the parameters may be other words for them: then the last ones are meant.
    others = others if len(own) - len(others) == len(way.order) else own[: -len(way.order)]
    parts = []
    if others:
        given = ", ".join(f"{one!r}: ..." for one in others)
        parts.append(
            f"its other arguments are given with fixed={{{given}}} ({' '.join(f'--fixed {o}=...' for o in others)})"
        )
    packed = len(own) == 1 < len(way.order)
    if packed and not way.pack:
        parts.append("one array with all parameters is made with pack=True (--pack)")
    parts.append("audit:" if parts else "audit a function around it:")
    left = iter(() if packed else way.order)
    inside = ", ".join(f"{one}={'...' if one in (*others, *way.fixed) else next(left, '...')}" for one in known)
    called = name.rpartition(":")[2]
    called = called if called.replace(".", "").isidentifier() else "function"
    lines = f"def kl({', '.join(way.order)}):\n    return {called}({inside or ', '.join(way.order)})"
    return f"{'; or '.join(parts)}\n{lines}"


def _parameters(function: Function) -> list[inspect.Parameter] | None:
    try:  # a module of torch says in `forward` what it takes
        return list(inspect.signature(getattr(function, "forward", function)).parameters.values())
    except (TypeError, ValueError):  # of functions that are written in C
        return None


def _arguments(function: Function, arrays: list[Any], values: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Return the positional arguments and those by name: the arrays go to the first that are not fixed."""
    parameters = (_parameters(function) if values else None) or []
    free = [p for p in parameters if p.name not in values and p.kind in NAMED]
    if len(free) < len(arrays) or any(p.kind is p.VAR_POSITIONAL for p in parameters):
        return arrays, values
    named = dict(zip((p.name for p in free), arrays, strict=False)) | values
    first = [named.pop(p.name) for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in named]
    return first, named
