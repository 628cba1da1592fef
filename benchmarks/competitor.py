"""What a competitor is, and the textbook's lines, which many of them compute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import sympy
from laws import Pair

Function: TypeAlias = Callable[..., Any]
Build: TypeAlias = Callable[[Pair], Function | None]


@dataclass(frozen=True)
class Competitor:
    """What makes functions for a pair of laws, and what makes a NumPy array one of theirs (a copy).

    Parameters
    ----------
    value
        Returns a function of the parameters: the divergence, summed over the last axis. None where there is none.
    both
        The same for the divergence of each coordinate and its derivatives by all parameters, a tuple.
    array
        Makes an array.
    """

    value: Build
    both: Build
    array: Function = np.array


def nothing(_: Pair) -> None:
    """Return no function."""
    return


def lines(pair: Pair, expressions: Any, known: dict[str, Any]) -> Function:
    """Return what computes expressions of SymPy by functions of a library."""
    return sympy.lambdify(sympy.symbols(pair.closed.parameters), expressions, [known])


def textbook(xp: Any, special: Any, pair: Pair) -> Function:
    """Return the textbook's line, for NumPy, torch and JAX alike: each coordinate of the closed form as it is printed.

    Of discrete laws that is p log(p/q), though our closed form has two more terms, which add up to 0.
    """
    if pair.is_discrete:
        return lambda p, q: p * xp.log(p / q)
    return lines(pair, pair.closed.expr, functions(xp, special))


def functions(xp: Any, special: Any) -> dict[str, Any]:
    """Return the functions of closed forms, by their names in SymPy."""
    found = {name: getattr(xp, name) for name in ("exp", "log", "sqrt")}
    found |= {"EulerGamma": np.euler_gamma, "pi": np.pi}
    if special is not None:
        found |= {
            "loggamma": special.gammaln,
            "polygamma": lambda n, x: special.digamma(x) if n == 0 else special.polygamma(n, x),
        }
    return found


def if_known(special: Any, build: Build) -> Build:
    """Return what makes a function, but where it needs gamma functions and there are none."""

    def known(pair: Pair) -> bool:
        return special is not None or not pair.closed.expr.has(sympy.loggamma, sympy.polygamma)

    return lambda pair: build(pair) if known(pair) else None
