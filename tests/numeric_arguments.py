"""Arguments of every public function of arrays, calls with some of them changed, and what such a call must give."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from numeric_exact import flat

from kl_symbolic import numeric
from kl_symbolic.errors import RequestError

P = np.array([[0.25, 0.25, 0.5, 0.0], [0.125, 0.125, 0.25, 0.5]])
Q = np.array([[0.5, 0.25, 0.125, 0.125], [0.25, 0.25, 0.0625, 0.4375]])
WIDTHS = np.array([[0.5, 1.0, 2.0, 0.5], [1.0, 0.25, 0.5, 2.0]])
FIRST = np.array([[1.0, -2.0, 0.5, 0.0], [0.25, 3.0, -1.0, 2.0]])
SECOND = np.array([[0.0, -1.5, 2.5, 1.0], [-0.75, 1.0, 0.5, 0.125]])
SCALES = [np.array([[1.0, 0.5, 2.0, 0.75], [0.25, 3.0, 1.5, 4.0]]), np.array([[2.0, 0.5, 1.0, 0.5], [1.25, 2, 3, 1]])]
HOT = np.eye(4)[[0, 2]]
NORMAL = {"mu_1": FIRST, "sigma_1": SCALES[0], "mu_2": SECOND, "sigma_2": SCALES[1]}
DIAGONAL = {"mu_1": FIRST, "logvar_1": SECOND, "mu_2": -SECOND, "logvar_2": FIRST[:, ::-1]}
STANDARD = {"mu": FIRST, "logvar": SECOND}
LAWS = {"p": P, "q": Q}
GOOD = {  # arguments whose numbers are exact in all floating dtypes
    "kl_normal": NORMAL,
    "kl_diag_normal": DIAGONAL,
    "kl_standard_normal": STANDARD,
    "vae_loss": {"reconstruction": np.array(2.5), **STANDARD},
    "kl_bernoulli": {"p_1": P, "p_2": Q},
    "kl_bernoulli_logits": {"logit_1": FIRST, "logit_2": SECOND},
    "kl_discrete": LAWS,
    "entropy_discrete": {"p": P},
    "cross_entropy_discrete": LAWS,
    "histogram_kl": {"p": P / WIDTHS, "q": Q / WIDTHS, "widths": WIDTHS},
    "histogram_kl of counts": {"p": 8 * P, "q": 3 * Q},
    "in_bits": {"nats": FIRST},
}
for family in ("kl_normal", "kl_diag_normal", "kl_standard_normal"):
    GOOD[f"{family}_grad"] = GOOD[f"{family}_value_and_grad"] = GOOD[family]
GOOD["vae_loss_value_and_grad"] = GOOD["vae_loss"]
POINTS = {"x": SCALES[0], "a": SCALES[1]}
REMAINDERS = {  # functions of numbers, not of laws: infinite ones are taken
    "expm1mx": {"t": FIRST},
    "log1pmx": {"x": SCALES[0]},
    "lgamma1p_remainder": {"e": SCALES[0]},
    "trigamma_excess": {"x": SCALES[0]},
    "itakura_saito": POINTS,
    "kl_div": POINTS,
    "lgamma_remainder": POINTS,
    "gamma_shape_remainder": POINTS,
    "digamma_difference": POINTS,
    "digamma_log_difference": POINTS,
    "log_ratio": POINTS,
    "sigmoid": {"x": FIRST},
    "sigmoid_difference": {"x": FIRST, "a": SECOND},
    "softplus_remainder": {"x": FIRST, "a": SECOND},
    "difference_of_products": {"a": FIRST, "b": SECOND, "c": SCALES[0], "d": SCALES[1]},
}
BY_NAME = {"kl", "kl_grad", "kl_value_and_grad"}  # functions of laws that are named
PLACES = [(name, argument) for name, arguments in GOOD.items() for argument in arguments]
ARRAYS = [place for place in PLACES if place[1] != "reconstruction"]
SEVERAL = [place for place in ARRAYS if len(GOOD[place[0]]) > 1]


def function(name):
    return getattr(numeric, name.split()[0])


WITH_AXIS = [name for name in GOOD if "axis" in inspect.signature(function(name)).parameters]


WITH_OUT = ["kl_normal", "kl_diag_normal", "kl_standard_normal", "kl_discrete", "entropy_discrete", "histogram_kl"]


def call(name, changes=(), /, **options):
    return function(name)(**{**GOOD[name], **dict(changes), **options})


def assert_same(got, expected):
    """Compare to the last bit; results are plain arrays or NumPy scalars."""
    for one, other in zip(flat(got), flat(expected), strict=True):
        assert type(one) is type(other)
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other, strict=True)


def refusal(run):
    with pytest.raises(RequestError) as caught:
        run()
    message = str(caught.value)
    assert "\n" not in message
    assert len(message) < 250
    return message


# Odd layouts


class Own(np.ndarray):
    """A subclass."""


def reversed_in_memory(values):
    return np.ascontiguousarray(values[::-1, ::-1])[::-1, ::-1]
