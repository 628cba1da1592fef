"""The reader of code: Python, R, Julia, MATLAB and the languages of C, as people paste them. Nothing is run."""

from kl_symbolic.reading.code.reader import Code, is_code, read_code

__all__ = ["Code", "is_code", "read_code"]
