"""How much the divergence changes if the laws are exchanged."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="asymmetry",
    title="Asymmetry of the Kullback-Leibler divergence",
    words="the difference KL(P ‖ Q) - KL(Q ‖ P)",
    reverse="the difference KL(Q ‖ P) - KL(P ‖ Q)",
    left=lambda m, p, q: m.KL(p, q) - m.KL(q, p),
    plan="combination",
    spellings=("asymmetry",),
    distinct=True,
)
