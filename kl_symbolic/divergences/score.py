"""The derivative of the logarithm of the density by a parameter."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="score",
    title="Score",
    heading="Score by the {of}",
    words="the score",
    left=lambda m, p, parameter: m.derivative(m.log_density(p), parameter),
    of="parameter",
    plan="score",
    laws=1,
    bits=False,
    listed=(),
)
