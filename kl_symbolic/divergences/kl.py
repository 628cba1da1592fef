"""The Kullback-Leibler divergence."""

from kl_symbolic.divergences.quantity import Quantity

QUANTITY = Quantity(
    name="kl",
    title="Kullback-Leibler divergence",
    words="the divergence KL(P ‖ Q)",
    reverse="the reverse divergence KL(Q ‖ P)",
    left=lambda m, p, q: m.KL(p, q),
    plan="divergence",
    listed=("pairs", "products"),
    also=(lambda m, p, q: m.CrossEntropy(p, q) - m.Entropy(p),),
    besides=(("the mean of KL(P ‖ Q) and KL(Q ‖ P)", lambda m, p, q: (m.KL(p, q) + m.KL(q, p)) / 2),),
    spellings=("kl", "kld", "dkl", "divergence", "kullback", "leibler", "relative entropy"),
)
