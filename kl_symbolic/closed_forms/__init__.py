"""Closed forms as functions of numbers and arrays, and as code in other languages."""

from kl_symbolic.closed_forms.form import ClosedForm, closed_form

__all__ = ["ClosedForm", "closed_form"]
