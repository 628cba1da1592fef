"""The directive ``rule-catalogue``: what each rule of the kernel says, may use and leans on, and where to see it."""

from collections.abc import Iterator

from generated import Generated, in_code
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from kl_symbolic import catalogue
from kl_symbolic.kernel import AXIOMS, RULES, rules
from kl_symbolic.kernel.alone import SINGLE_STEPS
from kl_symbolic.kernel.integrals import normalisation
from kl_symbolic.options import label
from kl_symbolic.render import captions


class RuleCatalogue(Generated):
    """A section for each rule, in the order of the kernel's table."""

    sources = (rules, captions)

    def markdown(self) -> list[str]:
        """Return the sections."""
        shown = dict(first_uses())
        sections = [line for name in RULES for line in section(name, shown.get(name))]
        return sections + [line for name in SINGLE_STEPS for line in single(name)]


def first_uses() -> Iterator[tuple[str, str]]:
    """Yield each rule with the label of the first equation that it gives."""
    seen = set()
    for derivation in catalogue():
        for number, step in enumerate(derivation.steps, start=1):
            if step.rule not in seen:
                seen.add(step.rule)
                yield step.rule, f"{label(derivation.name)}-{number}"


def section(name: str, shown: str | None) -> list[str]:
    """Return the section of a rule."""
    rule, (heading, words) = RULES[name], captions.RULES[name]
    says = words.format(integral="integral or sum", x="its variable", p="the density")
    says += " what an equation says that was proved before" if rule.cites else ""
    laws = sorted((*rule.theories, *rule.unfoldings), key=lambda law: law.__name__)
    leans = [AXIOMS[law] for law in laws if law in AXIOMS]
    leans += ["normalisation of the family's density"] if normalisation in laws else []
    used = in_code(["algebra", *(law.__name__ for law in laws)])
    facts = [
        f"- may use: {used}" if laws else "- may use: `algebra` alone",
        f"- leans on: {'; '.join(leans) or 'no axiom'}",
    ]
    if shown:
        page = shown.rpartition("-")[0]
        facts.append(f"- seen in: equation {{eq}}`{shown}` of [](theorems/{page}.md)")
    return [f"(rule-{name})=\n### `{name}`", f"{heading}: {says}.", "\n".join(facts)]


def single(name: str) -> list[str]:
    """Return the section of a rule that makes a whole derivation of one step."""
    heading, words = captions.RULES[name]
    says = words.format(p_space="one set", q_space="another one that does not hold it")
    return [f"(rule-{name})=\n### `{name}`", f"{heading}: {says}.", "- makes a whole derivation of one step"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.add_directive("rule-catalogue", RuleCatalogue)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
