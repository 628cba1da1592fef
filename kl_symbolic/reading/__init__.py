"""Read what people write - text, LaTeX, SymPy expressions - into the language of derivations."""
