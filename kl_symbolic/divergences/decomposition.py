"""The divergence as cross-entropy minus entropy, which holds for all laws."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="decomposition",
    title="Divergence as cross-entropy minus entropy",
    words="KL(P ‖ Q) = H(P, Q) - H(P)",
    left=lambda m, p, q: m.KL(p, q),
    right=lambda m, p, q: m.CrossEntropy(p, q) - m.Entropy(p),
    plan="decomposition",
    bits=False,
    distinct=True,
)
