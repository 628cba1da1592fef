"""What people quarrel about when a formula is right: sum or mean, which logarithm, which law is P."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from kl_symbolic.divergences import find_quantity
from kl_symbolic.families import find
from kl_symbolic.proof.parameters import free_laws
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import laws
from kl_symbolic.reading.formula import Reading
from kl_symbolic.reading.spelling import form


def remarks(question: Question, reading: Reading) -> tuple[str, ...]:
    """Return what is worth saying about a right formula, in sentences.

    Examples
    --------
    >>> from kl_symbolic.reading.formula import parsed, read_together
    >>> question = Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar")
    >>> (found,) = read_together([parsed("sum(exp(logvar) + mu^2 - 1 - logvar)/2").node], question)
    >>> for sentence in remarks(question, found):
    ...     print(sentence)
    sum or mean: the sum over the coordinates is right; their mean is the divergence divided by n
    over a batch, the mean of these sums is the usual loss
    logvar is a logarithm: exp(logvar) is the variance, exp(logvar/2) the standard deviation
    """
    return (*_sum_or_mean(question, reading), *_logarithms(question, reading), *_order(question, reading))


def _sum_or_mean(question: Question, reading: Reading) -> Iterator[str]:
    if any(note.startswith("mean: over the samples") for note in reading.notes) and not _has_coordinates(question):
        yield "sum or mean: where the arrays have coordinates beside the samples, this is the divergence divided by n"
    elif _has_coordinates(question) and find_quantity(question.quantity).is_divergence:
        yield "sum or mean: the sum over the coordinates is right; their mean is the divergence divided by n"
        yield "over a batch, the mean of these sums is the usual loss"


def _has_coordinates(question: Question) -> bool:
    return laws(question).p.head == "ProductLaw"


def _logarithms(question: Question, reading: Reading) -> Iterator[str]:
    """Say what the exponential of a logarithm is; who takes one for another writes the commonest wrong loss."""
    families = [member.family for member in free_laws(question).values()]
    for written, meaning in reading.names:
        name = meaning.own_name.rpartition("_")[0] or meaning.own_name
        family = next((f for f in families if any(p.name == name for p in f.all_parameters)), None)
        if family is None or not (meaning.is_parameter and meaning.of_logarithm):
            continue
        own = form(name, family)
        of = [(form(p.name, family), p.meaning) for p in family.all_parameters if p.domain.positive]
        powers = sorted({(one.power, words) for one, words in of if one.of == own.of and one.power > 0}, reverse=True)
        parts = [f"exp({_times(Fraction(power, own.power), written)}) the {words}" for power, words in powers]
        yield f"{written} is a logarithm: {', '.join(parts).replace(') the', ') is the', 1)}"
        return


def _times(factor: Fraction, name: str) -> str:
    top = name if factor.numerator == 1 else f"{factor.numerator}*{name}"
    return top if factor.denominator == 1 else f"{top}/{factor.denominator}"


def exchanged(question: Question, reading: Reading) -> tuple[str, ...]:
    """Return what is worth saying where a formula is about the reverse divergence: perhaps the order was meant."""
    first, second = _names(question, reading)
    if not (first and second):
        return ()
    return (f"P was taken for the law of {first}; if that of {second} comes first, say so: KL(q || p) = ... in front",)


def _order(question: Question, reading: Reading) -> Iterator[str]:
    first, second = _names(question, reading)
    if first and second:
        reverse = find_quantity(question.quantity).reverse
        yield f"P, over which the mean is taken, has {first}; Q has {second}: {reverse} is another number"


def _names(question: Question, reading: Reading) -> tuple[str, str]:
    """Return the names in a formula of the parameters of P and of Q, where the two are laws of one family."""
    if not find_quantity(question.quantity).is_divergence or len(free_laws(question)) != 2 or question.q is None:  # noqa: PLR2004 - P and Q
        return "", ""
    of: dict[int, list[str]] = {1: [], 2: []}
    for written, meaning in reading.names:
        place = int(meaning.own_name[-1])
        if written not in of[place]:
            of[place].append(written)
    if find(question.p).family is not find(question.q).family:
        return "", ""
    return ", ".join(of[1]), ", ".join(of[2])
