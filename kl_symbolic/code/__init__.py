"""Formulas as programs: traced once to straight-line code, with a bound of its error, and printed in many languages."""
