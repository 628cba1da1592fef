"""Functions: one file each, found by itself. All that is known of a function stands there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import (
    Algebra,
    CheapForm,
    Computation,
    Formula,
    Function,
    Identity,
    VectorComputation,
)
from kl_symbolic.functions.polynomial import Polynomial
from kl_symbolic.functions.rounding import Rounding

__all__ = [
    "Algebra",
    "CheapForm",
    "Computation",
    "Domain",
    "Formula",
    "Function",
    "Identity",
    "Polynomial",
    "Rounding",
    "VectorComputation",
    "all_functions",
    "find_function",
    "known_functions",
]

RECORDS = ("binary", "domain", "function", "polynomial", "rounding", "stirling")  # what a function is, and no function


@cache
def all_functions() -> dict[str, Function]:
    """Return every function by name; an error while importing one of the files propagates.

    Examples
    --------
    >>> all_functions()["exp"].title
    'exponential'
    """
    modules = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in RECORDS)
    functions = [importlib.import_module(f"{__name__}.{module}").FUNCTION for module in modules]
    return {function.name: function for function in functions}


def find_function(head: str) -> Function | None:
    """Return the function whose terms have this head, or None if it is no function.

    >>> find_function("log").title, find_function("Density")
    ('natural logarithm', None)
    """
    return all_functions().get(head)


def known_functions() -> str:
    """Return the names of all functions of one argument that people write, for a message.

    >>> known_functions()
    'digamma, gamma, log, abs, exp, factorial, sqrt'
    """
    unary = (function for function in all_functions().values() if function.arity == 1 and function.spellings)
    return ", ".join(f.name for f in sorted(unary, key=lambda f: (f.style != "prefix", f.name)))
