"""The divergence in a form that keeps its digits where both laws are nearly equal."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="stable_form",
    title="Stable form of the Kullback-Leibler divergence",
    words="the divergence KL(P ‖ Q) in a stable form",
    left=lambda m, p, q: m.KL(p, q),
    restates="kl",
    plan="stable",
    listed=("pairs",),
)
