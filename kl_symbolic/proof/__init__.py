"""The language of derivations: claims and what they mean, inert expressions, steps, and their JSON."""
