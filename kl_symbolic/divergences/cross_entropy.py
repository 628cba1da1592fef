"""The cross-entropy."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="cross_entropy",
    title="Cross-entropy",
    words="the cross-entropy H(P, Q)",
    reverse="the cross-entropy H(Q, P)",
    left=lambda m, p, q: m.CrossEntropy(p, q),
    plan="expectation",
    spellings=("cross entropy", "crossentropy", "xent"),
    letters=("H", "h"),
)
