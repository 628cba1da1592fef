"""What people write in place of a closed form: one catalogue and one search, for formulas and for functions."""

from kl_symbolic.slips.quantities import Quantity, quantities
from kl_symbolic.slips.search import Judge, Slip, plus, search, times

__all__ = ["Judge", "Quantity", "Slip", "plus", "quantities", "search", "times"]
