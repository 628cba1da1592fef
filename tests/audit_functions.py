"""Functions that are audited in tests, and the pairs of laws they are for."""

import numpy as np

VAE = ("diagonal_normal", "standard_normal", ("mu", "logvar"))
NORMALS = ("normal", "normal", ("mu_1", "sigma_1", "mu_2", "sigma_2"))
QUICK = 12


def textbook(mu, logvar):
    return -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=-1)


def normal(m, s, n, t):
    return np.log(t / s) + (s**2 + (m - n) ** 2) / (2 * t**2) - 0.5


def sentences(found):
    return " | ".join(map(str, found.findings))
