"""Test vectors for implementations: parameters as exact doubles, values to many digits that are all certain."""

from kl_symbolic.reference.making import vectors
from kl_symbolic.reference.table import TestParameter, TestVector, Vectors

__all__ = ["TestParameter", "TestVector", "Vectors", "vectors"]
