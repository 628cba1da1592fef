"""Array kernels: divergences in NumPy that stay accurate when P is nearly Q, and in the extremes of the dtype."""

from kl_symbolic.numeric.normal import kl_diag_normal, kl_normal, kl_standard_normal
from kl_symbolic.numeric.units import in_bits

__all__ = ["in_bits", "kl_diag_normal", "kl_normal", "kl_standard_normal"]
