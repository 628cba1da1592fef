"""Questions and what they mean, derivations with their steps, special cases, and proof files."""
