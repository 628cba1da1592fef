"""A page for everything in `kl_symbolic.catalogue`, written into ``reference/theorems`` before Sphinx reads."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from docutils.nodes import make_id
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util.parallel import make_chunks
from sphinx.util.typing import ExtensionMetadata

from kl_symbolic import Derivation, catalogue, closed_form
from kl_symbolic.divergences import DEFAULT_QUANTITY, find_quantity, restatement_of
from kl_symbolic.options import label
from kl_symbolic.proof.parameters import records_by_law
from kl_symbolic.proof.question import Question
from kl_symbolic.render import captions

FOLDER = "reference/theorems"

INDEX = """# Theorems

Everything here is derived, proved by the [kernel](../../explanation/kernel.md) and compared with numbers while these
pages are built; the build fails if one of it does not hold. Each page shows all stages, what each stage cites, what the
proof leans on, and the proof itself as a [file](../proof-file-format.md).
"""


def title(question: Question, *, several: bool) -> str:
    """Return the heading of a page, with the parameters where there are several choices of them."""
    words = captions.title(question)
    if not several and make_id(words) != label(question.name):  # the anchor of the derivation itself
        return words
    return f"{words} ({parameters(question)})"


def parameters(question: Question) -> str:
    """Return the parameters of a question in words; those of both laws where they differ."""
    laws = records_by_law(question).values()
    both = [" and ".join(record.meaning for record in records.values()) for records in laws]
    return "; ".join(dict.fromkeys(both))


def options(question: Question) -> dict[str, str]:
    """Return what `derive` takes beside the laws."""
    asked = {"quantity": question.quantity, "of": question.of, **question.options}
    return {name: str(value) for name, value in asked.items() if value not in (None, DEFAULT_QUANTITY)}


def directive(name: str, question: Question) -> str:
    """Return a directive about a question."""
    lines = [f"```{{{name}}} {' '.join(filter(None, (question.p, question.q)))}"]
    lines += [f":{option}: {value}" for option, value in options(question).items()]
    return "\n".join([*lines, "```"])


def reference(question: Question) -> str:
    """Return a link to the page of a question, with its parameters as text."""
    return f"[{parameters(question)}]({label(question.name)}.md)"


def command(question: Question) -> str:
    """Return the command line that prints a derivation."""
    words = ["kl-symbolic derive", question.p, question.q or ""]
    words += [f"--{option.replace('_', '-')} {value}" for option, value in options(question).items()]
    return " ".join(filter(None, words))


def pages(derivations: list[Derivation]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of each page."""
    same: dict[tuple[str | None, ...], list[Question]] = defaultdict(list)
    by_quantity: dict[str, list[Derivation]] = defaultdict(list)
    for d in derivations:
        same[without_param(d.question)].append(d.question)
        by_quantity[d.question.quantity].append(d)
    known = frozenset(d.question for d in derivations)
    for d in derivations:
        others = [other for other in same[without_param(d.question)] if other != d.question]
        yield label(d.name), page(d.question, others, known)
    parts = [INDEX]
    for quantity, members in by_quantity.items():
        names = "\n".join(f"{d.name} <{label(d.name)}>" for d in members)
        parts += [
            f"## {find_quantity(quantity).title}",
            f"```{{kl-catalogue}}\n:quantity: {quantity}\n```",
            f"```{{toctree}}\n:hidden:\n\n{names}\n```",
        ]
    yield "index", "\n\n".join(parts)


def without_param(question: Question) -> tuple[str | None, ...]:
    """Return what questions share that differ in their parameters only."""
    return question.quantity, question.p, question.q, question.of


def why_stable(question: Question) -> list[str]:
    """Return why a stable form keeps its digits, and how many."""
    form = closed_form(question.p, question.q, quantity=find_quantity(question.quantity).restates, **question.options)
    bounds = form.error_bound
    if len(bounds) == 1:
        why = (
            "No term is negative, and each is 0 only where the two laws agree in it. So nothing cancels as they "
            "approach one another, and the sum is as exact as its terms."
        )
        said = f"In floating point: {bounds[0]}."
    else:
        why = "Each difference of two parameters is taken before anything else, where it is exact or nearly so."
        said = "In floating point:\n\n" + "\n".join(
            f"- by `{name}`: {bound}" for name, bound in zip(form.parameters, bounds, strict=True)
        )
    edges = [f"Where {name} = {at} the divergence is {value}, the limit." for name, at, value in form.edges]
    words = [question.p, question.q or "", *(f"--{k.replace('_', '-')} {v}" for k, v in question.options.items() if v)]
    command_ = f"`kl-symbolic code {' '.join(words)}{' --gradient' if len(bounds) > 1 else ''}`"
    return ["## Why it keeps its digits", why, said, *edges, f"{command_} prints it as a function."]


def page(question: Question, others: list[Question], known: frozenset[Question] = frozenset()) -> str:
    """Return the page of a theorem; `others` state the same in other parameters; `known` have pages, too."""
    parts = [
        f"# {title(question, several=bool(others))}",
        f"`{command(question)}` prints this page in a terminal.",
        directive("kl-derivation", question),
    ]
    restating = restatement_of(question.quantity)
    stable = None if restating is None else replace(question, quantity=restating)
    if stable in known:
        parts.append(f"In floating point it is computed in a [stable form]({label(stable.name)}.md).")
    if find_quantity(question.quantity).restates:
        parts += why_stable(question)
    if others:
        parts.append("The same in other parameters: " + ", ".join(map(reference, others)) + ".")
    return "\n\n".join(parts)


def write(app: Sphinx) -> None:
    """Write the pages that are new or have changed, and remove those that are no more."""
    folder = Path(app.srcdir, FOLDER)
    folder.mkdir(exist_ok=True)
    wanted = {folder / f"{name}.md": text + "\n" for name, text in pages(list(catalogue()))}
    for path in set(folder.glob("*.md")) - set(wanted):
        path.unlink()
    for path, text in wanted.items():
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")


def deal(app: Sphinx, _env: BuildEnvironment, docnames: list[str]) -> None:
    """Deal the pages to the processes like cards: those that take long are neighbours in the order of names."""
    hands = len(make_chunks(docnames, app.parallel)) if docnames else 1
    docnames[:] = [name for hand in range(hands) for name in docnames[hand::hands]]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register with Sphinx."""
    app.connect("builder-inited", write)
    app.connect("env-before-read-docs", deal)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
