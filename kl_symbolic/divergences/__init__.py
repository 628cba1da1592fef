"""The quantities that can be asked of laws: one file each, found by itself. All that is known of one stands there."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from kl_symbolic.arguments import require_choice
from kl_symbolic.divergences.quantity import Quantity

__all__ = ["Quantity", "all_quantities", "find_quantity", "restatement_of"]

DEFAULT_QUANTITY = "kl"  # what is asked for where nothing is said
NO_QUANTITIES = ("quantity", "others")  # what a quantity is, and names of what is none of ours


@cache
def all_quantities() -> dict[str, Quantity]:
    """Return every quantity by name; an error while importing one of the files propagates.

    Examples
    --------
    >>> all_quantities()["entropy"].words
    'the entropy H(P)'
    """
    modules = sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name not in NO_QUANTITIES)
    quantities = [importlib.import_module(f"{__name__}.{module}").QUANTITY for module in modules]
    return {quantity.name: quantity for quantity in quantities}


def find_quantity(name: str) -> Quantity:
    """Return the quantity of a name.

    Raises
    ------
    RequestError
        If there is no such quantity.

    Examples
    --------
    >>> find_quantity("kl").title
    'Kullback-Leibler divergence'
    """
    require_choice("quantity", name, tuple(all_quantities()))
    return all_quantities()[name]


def restatement_of(name: str) -> str | None:
    """Return the name of the quantity that states another one again, in a stable form; None if there is none.

    Examples
    --------
    >>> restatement_of("kl"), restatement_of("entropy")
    ('stable_form', None)
    """
    return next((one.name for one in all_quantities().values() if one.restates == name), None)
