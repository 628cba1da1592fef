"""Where a function is tried: laws far apart, nearly equal, equal, and of extreme scales; the same numbers each time."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from kl_symbolic.audit.sides import Sides, held
from kl_symbolic.audit.target import Target, approximate
from kl_symbolic.errors import RequestError
from kl_symbolic.families import Parameter
from kl_symbolic.functions import Domain

WIDTH = 3  # coordinates of a product law
Dtype = Literal["float64", "float32"]
NEAREST: dict[Dtype, int] = {"float64": 12, "float32": 6}  # decades of the relative distance
REACH: dict[Dtype, int] = {"float64": 150, "float32": 18}  # decades of a scale whose square is still a normal number
FAR = 0.25  # the least divergence of a coordinate of laws that are called far apart
FAR_POOL = 4  # as many draws as are needed, of which those that are far apart are kept
LARGEST = 3.0  # times that, of a location
APART = 0.25  # of a number that a dtype does not have, between it and locations: less, and its rounding is seen
FARTHER = range(1, 51)  # decades by which locations are drawn out until some are

Region = Literal["far", "near", "equal", "extreme", "edges", "shapes", "gradients"]  # or one of them: "near 1e-8"
GROUPS = get_args(Region)
SCALES = ("tiny scales", "huge scales", "mixed scales")


def regions(target: Target, dtype: Dtype) -> dict[str, list[str]]:
    """Return the names of the regions in which values are compared, by group."""
    groups = {"far": ["far"]}
    if target.sides.never_near(dtype) is None:
        groups["near"] = [f"near 1e-{k}" for k in range(1, NEAREST[dtype] + 1)]
        groups["equal"] = ["equal"]
    located = [_is_location(record) for record in target.records.values()]
    groups["extreme"] = [*(SCALES if not all(located) else ()), *(["large means"] if any(located) else [])]
    return groups


def chosen(
    wanted: Sequence[str] | None, groups: dict[str, list[str]], apart: str | None
) -> tuple[dict[str, list[str]], set[str]]:
    """Return the regions that are wanted, by group, and which of the other checks.

    Why there are none in which the laws are nearly equal, if so, is said by `apart`.

    Raises
    ------
    RequestError
        If there is no such region.
    """
    if wanted is None:
        return groups, {"edges", "shapes", "gradients"}
    if isinstance(wanted, str):
        wanted = [wanted]
    every = {name for names in groups.values() for name in names}
    for name in wanted:
        if name not in every and apart is not None and name.startswith("near "):
            raise RequestError(f"no region {name!r}: {apart}")
        if name not in every | set(GROUPS):
            raise RequestError(f"no region {name!r}; there are {', '.join(GROUPS)}, and {', '.join(sorted(every))}")
    picked = {g: [n for n in names if g in wanted or n in wanted] for g, names in groups.items()}
    return {g: names for g, names in picked.items() if names}, set(wanted) - every


def draw(target: Target, region: str, dtype: Dtype, rows: int, width: int | None = None) -> dict[str, NDArray[Any]]:
    """Return the parameters of rows of laws, a column for each coordinate, rounded to the dtype.

    Examples
    --------
    >>> from kl_symbolic.audit.target import target
    >>> drawn = draw(target("poisson", "poisson"), "near 1e-6", "float64", 2)
    >>> float(abs(drawn["lambda_1"] / drawn["lambda_2"] - 1).max()) < 1.01e-6
    True
    """
    random = np.random.default_rng(zlib.crc32(f"{target.derivation.name} {region}".encode()))
    shape = (rows, (width or WIDTH) if target.product else 1)
    if region == "far":
        return _far(target, random, dtype, shape)
    if region == "equal" or region.startswith("near"):
        distance = 0.0 if region == "equal" else float(region.removeprefix("near "))
        columns = _near(target, random, distance, shape)
    else:
        columns = _extreme(target.sides, random, region, REACH[dtype], _far(target, random, "float64", shape))
    return {name: np.ascontiguousarray(columns[name], dtype) for name in target.names}


def _typical(record: Parameter, random: np.random.Generator, shape: tuple[int, ...]) -> NDArray[Any]:
    low, high = map(float, record.typical)
    return random.uniform(low, high, shape)


def _is_location(record: Parameter) -> bool:
    return record.domain is Domain.REAL and not record.logarithm


def _far(target: Target, random: np.random.Generator, dtype: Dtype, shape: tuple[int, int]) -> dict[str, NDArray[Any]]:
    count = shape[0] * shape[1]
    drawn = {n: _typical(r, random, (FAR_POOL * count, 1)) for n, r in target.records.items()}
    located = [name for name, record in target.records.items() if _is_location(record)]
    pool, keep = _kept(target, drawn, dtype)
    for decades in FARTHER if located and not keep else ():  # scales may be given, and as large as one likes
        found, keep = _kept(target, {n: c * 10.0**decades if n in located else c for n, c in drawn.items()}, dtype)
        if keep:
            pool = found
            break
    keep = (keep * count)[:count] if keep else list(range(count))
    return {name: np.ascontiguousarray(column[keep, 0].reshape(shape)) for name, column in pool.items()}


def _kept(target: Target, drawn: dict[str, NDArray[Any]], dtype: Dtype) -> tuple[dict[str, NDArray[Any]], list[int]]:
    """Return parameters in a dtype, and the rows in which the laws are far apart."""
    with np.errstate(over="ignore"):
        pool = {name: column.astype(dtype) for name, column in drawn.items()}
    divergences = approximate(target.closed, pool)[:, 0]
    far = np.array([value is not None and value >= FAR for value in divergences])
    for name in pool:
        number = target.sides.number_for(name)
        if number is not None and _is_location(target.records[name]) and not held(number, dtype):
            far &= np.abs(pool[name][:, 0] - float(number)) >= APART * abs(float(number))
    return pool, np.flatnonzero(far).tolist()


def _near(
    target: Target, random: np.random.Generator, distance: float, shape: tuple[int, int]
) -> dict[str, NDArray[Any]]:
    columns: dict[str, NDArray[Any]] = {}
    for _, p, q in target.sides.pairs:
        moved, still = (q, p) if isinstance(p, Fraction) else (p, q)
        if isinstance(still, str) and still in target.names:
            columns[still] = _typical(target.records[still], random, shape)
        if moved == still or isinstance(moved, Fraction):
            continue
        base = columns[still] if isinstance(still, str) else np.full(shape, float(still))
        step = random.uniform(0.3, 1, shape) * random.choice((-1, 1), shape)
        columns[moved] = base + distance * np.where(base == 0, 1, base) * step
    return columns


def _extreme(
    sides: Sides, random: np.random.Generator, region: str, reach: float, far: dict[str, NDArray[Any]]
) -> dict[str, NDArray[Any]]:
    """Move the scales of laws that are far apart; locations along with them, so that the laws stay far apart."""
    shape = next(iter(far.values())).shape
    low, high = {"tiny scales": (-reach, -reach / 2), "huge scales": (reach / 2, reach)}.get(region, (-reach, reach))
    common = random.uniform(low, high, shape)
    moves = not sides.numbers and region != "mixed scales"
    columns: dict[str, NDArray[Any]] = {}
    for number, names in enumerate(sides.free):
        decades = common
        if region == "mixed scales":  # at least a decade apart, so that nothing cancels by chance
            decades = common / 2 + number * random.choice((-1, 1), shape) * random.uniform(1, reach / 2, shape)
        for name in names:
            if name in columns:
                continue
            record, value = sides.records[name], far[name]
            location = _is_location(record)
            if region == "large means":
                large = value * 10.0 ** random.uniform(0, reach, shape)
                columns[name] = np.clip(large, -LARGEST * 10.0**reach, LARGEST * 10.0**reach) if location else value
            elif record.logarithm:
                columns[name] = value + record.power * decades * np.log(10)
            elif location:
                columns[name] = value * 10.0**decades if moves else value
            else:
                columns[name] = value * 10.0 ** (record.power * decades)
    return columns
