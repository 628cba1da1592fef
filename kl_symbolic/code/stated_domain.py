"""For which arguments bounds of errors are stated: ordinary use and more, within what float32 can hold."""

from __future__ import annotations

from collections.abc import Mapping

from kl_symbolic.code.float_interval import FloatInterval
from kl_symbolic.families import Parameter
from kl_symbolic.functions import Domain

STATED = {
    Domain.REAL: FloatInterval(-1e6, 1e6),
    Domain.NONNEGATIVE: FloatInterval(0.0, 1e6),
    Domain.POSITIVE: FloatInterval(1e-6, 1e6),
    Domain.UNIT: FloatInterval(1e-6, 1 - 1e-6),
    Domain.NATURAL: FloatInterval(0.0, 1e6),
    Domain.INDEX: FloatInterval(1.0, 1e6),
}
STATED_LOGARITHMS = FloatInterval(-20.0, 20.0)


def stated_interval(parameter: Parameter) -> FloatInterval:
    """Return the interval of a parameter for which bounds are stated.

    Examples
    --------
    >>> from kl_symbolic.families import find
    >>> [stated_interval(one).high for one in find("normal").family.parameters_in("logvar")]
    [1000000.0, 20.0]
    """
    return STATED_LOGARITHMS if parameter.logarithm else STATED[parameter.domain]


def stated_words(within: Mapping[str, FloatInterval]) -> str:
    """Return intervals in words.

    >>> stated_words({"mu_1": FloatInterval(-1, 1), "mu_2": FloatInterval(-1, 1), "s": FloatInterval(1e-6, 1e6)})
    'mu_1, mu_2 from -1 to 1; s from 1e-06 to 1e+06'
    """
    names: dict[FloatInterval, list[str]] = {}
    for name, interval in within.items():
        names.setdefault(interval, []).append(name)
    return "; ".join(f"{', '.join(own)} from {one.low:g} to {one.high:g}" for one, own in names.items())
