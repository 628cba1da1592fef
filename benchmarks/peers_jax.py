"""Competitors that compute in JAX."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import Any

from competitor import Build, Competitor, Function, textbook
from laws import Pair


def in_jax(line: Build, value: Build | None = None) -> Competitor:
    """Return a competitor that computes in JAX, compiled, and is done when it returns.

    `line` makes a function of each coordinate, and `value` what sums over them, if it is another one.
    """
    jax = import_module("jax")
    jax.config.update("jax_enable_x64", True)

    def summed(pair: Pair) -> Function | None:
        found = line(pair)
        return found and (lambda *laws: found(*laws).sum(-1))

    def compiled(pair: Pair) -> Function | None:
        found = (value or summed)(pair)
        function = found and jax.jit(found)
        return function and (lambda *laws: function(*laws).block_until_ready())

    def both(pair: Pair) -> Function | None:
        if pair.is_discrete:
            return None
        found = line(pair)
        assert found is not None

        def total(*laws: Any) -> tuple[Any, Any]:
            terms = found(*laws)
            return terms.sum(), terms

        function = jax.jit(jax.value_and_grad(total, argnums=tuple(range(len(pair.names))), has_aux=True))

        def differentiated(*laws: Any) -> tuple[Any, ...]:
            (_, terms), slopes = jax.block_until_ready(function(*laws))
            return terms, *slopes

        return differentiated

    return Competitor(compiled, both, jax.numpy.array)


def jax_jit() -> Competitor:
    """Return the textbook's lines in JAX."""
    xp, special = import_module("jax.numpy"), import_module("jax.scipy.special")
    return in_jax(partial(textbook, xp, special))
