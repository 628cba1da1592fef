"""How fast and how accurate the array kernels are against the textbook's expression in NumPy, measured in one run.

Usage: python benchmarks/kernels.py [--quick]

A ratio travels from one machine to the next, a time does not. Each time is the median of many runs after a warm-up, the
competitors taking turns. An error is the worst of a sample of rows, in eps of the dtype, against 50 digits: once for
the laws that are timed and once for rows where P is nearly Q. Competitors that are not installed are left out.
"""

from __future__ import annotations

import argparse
import importlib
import time
from statistics import median
from typing import TYPE_CHECKING

import mpmath
import numpy as np

from kl_symbolic.numeric import kl_diag_normal, kl_standard_normal

if TYPE_CHECKING:
    from collections.abc import Callable

    Function = Callable[..., object]

SIZES = [(128, 2), (128, 64), (4096, 64), (65536, 64), (400000, 32)]
NEAR = {np.float32: 1e-3, np.float64: 1e-6}
SAMPLE = 40
BUDGET = 4e7  # elements to run through for one median


def textbook_standard(mu: np.ndarray, logvar: np.ndarray) -> np.ndarray:
    """Return the line of every tutorial."""
    return -0.5 * np.sum(1 + logvar - mu * mu - np.exp(logvar), axis=-1)


def textbook_diagonal(m_1: np.ndarray, lv_1: np.ndarray, m_2: np.ndarray, lv_2: np.ndarray) -> np.ndarray:
    """Return the same for two general laws."""
    return 0.5 * np.sum(lv_2 - lv_1 + (np.exp(lv_1) + (m_1 - m_2) ** 2) / np.exp(lv_2) - 1, axis=-1)


def exact(rows: list[np.ndarray]) -> mpmath.mpf:
    """Return the divergence of one row with digits to spare."""
    m_1, v_1, m_2, v_2 = ([mpmath.mpf(float(x)) for x in row] for row in rows)
    return mpmath.fsum(
        (b - a + mpmath.exp(a - b) + (m - n) ** 2 * mpmath.exp(-b) - 1) / 2
        for m, a, n, b in zip(m_1, v_1, m_2, v_2, strict=True)
    )


def worst(function: Function, laws: list[np.ndarray]) -> float:
    """Return the worst relative error of a sample of rows in eps."""
    sample = [v[:SAMPLE] for v in laws]
    got = np.asarray(function(*sample), dtype=float)
    full = sample + [np.zeros_like(sample[0])] * (4 - len(sample))
    with mpmath.workdps(50):
        rights = [exact([v[row] for v in full]) for row in range(len(got))]
        eps = float(np.finfo(laws[0].dtype).eps)
        return max(float(abs(value - right) / right) / eps for value, right in zip(got, rights, strict=True))


def peers(count: int) -> dict[str, Function]:
    """Return what is installed of numexpr, torch and JAX as functions of NumPy arrays."""
    found: dict[str, Function] = {}
    if numexpr := installed("numexpr"):
        names = ["m", "v", "n", "w"][:count]
        formula = "1+v-m*m-exp(v)" if count == 2 else "w-v+(exp(v)+(m-n)**2)/exp(w)-1"
        sign = -0.5 if count == 2 else 0.5
        found["numexpr"] = lambda *laws: (
            sign * numexpr.evaluate(formula, dict(zip(names, laws, strict=True))).sum(axis=-1)
        )
    if torch := installed("torch"):

        def in_torch(*laws: np.ndarray) -> object:
            m, v, *rest = (torch.from_numpy(x) for x in laws)
            if not rest:
                return -0.5 * torch.sum(1 + v - m * m - torch.exp(v), dim=-1)
            n, w = rest
            return 0.5 * torch.sum(w - v + (torch.exp(v) + (m - n) ** 2) / torch.exp(w) - 1, dim=-1)

        found["torch"] = in_torch
    if jax := installed("jax"):
        jax.config.update("jax_enable_x64", True)
        jnp = importlib.import_module("jax.numpy")

        def formula_in_jax(*laws: object) -> object:
            m, v, *rest = laws
            if not rest:
                return -0.5 * jnp.sum(1 + v - m * m - jnp.exp(v), axis=-1)
            n, w = rest
            return 0.5 * jnp.sum(w - v + (jnp.exp(v) + (m - n) ** 2) / jnp.exp(w) - 1, axis=-1)

        compiled = jax.jit(formula_in_jax)
        found["jax.jit"] = lambda *laws: compiled(*laws).block_until_ready()
    return found


def installed(name: str) -> object | None:
    """Return a module, or None if it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def medians(functions: list[Function], laws: list[np.ndarray]) -> list[float]:
    """Return the median seconds of each function; they take turns."""
    runs = int(min(300, max(5, BUDGET / laws[0].size)))
    times: list[list[float]] = [[] for _ in functions]
    for run in range(runs + 2):
        for function, seconds in zip(functions, times, strict=True):
            start = time.perf_counter()
            function(*laws)
            if run > 1:
                seconds.append(time.perf_counter() - start)
    return [median(seconds) for seconds in times]


def main() -> None:
    """Measure and print one table."""
    parser = argparse.ArgumentParser(description="Measure the array kernels, in ratios.")
    parser.add_argument("--quick", action="store_true", help="leave out the largest size")
    sizes = SIZES[:-1] if parser.parse_args().quick else SIZES
    cases: list[tuple[str, Function, Function, int]] = [
        ("kl_standard_normal", kl_standard_normal, textbook_standard, 2),
        ("kl_diag_normal", kl_diag_normal, textbook_diagonal, 4),
    ]
    print(
        "ns: per element, NumPy textbook; ratios: time / NumPy textbook; eps: worst error, here / where P is nearly Q\n"
    )
    print(f"{'kernel':<20}{'size':>12} {'dtype':<8}{'ns':>7}  {'competitor':<14}{'ratio':>6}{'eps':>9}{'eps near':>11}")
    for title, ours, textbook, count in cases:
        for rows, width in sizes:
            for dtype in (np.float32, np.float64):
                random = np.random.default_rng(0)
                laws = [random.normal(size=(rows, width)).astype(dtype) for _ in range(count)]
                close = [(v if count == 2 else 1 + v) for v in laws]
                near = [(NEAR[dtype] * v).astype(dtype) for v in close]
                functions = {"NumPy textbook": textbook, "kl_symbolic": ours, **peers(count)}
                seconds = medians(list(functions.values()), laws)
                nanoseconds = seconds[0] / laws[0].size * 1e9
                start = f"{title:<20}{f'{rows} x {width}':>12} {np.dtype(dtype).name:<8}{nanoseconds:>7.2f}"
                for (name, function), time_taken in zip(functions.items(), seconds, strict=True):
                    errors = worst(function, laws), worst(function, near)
                    print(
                        f"{start}  {name:<14}{time_taken / seconds[0]:>6.2f}{errors[0]:>9.2g}{errors[1]:>11.2g}",
                        flush=True,
                    )
                    start = " " * len(start)


if __name__ == "__main__":
    main()
