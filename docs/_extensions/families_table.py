"""The directive ``families-table``: every family with its density, parameters, moments and sources."""

import sys

from generated import Generated, in_code
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from kl_symbolic.families import PRODUCT_PREFIX, Family, all_families
from kl_symbolic.functions import Domain
from kl_symbolic.proof.question import any_question
from kl_symbolic.proof.statement import laws, variable
from kl_symbolic.render import Notation, latex
from kl_symbolic.render.printer import Printer
from kl_symbolic.terms import Namespace


class FamiliesTable(Generated):
    """A section for each family."""

    sources = tuple(sys.modules[family.density.__module__] for family in all_families().values())

    def markdown(self) -> list[str]:
        """Return the sections."""
        return [line for family in all_families().values() for line in section(family)]


def section(family: Family) -> list[str]:
    """Return the section of a family."""
    found = laws(any_question(family.name))
    printer = Printer(Notation(), found)
    x = variable(family.support)
    density = latex(printer.expression(family.density(Namespace(), x, *found.parameters)))
    names = [family.name, PRODUCT_PREFIX + family.name, *family.members]
    facts = [
        f"- names: {in_code(names)}",
        f"- support: the {family.support.name.replace('_', ' ')}",
        *(f"- parameters{known(family, param)}: {parameters(family, param)}" for param in family.param_names),
        *(f"- {moment(family.name, m.name)}" for m in family.moments),
        *(f"- on arrays: {{py:func}}`~kl_symbolic.numeric.kl`, {pair}" for pair in on_arrays(family)),
        *(f"- source: {source}" for source in family.sources),
    ]
    head = f"(family-{family.name})=\n## {family.title.capitalize()}"
    return [head, f"$$\np({latex(printer.expression(x))}) = {density}\n$$", "\n".join(facts)]


def on_arrays(family: Family) -> list[str]:
    """Return the pairs of laws whose divergence is computed on arrays."""
    partners = dict.fromkeys(form.partner or family.name for form in family.stable_forms)
    return [in_code([family.name, partner]) for partner in partners]


def known(family: Family, param: str) -> str:
    """Return the name of a parameterisation, where there is a choice."""
    return f" (`{param}`)" if len(family.param_names) > 1 else ""


def parameters(family: Family, param: str) -> str:
    """Return what the parameters are: their names, symbols, meanings and domains."""
    found = laws(any_question(family.name, None, param))
    printer = Printer(Notation(), found)
    symbols = (latex(printer.expression(symbol)) for symbol in found.parameters)
    return ", ".join(
        f"`{p.name}` (${symbol}$, {p.meaning}{' > 0' if p.domain is Domain.POSITIVE else ''})"
        for p, symbol in zip(family.parameters_in(param), symbols, strict=True)
    )


def moment(family: str, name: str) -> str:
    """Return a moment, linked to where it is derived."""
    words = f"{family} quantity=moment of={name}"
    return f"{name.replace('_', ' ')}: {{kl-closed-form}}`{words}`, derived in {{kl-ref}}`{words}`"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.add_directive("families-table", FamiliesTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
