"""Values of functions that have programs, by their definitions to many digits; and arguments of all sizes."""

from __future__ import annotations

import mpmath
import numpy as np

from kl_symbolic.code.arrays import Interpreter
from kl_symbolic.code.program import program_of
from kl_symbolic.functions import all_functions

CTX = mpmath.MPContext()
AGREE = 25  # digits
MOST_DIGITS = 5_000

LOGARITHM_OF_GAMMA = "log_gamma"
ORDINARY = ("digamma", LOGARITHM_OF_GAMMA)  # functions of mpmath
POLYGAMMA = {"polygamma_1": 1, "polygamma_2": 2, "polygamma_3": 3}
ABOVE_MINUS_1 = ("log1pmx", "lgamma1p_remainder")
LOGITS = ["sigmoid_difference", "softplus_remainder"]  # of two points of any sign
TWO_POINTS = sorted(name for name, f in all_functions().items() if f.gap)
ONE_POINT = ["expm1mx", *ABOVE_MINUS_1, "sigmoid", "trigamma_excess", *ORDINARY, *POLYGAMMA]


class Gamma:
    """A value of the gamma function, which may be too large to compute; its logarithm is not."""

    def __init__(self, u):
        self.u = u


class Digits:
    """The namespace in which a definition has many digits."""

    def __getattr__(self, name):
        function = all_functions()[name]
        if function.definition:
            return lambda *args: function.definition(self, *args)
        return getattr(CTX, function.names["mpmath"])

    @property
    def euler_gamma(self):
        return +CTX.euler

    def gamma(self, u):
        return Gamma(u)

    def log(self, u):
        return CTX.loggamma(u.u) if isinstance(u, Gamma) else CTX.log(u)


def at_precision(name, args):
    if name == LOGARITHM_OF_GAMMA:
        return CTX.loggamma(*args)
    if name in POLYGAMMA:
        return CTX.polygamma(POLYGAMMA[name], *args)
    if name in ORDINARY:
        return getattr(CTX, name)(*args)
    return getattr(Digits(), name)(*args)


def exact(name, *args):
    """Return a value to many digits: the precision is doubled until they agree; 0 may be all that is left of them."""
    if (name in TWO_POINTS and args[0] == args[1]) or (not any(args) and name != "sigmoid"):
        return CTX.mpf(0)
    digits = 60 + int(max(map(abs, args))) if name in LOGITS else 40  # more than 1 + e^x needs
    before = None
    while digits < MOST_DIGITS:
        with CTX.workdps(digits):
            value = at_precision(name, [CTX.mpf(float(a)) for a in args])
            if before and value and abs(value - before) <= abs(value) * CTX.mpf(10) ** -AGREE:
                return value
        digits, before = 2 * digits, value
    raise ValueError(f"{name} at {args} has no digits")


def computed(name, dtype, *args):
    """Return the values of a program; of two points, the difference is rounded."""
    if name in TWO_POINTS:
        x, a = args
        args = x, a, x - a
    return computed_with_gap(name, *args, dtype=dtype)


def computed_with_gap(name, *args, dtype=np.float64):
    """Return the values of a program."""
    program = program_of(name)
    with np.errstate(all="ignore"):
        return Interpreter(np, np.dtype(dtype)).run(program, dict(zip(program.arguments, args, strict=True)))[0]


def sizes(rng, count, low, high):
    return 10.0 ** rng.uniform(low, high, count)


def arguments(name, dtype, count):
    """Draw arguments: ordinary, very small and large, nearly equal, near points where something changes."""
    rng = np.random.default_rng(len(name))
    far = 290 if dtype is np.float64 else 33
    digits = 15.5 if dtype is np.float64 else 6.8
    sign = rng.choice([-1, 1], count)
    if name in LOGITS or name == "sigmoid":
        most = 700 if dtype is np.float64 else 80
        a = np.concatenate([rng.uniform(-size, size, count) for size in (5, 40, most)])
        x = a + rng.choice([-1, 1], len(a)) * sizes(rng, len(a), -digits, 1.5)
        fits = abs(x) < most
        return [v[fits].astype(dtype) for v in ((x, a) if name in LOGITS else (x,))]
    if name in TWO_POINTS:
        a = np.concatenate(
            [sizes(rng, count // 4, -far, far), sizes(rng, count // 2, -2, 3), sizes(rng, count, -4, far / 12)]
        )
        ratio = np.concatenate([1 + sign * sizes(rng, count, -digits, 0), sizes(rng, len(a) - count, -3, 3)])
        x = a * rng.permutation(ratio)
        x = np.where(rng.random(len(x)) < 0.1, sizes(rng, len(x), -far, far), x)
        return [v.astype(dtype)[x > 0] for v in (x, a)]
    close = sign * sizes(rng, count, -digits, 0)
    if name == "expm1mx":
        x = np.concatenate(
            [close, rng.uniform(-3, 3, count), sign * sizes(rng, count, 0, 1.9), -sizes(rng, 20, 2, far)]
        )
    elif name in ABOVE_MINUS_1:
        x = np.concatenate([close, rng.uniform(-1, 2, count), sizes(rng, count // 2, 0, far)])
        x = x[x.astype(dtype) > -1]
    else:
        x = np.concatenate([sizes(rng, count // 2, -far, far), sizes(rng, count, -3, 3), 1 + close, 2 + close])
        x = x[x > 0]
    return [x.astype(dtype)]
