"""Where the kernels are tried: random laws by kernel, dtype and region, the probabilities with sums of exactly 1."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

import numpy as np

WIDTH, OUTCOMES, LONG = 3, 10, 500
REACH = {"float64": 700, "float32": 85}  # of a logarithm of a variance
MEANS = {"float64": 150, "float32": 15}  # decades
SMALLEST = {"float64": -307, "float32": -37}  # decades of normal numbers
NEAREST = {"float64": 12, "float32": 6}  # decades of the relative distance
BITS = {"float64": 52, "float32": 23}


def regions(kernel: str, dtype: str) -> dict[str, list[str]]:
    """Return the names of the regions, in groups."""
    near = [f"1e-{k}" for k in range(1, NEAREST[dtype] + 1)]
    discrete = kernel == "kl_discrete"
    elementwise = kernel == "kl_normal" or kernel.startswith("d/")
    halves = [] if discrete else [f"mean only 1e-{NEAREST[dtype] - 2}", f"scale only 1e-{NEAREST[dtype] - 2}"]
    groups = {
        "random": ["random"] + ["long rows"] * (not elementwise),
        "1e-1 to 1e-3": near[:3],
        "1e-4 to 1e-6": near[3:6] + (halves if dtype == "float32" else []),
        "1e-7 to 1e-12": near[6:] + (halves if dtype == "float64" else []),
        "equal": ["equal"],
        "extreme": ["small q", "zero p", "zero q", "rare outcomes", "underflow"]
        if discrete
        else ["tiny scales", "huge scales", "all scales", "large means", "underflow"]
        + ["beyond"] * (kernel in {"kl_standard_normal", "kl_diag_normal"}),
    }
    return {group: names for group, names in groups.items() if names}


def draw(kernel: str, dtype: str, region: str, rows: int) -> list[np.ndarray]:
    """Return the parameters of rows of laws; the same numbers each time."""
    random = np.random.default_rng(zlib.crc32(f"{kernel} {dtype} {region}".encode()))
    if region == "long rows":
        rows = max(8, rows // 100)
    laws = (
        _discrete(random, dtype, region, rows)
        if kernel == "kl_discrete"
        else _normal(random, kernel, dtype, region, rows)
    )
    return [np.ascontiguousarray(law, dtype) for law in laws]


def _normal(random: np.random.Generator, kernel: str, dtype: str, region: str, rows: int) -> Sequence[np.ndarray]:
    standard = kernel not in {"kl_normal", "kl_diag_normal"}
    shape = (rows,) if kernel == "kl_normal" else (rows, LONG if region == "long rows" else WIDTH)
    m, n = random.normal(0, 3, (2, *shape))
    v, w = random.normal(0, 2, (2, *shape))
    reach = REACH[dtype] * (2 if kernel == "kl_normal" else 1)  # sigma = e^(v/2)
    match region.split():
        case "random" | "long", *_:
            pass
        case "tiny", _:
            v, w = random.uniform(-reach, -reach / 2, (2, *shape))
        case "huge", _:
            v, w = random.uniform(reach / 2, reach, (2, *shape))
        case "all", _:
            v, w = random.uniform(-reach, reach, (2, *shape))
        case "large", _:
            m, n = random.uniform(-1, 1, (2, *shape)) * 10.0 ** MEANS[dtype]
        case ("beyond",):  # the range of e^v, though not that of e^(v - w)
            v = random.uniform(-1e4, 1e4, shape)
            w = v + random.normal(0, 2, shape)
        case ("underflow",):
            n, v, w = np.zeros((3, *shape))
            m = 10 ** (SMALLEST[dtype] / 2 + random.uniform(-10, 1, shape))
        case _:  # nearly equal, or equal
            distance = 0.0 if region == "equal" else float(region.removeprefix("mean only").removeprefix("scale only"))
            n, w = (0 * m, 0 * v) if standard else (m, v)
            m = n + distance * m * random.uniform(-1, 1, shape) * ("scale" not in region)
            v = w + distance * v * random.uniform(-1, 1, shape) * ("mean" not in region)
    if kernel == "kl_normal":
        return m, np.exp(v / 2), n, np.exp(w / 2)
    return (m, v) if standard else (m, v, n, w)


def _discrete(random: np.random.Generator, dtype: str, region: str, rows: int) -> tuple[np.ndarray, np.ndarray]:
    shape = (rows, LONG if region == "long rows" else OUTCOMES)
    unit = 2.0 ** -BITS[dtype]
    smallest = SMALLEST[dtype]

    def law(weights: np.ndarray) -> np.ndarray:
        """Return multiples of the unit that sum to 1; the largest makes up for the rounding of the others."""
        counts = np.rint(weights / weights.sum(axis=-1, keepdims=True) / unit)
        counts[np.arange(rows), counts.argmax(axis=-1)] += 1 / unit - counts.sum(axis=-1)
        return counts * unit

    p, q = (law(random.exponential(size=shape)) for _ in range(2))
    match region.split():
        case "random" | "long", *_:
            pass
        case ("equal",):
            q = p
        case "small", _:  # the sum is not exactly 1, which is nothing against the divergence
            q = np.where(random.random(shape) < 0.3, 10 ** random.uniform(smallest, -5, shape), q)
            q[:, 0] = 0
            q[:, 0] = 1 - q.sum(axis=-1)
            q[q[:, 0] <= 0] = p[q[:, 0] <= 0]
        case "zero", "p":
            p = law(p * (random.random(shape) < 0.5) + unit * (np.arange(shape[1]) == 0))
        case "zero", "q":
            q = law(q * (random.random(shape) < 0.9) + unit * (np.arange(shape[1]) == 0))
        case "rare" | "underflow", *_:  # one outcome nearly certain, the others exchanged, so that the sums are equal
            low, high = (smallest, smallest + 2) if region == "underflow" else (smallest, smallest / 4)
            p = 10 ** random.uniform(low, high, shape)
            p[:, 0] = 1
            q = p.copy()
            q[:, 1:] = random.permuted(p[:, 1:], axis=-1)
        case _:
            step = np.rint(p / unit * float(region) * random.uniform(-1, 1, shape))
            step[np.arange(rows), p.argmax(axis=-1)] = 0
            step[np.arange(rows), p.argmax(axis=-1)] = -step.sum(axis=-1)
            q = p + step * unit
    return p, q
