"""The command `list`, which says what there is."""

from __future__ import annotations

import argparse

from kl_symbolic.cli.exit_codes import OK
from kl_symbolic.cli.streams import show


def run(_: argparse.Namespace) -> int:
    """Print the families, the names of laws, and everything that is derived."""
    from kl_symbolic.api import catalogue
    from kl_symbolic.families import all_families, names

    out = ["families"]
    for family in all_families().values():
        param = "; ".join(
            f"{name}: " + ", ".join(f"{p.name} ({p.meaning})" for p in family.parameters_in(name))
            for name in family.param_names
        )
        out.append(f"  {family.name:<14} {param}")
    out += ["names", "  " + " ".join(names()), "derived and proved"]
    for derivation in catalogue():
        out.append(f"  {derivation.name:<50} {derivation}")
    show("\n".join(out))
    return OK
