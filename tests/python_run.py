"""Run Python that was written from a formula, with arrays of NumPy or torch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import numpy as np

from kl_symbolic.terms import Term

# What of tensorflow is called, by NumPy.
TENSORFLOW = SimpleNamespace(
    exp=np.exp, sqrt=np.sqrt, square=np.square, pow=np.power, reduce_sum=np.sum, reduce_mean=np.mean, math=np
)


def results(text: str, parameters: Sequence[Term], points: Sequence[Mapping[str, float]]) -> list[float]:
    """Return what code computes at points: where there are coordinates, of rows of samples, and of one as a vector.

    Where that is an error there is NaN.
    """
    if parameters[0].head != "Indexed":
        return [_computed(text, {str(one): float(points[0][str(one)]) for one in parameters}, 1)]
    bases = [str(one.args[0]) for one in parameters]
    rows = {base: [[float(point[f"{base}{k}"]) for k in (1, 2)] for point in points] for base in bases}
    vector = {base: numbers[0] for base, numbers in rows.items()}
    return [_computed(text, rows, len(points)), _computed(text, vector, 1)]


def _computed(text: str, at: Mapping[str, object], samples: int) -> float:
    """Return the mean of the result, with arrays of the library that the code is written for."""
    import torch

    for array in (np.array, lambda numbers: torch.tensor(numbers, dtype=torch.float64)):
        names = _called({base: array(numbers) for base, numbers in at.items()})
        space = {"np": np, "jnp": np, "torch": torch, "tf": TENSORFLOW, "math": math, "batch_size": samples, **names}
        try:
            return float(np.mean(np.asarray(_run(text, space))))
        except IndexError:  # no such axis
            break
        except (TypeError, AttributeError):  # the other library
            continue
    return math.nan


def _run(text: str, space: dict[str, object]) -> object:
    if not text.startswith("def ") and "value = " not in text:
        return eval(text, space)
    exec(text, space)
    value = space["value"]
    if not callable(value):
        return value
    return value(*(space[name] for name in value.__code__.co_varnames[: value.__code__.co_argcount]))


def _called(at: Mapping[str, object]) -> dict[str, object]:
    """Return parameters by all names that they may have: mu_1, mu1, mu_p, p.mu, self.mu."""
    names = dict(at) | {"self": SimpleNamespace(**at)}
    for law, place in (("p", "1"), ("q", "2")):
        own = {base[:-2]: array for base, array in at.items() if base.endswith(f"_{place}")}
        names |= {f"{head}{place}": array for head, array in own.items()}
        names |= {f"{head}_{law}": array for head, array in own.items()}
        names[law] = SimpleNamespace(**own, rate=own.get("lambda"))
    return names
