"""The (differential) entropy."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="entropy",
    title="Entropy",
    words="the entropy H(P)",
    reverse="the entropy H(Q)",
    left=lambda m, p: m.Entropy(p),
    plan="expectation",
    laws=1,
    spellings=("entropy", "ent"),
    letters=("H", "h"),
)
