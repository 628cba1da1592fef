"""Languages: one file each, which says how a program is written in it."""
