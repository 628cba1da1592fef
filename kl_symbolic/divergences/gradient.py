"""The derivatives of the divergence by the parameters of both laws."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="gradient",
    title="Gradient of the Kullback-Leibler divergence",
    words="the gradient of KL(P ‖ Q)",
    left=lambda m, p, q: m.KL(p, q),
    differentiated=True,
    plan="gradient",
    spellings=("gradient", "grad"),
    listed=("families", "members"),
)
