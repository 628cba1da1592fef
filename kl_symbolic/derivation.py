"""The derivation as users meet it: to read, print and save."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from textwrap import shorten
from types import NoneType
from typing import TypeVar, Unpack

from sympy import Basic, Expr, IndexedBase, Symbol

from kl_symbolic import render
from kl_symbolic.arguments import checked, require_type
from kl_symbolic.certificate import certificate
from kl_symbolic.checks import Report
from kl_symbolic.errors import RequestError, WrongTypeError
from kl_symbolic.kernel import Proof
from kl_symbolic.options import Environment, Lemmas, parse_label
from kl_symbolic.options import label as default_label
from kl_symbolic.proof import codec
from kl_symbolic.proof.derivation import Derivation as Record
from kl_symbolic.proof.derivation import Equation, Step
from kl_symbolic.proof.parameters import base_of
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import Special, put_in
from kl_symbolic.proof.statement import laws
from kl_symbolic.render.symbols import require_symbols
from kl_symbolic.terms import Symbol as OwnSymbol
from kl_symbolic.terms import Term
from kl_symbolic.terms.sympy import ordinary, with_coordinates

MOST_SHOWN = 300  # characters of a closed form at a prompt


class Options(render.NotationFields, total=False):
    """How a derivation is shown in every format: see `Derivation.document`."""

    notation: render.Notation | None
    proof: Proof | None
    report: Report | None
    stages: Iterable[int] | None
    lemmas: Lemmas | None


class LabelOptions(Options, total=False):
    """How it is shown where its parts can be referred to."""

    label: str | None


class LatexOptions(LabelOptions, total=False):
    """How it is shown in LaTeX and Markdown."""

    environment: Environment


T = TypeVar("T", Options, LabelOptions, LatexOptions)


@dataclass(frozen=True)
class Derivation:
    """A derivation to read, print, save and prove.

    Attributes
    ----------
    record
        The derivation as plain data, see `kl_symbolic.proof`.
    special
        Values in place of parameters, and what the result then is; None for the general theorem, which `record` is.
    symbols
        What SymPy has for symbols of `special`, where the user gave symbols of SymPy; `closed_form` is in them.

    Examples
    --------
    >>> from kl_symbolic import derive
    >>> d = derive("exponential", "exponential")
    >>> d.closed_form
    log(lambda_1/lambda_2) - 1 + lambda_2/lambda_1
    >>> [step.rule for step in d.steps]
    ['definition', 'logarithm', 'linearity', 'definition', 'theorem', 'collect']
    >>> derive("exponential", "exponential", where="lambda_2 = 1").closed_form
    log(lambda_1) - 1 + 1/lambda_1
    """

    record: Record
    special: Special | None = None
    symbols: tuple[tuple[OwnSymbol, Basic], ...] = ()

    def __post_init__(self) -> None:
        require_type(self.record, Record, "the record of a derivation")
        require_type(self.special, (Special, NoneType), "a special case, or None,")
        require_type(self.symbols, tuple, "a tuple of symbols, each with SymPy's,")

    @property
    def name(self) -> str:
        """The name of what is derived: ``kl(normal, normal)``, or ``kl(normal, normal) where mu_2 = 0``."""
        where = self.special.where if self.special else ""
        joint = ", " if self.question.where else " where "
        return f"{self.record.name}{joint}{where}" if where else self.record.name

    @property
    def is_special(self) -> bool:
        """Whether parameters have values."""
        return self.special is not None and bool(self.special.values)

    @property
    def question(self) -> Question:
        """What was asked for."""
        return self.record.question

    @property
    def statement(self) -> Equation:
        """The equation that is derived, in the terms of `kl_symbolic.terms`."""
        if self.special is None:
            return self.record.statement
        return Equation(put_in(self.record.statement.left, self.special.values), self.special.right)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps from the definition to the closed form, of the general theorem where this is a special case."""
        return self.record.steps

    @property
    def lemmas(self) -> tuple[Derivation, ...]:
        """The derivations that this one rests on, each before those that cite it."""
        return tuple(Derivation(part) for part in self.record.with_lemmas() if part is not self.record)

    @property
    def closed_form(self) -> Expr:
        """The result as an ordinary SymPy expression, in nats unless bits were asked for; a matrix for gradients.

        Coordinates are counted from 1, as in the derivation; in code that SymPy makes of it, such as that of
        ``lambdify``, as the language counts: ``mu[1]`` is the first element of an array.
        """
        return self._for_users(self.statement.right)

    @property
    def parameters(self) -> tuple[Expr, ...]:
        """The symbols in which the closed form is written, in the order of arguments: ``lambdify(parameters, ...)``.

        First the parameters of P, then those of Q; then the dimension, the free coordinate or the point, if there is
        one. A parameter of a product law is an array of coordinates where the dimension is a symbol, and otherwise
        each of its coordinates.
        """
        closed, question = self.closed_form, self.question
        own: list[Expr] = []
        for parameter in laws(question).parameters:
            base = self._for_users(base_of(self.special.renamed(parameter) if self.special else parameter))
            arrays = parameter.head == "Indexed" and question.dim
            own += [base[k] for k in range(1, question.dim + 1)] if arrays and question.dim else [base]
        names = {base.label for base in closed.atoms(IndexedBase)}
        others = (s for s in closed.free_symbols if isinstance(s, Symbol) and s not in names)
        return tuple(s for s in dict.fromkeys((*own, *sorted(others, key=str))) if closed.has(s))

    def _for_users(self, term: Term) -> Expr:
        """Return a term as SymPy has it, with coordinates that are counted as a language counts."""
        renamed = self.special.renamed(term) if self.special else term
        return with_coordinates(ordinary(renamed, dict(self.symbols)))

    def __str__(self) -> str:
        return render.one_line(self.document(stages=()))

    def to_text(self, **options: Unpack[Options]) -> str:
        """Return the derivation as Unicode text; the options are those of `document`."""
        return render.plain(self.document(**_known(options, Options)))

    def to_latex(self, **options: Unpack[LatexOptions]) -> str:
        """Return the theorem and its stages as LaTeX to paste; the options are those of `document`.

        Lemmas are named only, unless `lemmas` says otherwise.
        """
        named: LatexOptions = {"lemmas": "name"}
        return render.fragment(self.document(**(named | _known(options, LatexOptions))))

    def to_tex(self, **options: Unpack[LatexOptions]) -> str:
        """Return a complete LaTeX article; the options are those of `document`."""
        return render.article(self.document(**_known(options, LatexOptions)))

    def to_pdf(self, **options: Unpack[LatexOptions]) -> bytes:
        """Return the article typeset by pdflatex; the options are those of `document`."""
        return render.pdf(self.to_tex(**options))

    def to_markdown(self, **options: Unpack[LatexOptions]) -> str:
        """Return Markdown with formulas between ``$$``; the options are those of `document`."""
        return render.markdown(self.document(**_known(options, LatexOptions)))

    def to_github(self, **options: Unpack[LatexOptions]) -> str:
        """Return Markdown as GitHub typesets it; the options are those of `document`."""
        return render.markdown(self.document(**_known(options, LatexOptions), macros=False), render.GITHUB)

    def to_html(self, **options: Unpack[LabelOptions]) -> str:
        """Return a stand-alone page; the options are those of `document`."""
        return render.html(self.document(**_known(options, LabelOptions), macros=False))

    def to_cell(self, **options: Unpack[Options]) -> str:
        """Return HTML that fits into a notebook or another page; the options are those of `document`."""
        return render.cell(self.document(**_known(options, Options), macros=False))

    def to_json(self) -> str:
        """Return the derivation as a proof file, which `replay` loads and proves anew; always the general theorem."""
        return codec.to_json(self.record)

    @checked
    def document(
        self,
        *,
        notation: render.Notation | None = None,
        proof: Proof | None = None,
        report: Report | None = None,
        stages: Iterable[int] | None = None,
        lemmas: Lemmas | None = None,
        label: str | None = None,
        environment: Environment = "equation",
        macros: bool = True,
        **fields: Unpack[render.NotationFields],
    ) -> render.Document:
        """Lay the derivation out.

        Parameters
        ----------
        notation
            How symbols are written.
        proof, report
            What `prove` and `verify` returned for this derivation; their findings are printed at the end.
        stages
            Numbers of the stages to show; None shows everything.
        lemmas
            ``"full"`` shows them with their proofs, ``"fold"`` without, ``"name"`` names them where they are cited.
            By default the first; with a selection of stages the second, for those that these stages cite.
        label
            Prefix of the labels: ``"vae"`` makes ``vae-statement``, ``vae-1`` and so on. By default the name of the
            derivation. Two derivations on one page need different labels, and so do two copies of one.
        environment
            ``"equation"``: each stage is a formula after a sentence about it. ``"align"``: the stages stand below one
            another at their equals signs, and the sentences after them. For LaTeX and Markdown.
        macros
            Whether a macro of your own for the divergence can be defined where this is read.
        **fields
            Those of `Notation`, in place of what `notation` says: ``log="ln"``.

        Raises
        ------
        RequestError
            If an option does not fit.
        """
        notation = replace(notation or render.Notation(), **fields)
        if self.special:
            own = {str(base_of(ours)): render.tex_of_name(symbol.name) for ours, symbol in self.special.names}
            notation = replace(notation, symbols=own | dict(notation.symbols))
        notation = notation if macros else notation.without_macro()
        chosen = None if stages is None else frozenset(stages)
        count = len(self.steps) + self.is_special
        if chosen is not None and not chosen <= set(range(1, count + 1)):
            raise RequestError(f"there are {count} stages, numbered from 1; given: {sorted(chosen)}")
        if label is not None:
            parse_label(label)
        require_symbols(notation, self.record)
        where = self.special.values if self.special else ()
        known = isinstance(proof, Proof) and (proof.derivation, proof.where) == (self.record, where)
        if proof is not None and not known:
            raise RequestError(f"the proof is none of this derivation of {self.name}; prove it itself")
        if report is not None and report.name != self.name:
            raise RequestError(f"the report is not about {self.name} but about {report.name}")
        closing = certificate(proof, report) if proof else None
        return render.document(
            self.record,
            notation,
            certificate=closing,
            stages=chosen,
            lemmas=lemmas,
            prefix=label or default_label(self.name),
            special=self.special if self.is_special else None,
            aligned=environment == "align",
        )

    # There is no _repr_markdown_: hosts that take Markdown take HTML first, but for some that read it otherwise than it
    # is written, and lose the backslashes.
    def _repr_html_(self) -> str:
        return self.to_cell()

    def _repr_latex_(self) -> str:
        return render.display(self.document(stages=()))

    def __repr__(self) -> str:
        return f"<Derivation {self.name}: {shorten(str(self.closed_form), MOST_SHOWN, placeholder=' ...')}>"


def _known(options: T, kind: type[T]) -> T:
    """Return options, if the way to print has all of them."""
    for name in options:
        if name not in kind.__annotations__:
            raise WrongTypeError(f"no option {name!r} here; there are {', '.join(sorted(kind.__annotations__))}")
    return options
