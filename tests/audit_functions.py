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


def over_axes(*axes):
    """Return a divergence that is summed over those axes, such as height and width, of coordinates."""
    return lambda mu, logvar: -0.5 * np.sum(1 + logvar - mu**2 - np.exp(logvar), axis=axes)


def loss_function(recon_x, x, mu, logvar, beta=1.0):
    return np.abs(recon_x - x).sum() + beta * textbook(mu, logvar).sum()


def in_one_array(h):
    return textbook(*np.split(h, 2, axis=1))


def several(mu, logvar):
    return textbook(mu, logvar) + 1, textbook(mu, logvar)


def named(mu, logvar):
    return dict(zip(("loss", "kl"), several(mu, logvar), strict=True))


class Loss:
    """A class whose objects are functions, and have a method that is one."""

    def __call__(self, mu, logvar):
        return textbook(mu, logvar)

    def twice(self, mu, logvar):
        return 2 * textbook(mu, logvar)


class LossWithArguments(Loss):
    def __init__(self, beta):
        self.beta = beta
