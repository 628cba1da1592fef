"""Derivations as JSON: complete, so that whoever reads a file needs nothing else of ours.

``nodes`` is the table of all expressions, see `kl_symbolic.terms.json`. ``derivations`` lists every derivation, the
lemmas before those that cite them and the main one last; steps and substitutions refer to nodes by position. A file is
data: text in it is never evaluated, and it never says that it is proved; `kl_symbolic.kernel.prove` decides that anew.
"""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from typing import NoReturn, get_args

from kl_symbolic.divergences import all_quantities
from kl_symbolic.errors import ProofFileError
from kl_symbolic.proof.derivation import Citation, Derivation, Step
from kl_symbolic.proof.format_1 import upgraded, upgraded_derivation, upgraded_question
from kl_symbolic.proof.question import Question, Unit
from kl_symbolic.proof.where import CONDITION, MOST_CONDITIONS
from kl_symbolic.terms.grammar import PARAMETER, REAL, STAGE
from kl_symbolic.terms.json import MAX_DIGITS, NAME, Reader, Writer, short

FORMAT = "kl_symbolic derivation"
VERSION = 2
MAX_CHARACTERS = 5_000_000
MAX_DERIVATIONS = 200
QUESTION_FIELDS = tuple(field.name for field in fields(Question))


def to_json(derivation: Derivation) -> str:
    """Write a derivation and everything it cites as JSON.

    Parameters
    ----------
    derivation
        Any derivation; whether it can be proved does not matter.

    Returns
    -------
    str
        A text from which `from_json` makes an equal derivation.

    Raises
    ------
    ProofFileError
        If an expression has a head or a symbol that is not in the language of derivations.

    Examples
    --------
    >>> from kl_symbolic.proof.statement import left_side
    >>> question = Question("entropy", "normal")
    >>> derivation = Derivation(question, (Step("definition", left_side(question), left_side(question)),))
    >>> from_json(to_json(derivation)) == derivation
    True
    """
    writer = Writer()
    derivations = [_derivation_fields(part, writer) for part in derivation.with_lemmas()]
    nodes = ",\n".join(json.dumps(node) for node in writer.nodes)
    return (
        f'{{\n"format": {json.dumps(FORMAT)},\n"version": {VERSION},\n'
        f'"nodes": [\n{nodes}\n],\n"derivations": {json.dumps(derivations, indent=1)}\n}}\n'
    )


def from_json(text: str) -> Derivation:
    """Read a derivation from JSON. It is as unproved as before, whoever wrote it.

    Parameters
    ----------
    text
        What `to_json` wrote, or anything else: nothing in it is evaluated, and time and memory are bounded.

    Returns
    -------
    Derivation
        The last derivation of the file, with the others as its lemmas.

    Raises
    ------
    ProofFileError
        If this is not a derivation; one line says what is wrong and where.
    """
    nodes, parts = _top_level(text)
    reader = Reader(nodes)
    found: dict[str, Derivation] = {}
    for part in parts:
        derivation = _read_derivation(part, reader, found)
        if derivation.name in found:
            raise ProofFileError(f"two derivations are called {derivation.name}")
        found[derivation.name] = derivation
    used = {part.name for part in derivation.with_lemmas()}
    unused = [name for name in found if name not in used]
    if unused:
        raise ProofFileError(f"{unused[0]} is not a lemma of the last derivation, {derivation.name}")
    return derivation


