"""The only door to SymPy: terms as expressions of SymPy, and back."""

from kl_symbolic.terms.sympy.border import inert, ordinary, read
from kl_symbolic.terms.sympy.coordinates import with_coordinates
from kl_symbolic.terms.sympy.heads import Inert, head, transform

__all__ = ["Inert", "head", "inert", "ordinary", "read", "transform", "with_coordinates"]
