r"""Read a formula as people write it into the language of derivations. Nothing is evaluated as code.

Plain text, Unicode, the syntax of Python and SymPy, LaTeX, and SymPy expressions are recognised by themselves; code has
a reader of its own, `kl_symbolic.reading.code`. Every side of an equation is read but for names on the left:
``KL(P || Q) = ...``; the minus sign of ``-KL = ...`` is moved. Decimals are exact: 0.5 is 1/2. Nothing but numbers is
worked out while a formula is read: ``x/x`` stays a quotient.

*Operators.* ``^`` and ``**`` are powers, from right to left; ``-a^2`` is -(a^2). Signs of multiplication may be left
out: ``2 sigma^2``, ``(a)(b)``, ``mu_1 sigma_1``. A number never follows without a sign.

*Functions.* Those of `kl_symbolic.functions` as people call them, ``log`` = ``ln``, and ``log_2``, ``log_10``, ``e^``,
``√``, ``square``; ``np.log``, ``tf.math.log``, ``K.exp``, and ``LN(...)`` of spreadsheets. Without parentheses a
function reaches over the next factor with its power: ``log sigma_1^2``; a logarithm also over a product with pi,
``log 2 pi sigma^2``, with a note. Another function or a sum may follow, ``log a log b``; anything else is ambiguous:
``log a b``, ``log a/b``, ``√a^2``, in LaTeX also ``\log(a)^2``. In text ``log(a)^2`` is the power of the logarithm, as
in Python.

*Quotients.* What follows a quotient without a sign is ambiguous, ``1/2x``, ``a/b c``, unless the denominator is in
parentheses or braces, ``1/(2 s^2)(a + b)``, or a fraction of two numerals stands apart: ``1/2 log(2 pi)``, ``1/2
\sigma^2``, with a note. ``x^2y``, ``x^1/2`` and ``e^x/2`` are ambiguous.

*Sums.* ``Sum(..., (i, 1, n))``, ``sum_i``, ``\sum_{i=1}^n``, ``∑ᵢ₌₁ⁿ`` run over the coordinates of a product; without
parentheses over the term that follows, up to the next + or -. Any letter may be the index, and within the sum it
numbers coordinates and is nothing else; one other letter may stand for n, and is reported. In ``sum(mu^2 - 1)``,
without an index, every parameter stands for its coordinate; this is reported, too. Sums and means of arrays in code are
those of `kl_symbolic.reading.axes`. Matrices are diagonal: traces, determinants and products of vectors are sums.

*Names.* What ``symbols`` says comes first, then what people call the parameters: a name says a power of something or
its logarithm, and the words beside it which law it belongs to, see `kl_symbolic.reading.spelling` and
`kl_symbolic.reading.places`. Any of them is read in any parameterisation, and reported where it is not the parameter's
own. Letters of other scripts (Cyrillic, full-width) are refused by name.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.special import Special
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading import grammar
from kl_symbolic.reading.axes import Plain, getters, plain_sums, without_idle_indices
from kl_symbolic.reading.builder import built
from kl_symbolic.reading.grammar import Parsed
from kl_symbolic.reading.meaning import Meaning
from kl_symbolic.reading.names import Names
from kl_symbolic.reading.spelling import says_parameter
from kl_symbolic.reading.symbols import Symbols
from kl_symbolic.reading.syntax import Name, Node
from kl_symbolic.reading.syntax_terms import tree_of
from kl_symbolic.terms import Term


@dataclass(frozen=True)
class Reading:
    """A formula as it was read.

    Attributes
    ----------
    term
        What it says, in the language of derivations, `kl_symbolic.terms`.
    inferred
        What was taken for what: every name that is not the parameter's own, as written, and its meaning.
    notes
        What else was done to read it.
    names
        Every name as written, and what it stands for.
    """

    term: Term
    inferred: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    names: tuple[tuple[str, Meaning], ...] = ()


def parsed(text: object, tex: bool = False) -> Parsed:
    """Return the tree of a text, of which `plain` has made a line, of a term, or of a SymPy expression.

    Raises
    ------
    RequestError
        If it is no formula.
    """
    try:
        return grammar.parsed(text, tex) if isinstance(text, str) else Parsed(tree_of(text), ())
    except RecursionError:
        raise RequestError("not a formula: it is nested too deep") from None


def read_together(
    nodes: Sequence[Node],
    question: Question,
    symbols: Mapping[str, str] | None = None,
    exchanged: Collection[str] = (),
    special: Special | None = None,
) -> list[Reading | RequestError]:
    """Read formulas that belong together, such as the sides of an equation: their names mean the same.

    Parameters
    ----------
    nodes
        The trees of the formulas.
    question
        Whose parameters the names stand for.
    symbols
        Names of one's own.
    exchanged
        Indices that stand for the other law.
    special
        What parameters are equal to, and what the user calls them: a name need not tell apart what is equal.

    Returns
    -------
    list of Reading or RequestError
        For each formula, in their order.

    Raises
    ------
    RequestError
        If what is said of the names makes no sense.

    Examples
    --------
    >>> node = parsed("log(sigma) + 0.5").node
    >>> read_together([node], Question("entropy", "normal"))[0].term
    log(sigma) + 1/2
    """
    said = Symbols(symbols or {})
    product = laws(question).p.head == "ProductLaw"
    families = [member.family for member in free_laws(question).values()]

    def varies(name: Name) -> bool:
        return says_parameter(name.spelling, families)

    plain: list[Plain | RequestError] = []
    for node in nodes:
        try:
            whole = without_idle_indices(getters(node, varies), varies, numbered=len(families) > 1)
            plain.append(plain_sums(said.put_into(whole, product=product), varies, product=product))
        except RequestError as refusal:
            plain.append(refusal)
    names = Names(question, [one.node for one in plain if isinstance(one, Plain)], exchanged, special)
    return [one if isinstance(one, RequestError) else _read(one, names) for one in plain]


def _read(plain: Plain, names: Names) -> Reading | RequestError:
    names.inferred, names.found = {}, {}
    try:
        term = built(plain.node, names)
    except RequestError as refusal:
        return refusal
    except RecursionError:
        return RequestError("not a formula: it is nested too deep")
    if plain.notes:  # they say which sums these are
        names.inferred.pop("sum(...)", None)
    return Reading(term, tuple(names.inferred.items()), plain.notes, tuple(names.found.items()))
