"""What people write in place of a closed form: one catalogue and one search, for formulas and for functions."""

from kl_symbolic.slips.quantities import Candidate, quantities
from kl_symbolic.slips.search import Judge, Slip, plus, search, times

__all__ = ["Candidate", "Judge", "Slip", "plus", "quantities", "search", "times"]
