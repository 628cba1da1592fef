"""Worked examples, run with `python -m examples.NAME` from the root of the repository."""
