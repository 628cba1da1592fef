"""Probabilities whose sums are exactly 1, at random and in the extremes."""

from __future__ import annotations

import numpy as np

OUTCOMES = 10
BITS = {"float64": 52, "float32": 23}
SMALLEST = {"float64": -307, "float32": -37}  # decades of normal numbers
EXTREME = ["small q", "zero p", "zero q", "rare outcomes", "underflow"]


def draw(
    random: np.random.Generator, dtype: str, region: str, rows: int, outcomes: int = OUTCOMES
) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of probabilities of both laws."""
    shape = (rows, outcomes)
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
