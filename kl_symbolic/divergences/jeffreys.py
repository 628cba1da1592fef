"""Jeffreys' divergence, which is the same in both directions."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="jeffreys",
    title="Jeffreys' divergence",
    words="Jeffreys' divergence KL(P ‖ Q) + KL(Q ‖ P)",
    left=lambda m, p, q: m.KL(p, q) + m.KL(q, p),
    plan="combination",
    spellings=("jeffreys", "symmetric", "symmetrised", "symmetrized"),
    letters=("J",),
    distinct=True,
    besides=(("the mean of KL(P ‖ Q) and KL(Q ‖ P)", lambda m, p, q: (m.KL(p, q) + m.KL(q, p)) / 2),),
)
