"""Audit a function that somebody wrote: values, edges, shapes and gradients, against proved closed forms."""

from kl_symbolic.audit.load import load_function
from kl_symbolic.audit.report import Audit, Finding, Row
from kl_symbolic.audit.run import TOLERANCE, audit

__all__ = ["TOLERANCE", "Audit", "Finding", "Row", "audit", "load_function"]
