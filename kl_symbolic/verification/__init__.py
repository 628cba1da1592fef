"""Cross-check derivations by numbers, by routes that share nothing with what writes or proves them."""

from kl_symbolic.verification.crosscheck import verify
from kl_symbolic.verification.report import Check, Report

__all__ = ["Check", "Report", "verify"]
