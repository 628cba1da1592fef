"""Ways to compute with tensors of torch and JAX, and the comparison of what comes with exact values."""

from __future__ import annotations

import inspect
from functools import partial

import mpmath
import numeric_draws
import numpy as np
import pytest
from numeric_arguments import REMAINDERS
from numeric_exact import EPS_ALLOWED, EXACT, exactly

from kl_symbolic import numeric
from kl_symbolic.numeric import entropy_discrete, kl_discrete, kl_normal, kl_standard_normal, vae_loss

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")
torch = pytest.importorskip("torch")

ROWS = 40
WIDEST = {np.float64: 700, np.float32: 80}  # logarithms of variances
draw = partial(numeric_draws.draw, rows=ROWS)


# NumPy arrays in and out, another library in between


def by_torch(kernel, *arrays, **options):
    return kernel(*map(torch.tensor, arrays), **options).numpy()


def by_jax(kernel, *arrays, **options):
    return np.asarray(kernel(*map(jnp.asarray, arrays), **options))


def by_jax_jit(kernel, *arrays, **options):
    return np.asarray(jax.jit(lambda *tensors: kernel(*tensors, **options))(*map(jnp.asarray, arrays)))


WAYS = [by_torch, by_jax_jit]
LIBRARIES = pytest.mark.parametrize("xp", [torch, jnp], ids=["torch", "jax"])


def call(xp, kernel, *arrays):
    """Return what a kernel makes of NumPy arrays and numbers as tensors of a library: JAX's compiled, to be quick."""
    if xp is torch:
        return kernel(*(torch.tensor(v) if isinstance(v, np.ndarray) else v for v in arrays))
    return jax.jit(kernel)(*arrays)


# Arguments


def draw_wide(kernel, dtype):
    """Parameters of huge and tiny scales; pairs far apart, and pairs at a distance whose rounding error counts."""
    random, shape = np.random.default_rng(1), (ROWS, 3)
    m_1, m_2 = random.normal(0, 3, (2, *shape))
    v_1, v_2 = random.uniform(-WIDEST[dtype], WIDEST[dtype], (2, *shape))
    # Divergences far below the dtype's largest number or above it: half of what overflows is not computed again.
    at_edge = (v_1 - v_2 > WIDEST[dtype]) & (v_1 - v_2 < WIDEST[dtype] + 20)
    v_1 = np.where(at_edge, v_2 + WIDEST[dtype], v_1)
    if kernel is kl_normal:
        scale = [np.exp(v[:, 0] / 2.5) for v in (v_1, v_2)]
        laws = [[m_1[:, 0], scale[0], m_2[:, 0], scale[1]]]
    elif kernel is kl_standard_normal:
        laws = [[m_1, v_1]]
    else:
        laws = [[m_1, v_1, m_2, v_2], [m_1, v_1, m_2, v_1 - random.uniform(0, 80, shape)]]
    return [[v.astype(dtype) for v in law] for law in laws]


def arrays_of(name, dtype=np.float64, distance=None):
    """Arguments of a function, given its name."""
    if name == "in_bits":
        return draw(entropy_discrete, dtype)
    if name in REMAINDERS:
        given = [given for given in inspect.signature(getattr(numeric, name)).parameters if given != "gap"]
        return list(np.random.default_rng(1).lognormal(0, 1, (len(given), ROWS, 3)).astype(dtype))
    if name == "histogram_kl":
        return draw(kl_discrete, dtype, distance)
    base = getattr(numeric, name.removesuffix("_grad").removesuffix("_value_and"))
    if base is vae_loss:
        return [np.array(3, dtype), *draw(kl_standard_normal, dtype, distance)]
    return draw(base, dtype, distance)


def tensors_of(name, xp, dtype=np.float64, distance=None):
    return [xp.asarray(v) for v in arrays_of(name, dtype, distance)]


# The comparison


def smallest(way, dtype):
    """Return the least number that is told from 0: XLA has no subnormal ones."""
    info = np.finfo(dtype)
    return info.smallest_subnormal if "torch" in way.__name__ else info.smallest_normal


def errors(way, kernel, cases, reference=None):
    """Return the errors in eps of all cases; computed in one call, since each shape is compiled anew."""
    reference = reference or EXACT[kernel]
    whole = [np.concatenate([case[k] for case in cases]) for k in range(len(cases[0]))]
    dtype = whole[0].dtype
    got, info, found = way(kernel, *whole), np.finfo(dtype), []
    assert got.dtype == dtype
    # What underflows in one of the terms is lost to XLA.
    floor = smallest(way, dtype) * (1 if "torch" in way.__name__ else 2 * whole[0][0].size)
    with mpmath.workdps(130):  # the textbook formula cancels up to 52 of them, e^-700 needs as many again
        for k, value in enumerate(got):
            exact = reference(*(exactly(v[k]) for v in whole))
            if exact > info.max:
                assert value == np.inf
                continue
            assert np.isfinite(value)
            assert value >= 0
            off = abs(exactly(value) - exact)
            found.append(0.0 if off <= float(floor) else float(off / exact / float(info.eps)))
    return found


def assert_accurate(way, kernel, *cases):
    assert max(errors(way, kernel, cases)) <= EPS_ALLOWED
