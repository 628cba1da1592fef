"""Laws as objects of libraries: random variables of SymPy, frozen laws of scipy.stats, torch.distributions.

Nothing of these libraries is imported: a class is known by its module and its name, as the families write them down in
`Family.objects`. Numbers that are floats are read as the decimals that they print as: 0.1 is 1/10.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from kl_symbolic.arguments import given
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.families import PRODUCT_PREFIX, Family, all_families
from kl_symbolic.reading.laws import Argument, WrittenLaw, read_law
from kl_symbolic.reading.syntax import Name, Node, Number
from kl_symbolic.reading.tokens import MOST_DIGITS, excerpt
from kl_symbolic.terms import Number as Rational
from kl_symbolic.terms import Symbol, Text
from kl_symbolic.terms.json import NAME

EXPECTED = "the name of a law, a random variable of SymPy, a frozen law of scipy.stats or one of torch.distributions"
UNMOVED: Mapping[str, int] = {"loc": 0, "scale": 1}  # where SciPy neither moves nor stretches a law


def law_of(law: object) -> WrittenLaw:
    """Return a law that is given as text or as an object.

    Raises
    ------
    WrongTypeError
        If it is neither.
    RequestError
        If an object is a law that is not in the catalogue, or a batch of laws.

    Examples
    --------
    >>> from sympy import Symbol
    >>> from sympy.stats import Normal
    >>> found = law_of(Normal("X", 0, Symbol("s", positive=True)))
    >>> found.name, [argument.written for argument in found.arguments]
    ('normal', ['0', 's'])
    """
    if isinstance(law, str):
        return read_law(law)
    library = type(law).__module__.partition(".")[0]
    readers = {"sympy": _of_sympy, "scipy": _of_scipy, "torch": _of_torch}
    found = readers[library](law) if library in readers else None
    if found is None:
        raise WrongTypeError(f"a law must be a string or an object of a library: {EXPECTED}; given: {given(law)}")
    return found


def common_dimension(p: WrittenLaw, q: WrittenLaw | None, dim: int | None) -> int | None:
    """Return the dimension that is asked for, or that of the objects.

    Raises
    ------
    RequestError
        If these differ.
    """
    sizes = {size for size in (dim, p.dim, q.dim if q else None) if size is not None}
    if len(sizes) > 1:
        raise RequestError(f"dimensions differ: {' and '.join(map(str, sorted(sizes)))}")
    return sizes.pop() if sizes else None


def _of_sympy(law: Any) -> WrittenLaw | None:
    space = getattr(law, "pspace", None)
    distribution = getattr(space, "distribution", None) if type(law).__name__ == "RandomSymbol" else law
    if not type(distribution).__module__.startswith("sympy.stats"):
        return None
    family, names = _known("sympy", type(distribution).__name__)
    return _law(family, names, {name: getattr(distribution, name) for name in map(_bare, names)})


def _of_scipy(law: Any) -> WrittenLaw | None:
    kind = getattr(law, "dist", None)
    if kind is None or not hasattr(law, "args") or not hasattr(law, "kwds"):
        if type(law).__module__.startswith("scipy.stats"):
            raise RequestError(f"a frozen law is expected, such as scipy.stats.norm(0, 1); given: {given(law)}")
        return None
    family, names = _known("scipy", kind.name)
    shapes = [name.strip() for name in (kind.shapes or "").split(",") if name.strip()]
    parameters = {**UNMOVED, **dict(zip([*shapes, *UNMOVED], law.args, strict=False)), **law.kwds}
    for name, value in UNMOVED.items():
        if name not in map(_bare, names) and parameters[name] != value:
            raise RequestError(f"{kind.name} with {name}={parameters[name]} is another law; take {name}={value}")
    return _law(family, names, parameters)


def _of_torch(law: Any) -> WrittenLaw | None:
    if not type(law).__module__.startswith("torch.distributions"):
        return None
    name, dimensions = type(law).__name__, 0
    if name == "Independent":
        law, dimensions = law.base_dist, law.reinterpreted_batch_ndims
        name = type(law).__name__
    family, names = _known("torch", name)
    shape = tuple(law.batch_shape)
    if len(shape) != dimensions:
        raise RequestError(
            f"a batch of {shape} laws has a divergence for each; give one of them"
            + (", or wrap independent coordinates as Independent(..., 1)" if dimensions == 0 else "")
        )
    if dimensions > 1:
        raise RequestError(
            f"coordinates stand in one row, as in Independent(..., 1); given: Independent(..., {dimensions})"
        )
    found = _law(family, names, {one: _single(getattr(law, one), one) for one in map(_bare, names)})
    if dimensions == 0:
        return found
    return WrittenLaw(PRODUCT_PREFIX + found.name, found.arguments, found.written, dim=shape[0])


def _single(values: Any, name: str) -> object:
    """Return the number of which a tensor is made, in the precision that it has."""
    array = np.asarray(values.detach().cpu().numpy()).ravel()
    if array.size == 0:
        raise RequestError("a law without coordinates has no divergence")
    if (array != array[0]).any():
        raise RequestError(
            f"the coordinates differ in {name}, and one formula holds for all: the divergence is the sum of those of "
            "the coordinates; derive it without values"
        )
    return array[0]


def _known(library: str, name: str) -> tuple[Family, tuple[str, ...]]:
    known = {family.objects[library][0]: family for family in all_families().values() if library in family.objects}
    if name not in known:
        raise RequestError(f"{excerpt(name)} of {library} is not in the catalogue; there are {', '.join(known)}")
    return known[name], known[name].objects[library][1:]


def _bare(name: str) -> str:
    return name.removeprefix("1/")


def _law(family: Family, names: tuple[str, ...], values: Mapping[str, object]) -> WrittenLaw:
    """Return a law whose default parameters are given by keyword, whatever parameterisation is asked for."""
    arguments, symbols = [], []
    for parameter, name in zip(family.parameters, names, strict=True):
        value = values[_bare(name)]
        node = _node(value, name)
        called = parameter.name
        if isinstance(node, Name):
            called = _bare(name) if name.startswith("1/") else called
            symbols.append((node.spelling, value))
        if name.startswith("1/") and isinstance(node, Number):
            if node.value == 0:
                raise RequestError(f"{_bare(name)} must not be 0")
            node = Number(1 / node.value)
        written = str(node.value) if isinstance(node, Number) else str(value)
        arguments.append(Argument(called, node, written))
    written = f"{family.name}({', '.join(argument.written for argument in arguments)})"
    return WrittenLaw(family.name, tuple(arguments), written, symbols=tuple(symbols))


def _node(value: object, name: str) -> Node:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    match _of_library(value):
        case Symbol(written, _):
            if not NAME.fullmatch(written):
                raise RequestError(f"a symbol needs a name such as s or beta_1, given: {excerpt(written)!r}")
            return Name(written, written)
        case Rational(number):
            return Number(number)
        case Text(text):
            pass
        case None:
            raise RequestError(f"{_bare(name)} must be one number or a symbol, given: {given(value)}")
    if len(text) > MOST_DIGITS:
        raise RequestError(f"{_bare(name)} has more than {MOST_DIGITS} digits")
    try:
        return Number(Fraction(text))
    except ValueError:
        raise RequestError(f"{_bare(name)} must be a finite number, given: {excerpt(text)}") from None


def _of_library(value: object) -> Rational | Symbol | Text | None:
    """Return a number or a symbol as a term, a float as the text as which it prints; None for anything else."""
    if isinstance(value, int | float | np.integer | np.floating | Fraction) and not isinstance(value, bool):
        return Text(str(value))
    if "sympy" not in sys.modules:  # it is not loaded for what cannot be of it
        return None
    from kl_symbolic.terms.sympy.written import leaf

    return leaf(value)