def _top_level(text: str) -> tuple[list[object], list[object]]:
    if len(text) > MAX_CHARACTERS:
        raise ProofFileError(f"the file is too large: {len(text)} characters, the limit is {MAX_CHARACTERS}")
    try:
        data = json.loads(
            text,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
            object_pairs_hook=_unique_keys,
        )
    except RecursionError:
        raise ProofFileError("the JSON is nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ProofFileError(f"truncated, or not JSON: {error}") from None
    kind, version, nodes, parts = _fields(data, "the file", "format", "version", "nodes", "derivations")
    if kind != FORMAT:
        raise ProofFileError(f"the format is {short(kind)}, expected {FORMAT!r}")
    if type(version) is not int or version not in (1, VERSION):
        raise ProofFileError(f"the version is {short(version)}, expected {VERSION} or 1")
    derivations, table = _list(parts, "derivations"), _list(nodes, "nodes")
    if version == 1:
        derivations, table = list(map(upgraded_derivation, derivations)), list(map(upgraded, table))
    if not 1 <= len(derivations) <= MAX_DERIVATIONS:
        raise ProofFileError(f"there are {len(derivations)} derivations, expected 1 to {MAX_DERIVATIONS}")
    return table, derivations


def _derivation_fields(derivation: Derivation, writer: Writer) -> dict[str, object]:
    return {
        "name": derivation.name,
        "question": asdict(derivation.question),
        "lemmas": [lemma.name for lemma in derivation.lemmas],
        "steps": [
            {
                "rule": step.rule,
                "before": writer.position(step.before),
                "after": writer.position(step.after),
                "cites": [
                    {
                        "name": citation.name,
                        "substitution": [[writer.position(s), writer.position(v)] for s, v in citation.substitution],
                    }
                    for citation in step.cites
                ],
            }
            for step in derivation.steps
        ],
    }


def _read_derivation(data: object, reader: Reader, earlier: dict[str, Derivation]) -> Derivation:
    name, question_fields, lemma_names, steps = _fields(data, "a derivation", "name", "question", "lemmas", "steps")
    question = _read_question(question_fields)
    if name != question.name:
        raise ProofFileError(f"the derivation {short(name)} claims {question.name}")
    lemmas = [_earlier(lemma, earlier, question.name) for lemma in _list(lemma_names, "lemmas")]
    if len({lemma.name for lemma in lemmas}) != len(lemmas):
        raise ProofFileError(f"{question.name}: a lemma is listed twice")
    read = [
        _read_step(step, reader, earlier, f"{question.name}, step {count}")
        for count, step in enumerate(_list(steps, "steps"), start=1)
    ]
    if not read:
        raise ProofFileError(f"{question.name}: there are no steps")
    return Derivation(question, tuple(read), tuple(lemmas))


def _read_question(data: object) -> Question:
    values = dict(zip(QUESTION_FIELDS, _fields(upgraded_question(data), "a question", *QUESTION_FIELDS), strict=True))
    for name, value in values.items():
        known = {"quantity": tuple(all_quantities()), "unit": get_args(Unit)}.get(name)
        if name == "dim":
            fits = value is None or type(value) is int
        elif name == "where":
            fits = isinstance(value, list) and len(value) <= MOST_CONDITIONS and all(map(_is_condition, value))
        elif known:
            fits = value in known
        else:
            fits = _is_name(value) or (value is None and name != "p")
        if not fits:
            raise ProofFileError(f"a question's {name} cannot be {short(value)}")
    values["where"] = tuple(_list(values["where"], "where"))
    return Question(**values)  # type: ignore[arg-type]


def _read_step(data: object, reader: Reader, earlier: dict[str, Derivation], where: str) -> Step:
    rule, before, after, cites = _fields(data, where, "rule", "before", "after", "cites")
    if not _is_name(rule):
        raise ProofFileError(f"{where}: the rule cannot be {short(rule)}")
    citations = [_read_citation(citation, reader, earlier, where) for citation in _list(cites, f"{where}: cites")]
    return Step(str(rule), reader.get(before, STAGE, where), reader.get(after, STAGE, where), tuple(citations))


def _read_citation(data: object, reader: Reader, earlier: dict[str, Derivation], where: str) -> Citation:
    name, pairs = _fields(data, f"{where}: a citation", "name", "substitution")
    substitution = {}
    for pair in _list(pairs, f"{where}: substitution"):
        match pair:
            case [parameter, value]:
                substitution[reader.get(parameter, PARAMETER, where)] = reader.get(value, REAL, where)
            case _:
                raise ProofFileError(f"{where}: a substitution consists of pairs of nodes, given: {short(pair)}")
    if len(substitution) != len(_list(pairs, "substitution")):
        raise ProofFileError(f"{where}: a parameter is substituted twice")
    return Citation(_earlier(name, earlier, where).name, tuple(substitution.items()))


def _earlier(name: object, earlier: dict[str, Derivation], where: str) -> Derivation:
    if not isinstance(name, str) or name not in earlier:
        raise ProofFileError(f"{where}: cites {short(name)}, which is not an earlier derivation of this file")
    return earlier[name]


def _fields(data: object, where: str, *names: str) -> list[object]:
    if not isinstance(data, dict) or data.keys() != set(names):
        given = ", ".join(short(key) for key in list(data)[:10]) if isinstance(data, dict) else short(data)
        raise ProofFileError(f"{where} must have the fields {', '.join(names)}, given: {given}")
    return [data[name] for name in names]


def _list(data: object, where: str) -> list[object]:
    if not isinstance(data, list):
        raise ProofFileError(f"{where} must be a list, given: {short(data)}")
    return data


def _is_name(value: object) -> bool:
    return isinstance(value, str) and NAME.fullmatch(value) is not None


def _is_condition(value: object) -> bool:
    return isinstance(value, str) and CONDITION.fullmatch(value) is not None


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_DIGITS:
        raise ProofFileError(f"a number of {len(digits)} digits, the limit is {MAX_DIGITS}")
    return int(digits)


def _no_number(text: str) -> NoReturn:
    raise ProofFileError(f"only integers are allowed, given: {short(text)}")


def _unique_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    data = dict(pairs)
    if len(data) != len(pairs):
        raise ProofFileError("a field occurs twice")
    return data
