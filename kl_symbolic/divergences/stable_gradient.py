"""The gradient of the divergence in a form that keeps its digits where both laws are nearly equal."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="stable_gradient",
    title="Stable form of the gradient",
    words="the gradient of KL(P ‖ Q) in a stable form",
    left=lambda m, p, q: m.KL(p, q),
    restates="gradient",
    differentiated=True,
    plan="stable",
    listed=("pairs",),
)
