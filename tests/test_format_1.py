"""Proof files of format 1, written when that was the format, are read and proved anew, and prove what they proved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from kl_symbolic.engine import derive
from kl_symbolic.errors import ProofError, ProofFileError
from kl_symbolic.kernel import prove, replay
from kl_symbolic.proof.codec import from_json, to_json
from kl_symbolic.proof.format_1 import RENAMED, UNCHANGED

FILES = sorted((Path(__file__).parent / "format_1").glob("*.json"))
BYTES = 300_000


def by_today(question, path):
    """Return what the engine of today writes for the question of a file."""
    return derive(question, "direct" if path.stem.endswith("direct") else None)


def test_there_are_files_of_every_kind_of_question():
    questions = [from_json(path.read_text("utf-8")).question for path in FILES]
    kinds = {question.quantity for question in questions}
    assert kinds >= {"kl", "entropy", "gradient", "asymmetry", "decomposition", "moment", "score"}
    assert {question.unit for question in questions} == {"nats", "bits"}
    assert {None, 3} <= {question.dim for question in questions if question.p.startswith("diagonal")}
    assert sum(path.stat().st_size for path in FILES) < BYTES
    heads = {node[0] for path in FILES for node in json.loads(path.read_text("utf-8"))["nodes"]}
    assert heads == {*RENAMED, *UNCHANGED, "Integer", "Rational"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_file_of_format_1_proves_what_it_proved(path):
    text = path.read_text("utf-8")
    assert json.loads(text)["version"] == 1
    proof = replay(text)
    today = prove(by_today(proof.question, path))
    assert proof.statement == today.statement
    assert (proof.axioms, proof.lemmas, proof.steps) == (today.axioms, today.lemmas, today.steps)
    assert set(proof.conditions) == set(today.conditions)


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_it_is_written_again_in_format_2(path):
    derivation = from_json(path.read_text("utf-8"))
    again = to_json(derivation)
    assert json.loads(again)["version"] == 2
    assert from_json(again) == derivation


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_a_wrong_result_is_refused_in_format_1_too(path):
    data = json.loads(path.read_text("utf-8"))
    nodes, last = data["nodes"], data["derivations"][-1]["steps"][-1]
    head, *parts = nodes[last["after"]]
    if head == "Vector":
        nodes += [["Add", parts[0], parts[0]], [head, len(nodes), *parts[1:]]]
    else:
        nodes += [["Add", last["after"], last["after"]]]
    last["after"] = len(nodes) - 1
    with pytest.raises(ProofError, match=r"not equal by this rule"):
        replay(json.dumps(data))


def test_a_chain_starts_from_the_statement_in_whatever_order_but_from_nothing_else():
    """Format 1 had the factors of a statement in bits in another order."""
    (path,) = (path for path in FILES if path.stem == "kl_normal_normal_bits")
    derivation = from_json(path.read_text("utf-8"))
    first, *others = derivation.steps
    assert first.before is not prove(derivation).statement.left
    for wrong in (first.before + 1, 2 * first.before, first.after):
        with pytest.raises(ProofError, match=r"does not start from the statement|changes nothing"):
            prove(replace(derivation, steps=(replace(first, before=wrong), *others)))


@pytest.mark.parametrize("version", [0, 3, 1.0, "1", True, None])
def test_other_versions_are_refused(version):
    data = json.loads(FILES[0].read_text("utf-8")) | {"version": version}
    with pytest.raises(ProofFileError, match=r"version|only integers"):
        from_json(json.dumps(data))


@pytest.mark.parametrize(
    "node", [["Integer"], ["Integer", 1, 1], ["Rational", 1, 1], ["Rational", 2, 4], ["Number", 1, 1], ["Abs", 0]]
)
def test_what_format_1_did_not_have_is_refused(node):
    data = json.loads(FILES[0].read_text("utf-8"))
    data["nodes"].append(node)
    with pytest.raises(ProofFileError, match=f"node {len(data['nodes']) - 1}"):
        from_json(json.dumps(data))
