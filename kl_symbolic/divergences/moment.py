"""The expectation of a statistic."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="moment",
    title="Moments",
    heading="{of}",
    words="the moment",
    left=lambda m, p, moment: m.expectation(moment.statistic, p),
    of="moment",
    plan="moment",
    laws=1,
    bits=False,
)
