"""Directives whose content is Markdown that is generated from the code."""

from abc import abstractmethod
from pathlib import Path
from types import ModuleType

from docutils import nodes
from sphinx.util.docutils import SphinxDirective


class Generated(SphinxDirective):
    """A directive that writes Markdown. The page is read again when one of the modules in `sources` changes."""

    sources: tuple[ModuleType, ...] = ()

    @abstractmethod
    def markdown(self) -> list[str]:
        """Return paragraphs."""

    def run(self) -> list[nodes.Node]:
        """Return what the paragraphs mean."""
        for module in self.sources:
            self.env.note_dependency(Path(module.__file__ or ""))
        return self.parse_text_to_nodes("\n\n".join(self.markdown()), allow_section_headings=True)


def in_code(names: object) -> str:
    """Return names as code, with commas: `std`, `var`."""
    return ", ".join(f"`{name}`" for name in names)  # type: ignore[attr-defined]
