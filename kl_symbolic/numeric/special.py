"""The functions that stable forms are made of, on arrays, by their programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kl_symbolic.code.operations import argument, call
from kl_symbolic.code.program import Program
from kl_symbolic.functions import Domain, all_functions
from kl_symbolic.numeric.evaluate import value
from kl_symbolic.numeric.formula import ALL_NUMBERS, ANY_NUMBER, Formula, ParameterSpace, Routine
from kl_symbolic.numeric.inputs import Floats

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

ABOVE_MINUS_1 = ("log1pmx", "lgamma1p_remainder")
FROM_0 = {"kl_div": Domain.NONNEGATIVE}
ARGUMENTS = {"expm1mx": ("t",), "lgamma1p_remainder": ("e",)}
POINTS, FACTORS = ("x", "a"), ("a", "b", "c", "d")


def _formula(name: str, *, gap: bool) -> Formula:
    """Return what computes a function, at two points and their difference or at the points alone."""
    function = all_functions()[name]
    names = ARGUMENTS.get(name, (POINTS if function.arity <= len(POINTS) else FACTORS)[: function.arity])
    spaces = {
        key: ParameterSpace(FROM_0.get(name, domain), above=-1.0 if name in ABOVE_MINUS_1 else None, infinite=True)
        for key, domain in zip(names, function.domains, strict=True)
    }
    points = [argument(key) for key in names]
    if function.gap:
        points.append(argument("gap") if gap else points[0] - points[1])
    if gap:
        spaces["gap"] = ANY_NUMBER
    program = Program(f"{name}_of_arguments", tuple(spaces), (call(name, *points),))
    return Formula(Routine(program), spaces=spaces, within=dict.fromkeys(spaces, ALL_NUMBERS), compiled=False)


# torch.compile follows neither the writing of programs nor a search in caches.
_FORMULAS = {
    (name, gap): _formula(name, gap=gap)
    for name, one in all_functions().items()
    if one.definition and one.program
    for gap in {False, one.gap}
}


def function_values(name: str, gap: ArrayLike | None = None, **arguments: ArrayLike) -> Floats:
    """Return the values of a function by its program."""
    given = arguments if gap is None else {**arguments, "gap": gap}
    found: Floats = value(_FORMULAS[name, gap is not None], given)
    return found
