"""Parameters of laws for the tests of the array functions: at random, near the switches, in the extremes."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

from kl_symbolic.numeric import entropy_discrete, kl_diag_normal, kl_normal, kl_standard_normal

DTYPES = [np.float64, np.float32]
DISTANCES = {np.float64: [10.0**-k for k in range(1, 13)], np.float32: [10.0**-k for k in range(1, 7)]}
DOWN_TO_EPS = DISTANCES | {np.float64: [10.0**-k for k in range(1, 16)]}  # as near as rounding lets p and q come
NORMALS = [kl_normal, kl_diag_normal, kl_standard_normal]


def pairs(distances):
    """Return every dtype with each of its distances."""
    return [(dtype, distance) for dtype, row in distances.items() for distance in row]


def normalised(weights, dtype):
    return (weights / weights.sum(axis=-1, keepdims=True)).astype(dtype)


# Drawn at random: Q at the given relative distance from P, or independent of it


def draw(kernel, dtype, distance=None, width=3, rows=60):
    """Return the parameters of an array of laws."""
    if kernel in NORMALS:
        return draw_normal(kernel, dtype, distance, (rows,) if kernel is kl_normal else (rows, width), rows)
    p, q = draw_discrete(dtype, distance, width, rows, seed=rows)
    return [p] if kernel is entropy_discrete else [p, q]


def draw_normal(kernel, dtype, distance, shape, seed):
    random = np.random.default_rng(seed)
    location, scale = random.normal(0, 3, shape), random.normal(0, 2, shape)
    if kernel is kl_normal:
        scale = np.exp(scale)
    if kernel is kl_standard_normal:
        laws = [location, scale] if distance is None else [distance * location, distance * scale]
    elif distance is None:
        laws = [location, scale, location[::-1] + 1, scale[::-1]]
    else:
        laws = [location, scale, *(v * (1 + distance * random.uniform(-1, 1, shape)) for v in (location, scale))]
    return [v.astype(dtype) for v in laws]


def draw_discrete(dtype, distance=None, outcomes=10, rows=60, seed=None):
    random = np.random.default_rng(outcomes if seed is None else seed)
    p = random.gamma(0.5, size=(rows, outcomes)) + 1e-12
    q = random.permuted(p, axis=-1) if distance is None else p * (1 + distance * random.uniform(-1, 1, p.shape))
    return normalised(p, dtype), normalised(q, dtype)


# Strategies of Hypothesis

reals = st.floats(-1e150, 1e150)
scales = st.floats(1e-150, 1e150)
log_variances = st.floats(-700, 700)


# Near the switches


def log_ratios_around_switches(points):
    """Return logarithms of ratios of scales on both sides of those where a kernel changes its formula."""
    switches = (-1, -0.7, -0.5, -0.4, 0.4, 0.5, 0.7, 1)
    return np.array([c + d for c in switches for d in np.linspace(-0.02, 0.02, points)])


def normals_of_log_ratios(log_ratios, dtype):
    """Return for each kernel the parameters of laws with equal means whose scales have these ratios."""
    zeros, sigma_2 = np.zeros_like(log_ratios), np.full_like(log_ratios, 0.7)
    mu, logvar = zeros[:, None].astype(dtype), 2 * log_ratios[:, None].astype(dtype)
    return {
        kl_normal: [v.astype(dtype) for v in (zeros, sigma_2 * np.exp(log_ratios), zeros, sigma_2)],
        kl_standard_normal: [mu, logvar],
        kl_diag_normal: [mu, logvar + dtype(0.3), mu, mu + dtype(0.3)],
    }


# In the extremes

EXTREME_SCALES = [  # mu_1, sigma_1, mu_2, sigma_2
    (1e150, 1.0, -1e150, 1.0),
    (1e160, 1.0, 0.0, 1.0),  # overflows, as it should
    (1e160, 1.0, 0.0, 1e10),
    (1.5e308, 1.0, -1.5e308, 1e300),  # the difference of the means overflows, the divergence does not
    (0.0, 1e-300, 0.0, 1e300),  # the ratio of the scales underflows
    (0.0, 1e300, 0.0, 1e-300),
    (0.0, 1.8e154, 0.0, 1.0),  # the square of the ratio overflows, half of it does not
    (0.0, 1.0, 0.0, 1e9),
]
SUBNORMAL_SCALES = [(0.0, 5e-324, 0.0, 1e-320), (1e-320, 1e-320, 3e-320, 2e-320)]
EXTREME_LOG_VARIANCES = [  # mu_1, logvar_1, mu_2, logvar_2
    (0.0, 350.123, 0.0, -340.456),  # the rounding error of the difference, magnified 690-fold
    (0.0, -700.0, 0.0, 700.0),
    (0.0, 700.0, 0.0, -700.0),
    (1e150, 700.0, -1e150, 699.9),
    (1e300, 1500.0, 0.0, 1500.0),  # 1/sigma_2 underflows, the divergence does not
    (1e-300, -1500.0, 0.0, -1500.0),
    (0.0, -1e4, 0.0, -1e4 + 1),
    (0.0, -1e308, 0.0, 1e308),
    (0.0, 1e308, 0.0, -1e308),
    (0.0, 710.4, 0.0, 0.0),  # the exponential overflows, half of it does not
]
