"""Proof files: exact round trips, and bounded refusal of everything else."""

import contextlib
import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kl_symbolic.engine import derive
from kl_symbolic.errors import KLError, ProofFileError
from kl_symbolic.families import all_families
from kl_symbolic.functions import Domain, all_functions
from kl_symbolic.kernel import RULES, prove
from kl_symbolic.proof import codec
from kl_symbolic.proof.codec import from_json, to_json
from kl_symbolic.proof.derivation import Derivation, Step
from kl_symbolic.proof.question import Question
from kl_symbolic.terms import Number, Symbol, Term
from kl_symbolic.terms.grammar import HEADS
from kl_symbolic.terms.json import DOMAINS, LEAVES, MAX_NODES, MAX_SIZE, Reader, Writer

QUESTIONS = [
    *(Question("kl", name, name) for name in all_families()),
    *(Question("moment", name, of=m.name) for name, family in all_families().items() for m in family.moments),
    *(Question("score", name, of=p.name) for name, family in all_families().items() for p in family.parameters),
    *(Question("kl", f"diagonal_{name}", f"diagonal_{name}") for name in all_families()),
    Question("entropy", "normal", param_p="var"),
    Question("cross_entropy", "normal", "normal"),
    Question("decomposition", "normal", "normal"),
    Question("kl", "normal", "normal", "logvar", "logvar"),
    Question("kl", "exponential", "normal"),
    Question("kl", "normal", "normal", unit="bits"),
    Question("kl", "standard_normal", "standard_normal"),
    Question("asymmetry", "normal", "standard_normal", "var", "var", unit="bits"),
    Question("asymmetry", "diagonal_normal", "diagonal_normal"),
    Question("kl", "diagonal_normal", "standard_normal", "logvar", "logvar", dim=3),
    Question("gradient", "normal", "standard_normal", "logvar", "logvar"),
    Question("gradient", "diagonal_normal", "standard_normal", "logvar", "logvar"),
    Question("gradient", "diagonal_normal", "diagonal_normal", dim=2),
]


NAMES = [*HEADS, *all_functions()]


def text_of(term):
    """Return a file with one step, in which `term` stands."""
    return to_json(Derivation(Question("entropy", "normal"), (Step("algebra", Number(0), term),)))


def with_nodes(*nodes):
    """Return the text of a file whose step ends in the last of `nodes`."""
    data = json.loads(text_of(Number(1)))
    data["nodes"] += [list(node) for node in nodes]
    data["derivations"][-1]["steps"][-1]["after"] = len(data["nodes"]) - 1
    return json.dumps(data)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda c: c.name)
def test_round_trip_is_exact(question):
    derivation = derive(question)
    text = to_json(derivation)
    again = from_json(text)
    assert again == derivation
    assert to_json(again) == text
    assert [d.name for d in again.with_lemmas()] == [d.name for d in derivation.with_lemmas()]


@pytest.mark.sample(8)
@pytest.mark.parametrize("question", QUESTIONS, ids=lambda c: c.name)
def test_what_was_read_is_proved_like_what_was_written(question):
    derivation = derive(question)
    assert prove(from_json(to_json(derivation))) == prove(derivation)


A, B = Symbol("a"), Symbol("b", Domain.POSITIVE)


@pytest.mark.parametrize(
    "term",
    [
        Term("Mul", 2, Term("Add", A, B)),  # not distributed
        Term("Add", A, A),
        Term("Add", 1, Term("Add", 2, Term("Add", B, 0))),
        Term("Mul", 1, Term("Mul", 1, 0)),
        Term("pow", Term("pow", A, 2), Fraction(1, 2)),
        Term("pow", 2, Fraction(1, 2)),
        Term("pow", A, 1),
        Term("Mul", Fraction(-2, 3), B, Term("pow", A, -1)),
        Number(-(10**299)),
        Term("pow", B, Term("pow", A, B)),
        *(Term(function.name, *function.arity * [B]) for function in all_functions().values()),
    ],
    ids=lambda e: str(e)[:20],
)
def test_terms_are_read_as_written(term):
    assert from_json(text_of(term)).steps[0].after is term


def test_the_file_says_nothing_of_being_proved():
    assert "proved" not in to_json(derive(Question("kl", "normal", "normal")))


@pytest.mark.parametrize("term", [Term("f", A), A + Term("Log", A), A + Number(10**300)], ids=lambda e: str(e)[:20])
def test_what_is_not_in_the_language_cannot_be_written(term):
    with pytest.raises(ProofFileError, match="cannot be written"):
        text_of(term)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("", "truncated, or not JSON"),
        ("[]", "must have the fields"),
        ("nonsense", "truncated, or not JSON"),
        ("{" * 5, "truncated, or not JSON"),
        ('{"a": ' * 100_000, "nested too deeply"),
        ('{"format": 1, "format": 1}', "a field occurs twice"),
        (" " * (codec.MAX_CHARACTERS + 1), "too large"),
        ("[1.5]", "only integers"),
        ("[Infinity]", "only integers"),
        ("[" + "9" * 301 + "]", "digits"),
        ("\ud800", "truncated, or not JSON"),
        (with_nodes(["Number", True, 1]), "two integers"),
        (with_nodes(["Number", 2, True]), "two integers"),
        (with_nodes(["Number", "2", 1]), "two integers"),
        (with_nodes(["Number", 2]), "two integers"),
        (with_nodes(["Number", 2, 4]), "lowest terms"),
        (with_nodes(["Number", 1, 0]), "lowest terms"),
        (with_nodes(["Number", 1, -2]), "lowest terms"),
        (with_nodes(["Symbol", "a" * 41, "real"]), "short identifier"),
        (with_nodes(["Symbol", "a\n", "real"]), "short identifier"),
        (with_nodes(["Symbol", "a", "complex"]), "domain"),
        (with_nodes(["Symbol", "a", ["real"]]), "domain"),
        (with_nodes(["pi", 0]), "1 arguments, pi takes 0"),
        (with_nodes([]), "begins with its head"),
        (with_nodes([["Add"], 0, 1]), "unknown head"),
        (with_nodes(["Number", 0, 1]), "repeats an earlier node"),
        (with_nodes(["Add", 0, 10**300 - 1]), "earlier node"),
        (with_nodes(["Indexed", 0, 1]), "must be an array"),
        (with_nodes(["Symbol", "q", "real"], ["Array", 2], ["Add", 3, 3]), "must be an expression"),
        (with_nodes(["Text", "cauchy"], ["Law", 2, 1]), "no family"),
        (with_nodes(["Text", "normal"], ["Law", 2, 1]), "no family"),
        (with_nodes(["Text", "normal"], ["Law", 2, 0, 1]), "is not an expression"),
        (with_nodes(["Text", "reals"], ["Integral", 0, 1, 2, 1]), "variable of integration"),
        (with_nodes(["Symbol", "n", "real"], ["Sum", 0, 2, 1]), "must be an index symbol"),
        (with_nodes(["Vector", 0, 1], ["Vector", 2, 2]), "must be an expression"),
        (with_nodes(["Diff", 0, 1]), "must be a parameter"),
        (with_nodes(["Add", 1, 1], ["pow", 1, 2]), "an exponent must be"),
        (with_nodes(["Number", 1001, 1], ["pow", 1, 2]), "an exponent larger"),
        (with_nodes(*(["Number", k, 1] for k in range(2, MAX_NODES + 2))), f"the limit is {MAX_NODES}"),
        (with_nodes(["Number", 1, 1001], ["pow", 1, 2]), "an exponent larger"),
        (with_nodes(["Number", 10**299, 1], ["Number", 999, 1], ["pow", 2, 3]), "bits would result"),
    ],
)
def test_hostile_files_are_refused_in_one_line(text, phrase):
    with pytest.raises(ProofFileError) as caught:
        from_json(text)
    assert phrase in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 500


def test_the_derivations_together_are_bounded():
    data = json.loads(with_nodes(["Symbol", "t", "real"], *(["Add", k, k] for k in range(2, 18))))
    (derivation,) = data["derivations"]
    derivation["steps"] *= MAX_SIZE // 2**16
    with pytest.raises(ProofFileError, match="too large, together"):
        from_json(json.dumps(data))


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)
    )
)
def test_any_json_is_refused(data):
    with pytest.raises(ProofFileError):
        from_json(json.dumps(data))


@given(st.data())
def test_any_field_may_be_wrong(data):
    content = json.loads(to_json(derive(Question("entropy", "normal"))))
    place = content
    while isinstance(place, list | dict) and place:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], list | dict) or not place[key] or data.draw(st.integers(0, 3)) == 0:
            place[key] = data.draw(st.none() | st.booleans() | st.integers() | st.text() | st.just([]) | st.just({}))
            break
        place = place[key]
    try_to_prove(json.dumps(content))


def try_to_prove(text):
    """Read and prove; any error but our own is a failure, and so is a long wait."""
    with contextlib.suppress(KLError):
        prove(from_json(text))


def mutated(text, rng):
    """Return a file with some nodes, rules, stages or substitutions changed."""
    data = json.loads(text)
    nodes = data["nodes"]
    for _ in range(rng.choice([1, 1, 2, 4])):
        at, other = rng.randrange(1, len(nodes)), rng.randrange(len(nodes))
        step = rng.choice(rng.choice(data["derivations"])["steps"])
        match rng.randrange(6):
            case 0:
                nodes[at][0] = rng.choice([*NAMES, *LEAVES])
            case 1 if nodes[at][0] in NAMES and len(nodes[at]) > 1:
                nodes[at][rng.randrange(1, len(nodes[at]))] = rng.randrange(at)
            case 2 if nodes[at][0] in LEAVES:
                nodes[at] = rng.choice(
                    [
                        ["Number", rng.choice([0, -1, 999, 10**299]), rng.choice([1, 1, 2])],
                        ["Symbol", rng.choice("xik"), rng.choice([*DOMAINS])],
                    ]
                )
            case 3:
                step["rule"] = rng.choice([*RULES])
            case 4:
                step["after"] = other
            case 5 if step["cites"]:
                rng.choice(step["cites"])["substitution"].append([at, other])
    return json.dumps(data)


@given(st.sampled_from(QUESTIONS), st.randoms(use_true_random=False))
def test_the_kernel_survives_mutants(question, rng):
    try_to_prove(mutated(to_json(derive(question)), rng))


@pytest.mark.slow
@settings(max_examples=5_000)
@given(st.sampled_from(QUESTIONS), st.randoms(use_true_random=False))
def test_the_kernel_survives_many_mutants(question, rng):
    try_to_prove(mutated(to_json(derive(question)), rng))


def nested(head_of, levels):
    """Return nodes in which each level contains the one before."""
    nodes = [["Symbol", "t", "positive"], ["Symbol", "a", "positive"], ["Number", 2, 1]]
    for _ in range(levels):
        nodes += head_of(1 + len(nodes))
    return nodes


HOSTILE = {
    "squares of logarithms": nested(lambda k: [["log", k], ["Add", k + 1, 3], ["pow", k + 2, 4]], 30),
    "powers of a sum": [["Symbol", f"s{k}", "positive"] for k in range(5)]
    + [["Add", 2, 3, 4, 5, 6], ["Number", 60, 1], ["pow", 7, 8]],
    "many factors": [["Symbol", "s", "positive"], ["Array", 2]]
    + [node for k in range(4_000) for node in (["Number", k + 100, 1], ["Indexed", 3, 4 + 2 * k])]
    + [["Mul", *range(5, 8_004, 2)]],
    "many fractions": [["Number", 1, 10**290 + 2 * k + 1] for k in range(2_000)] + [["Add", *range(2, 2_002)]],
    "logarithms of large numbers": [
        node for k in range(2_000) for node in (["Number", 10**290 + k, 1], ["log", 2 + 2 * k])
    ]
    + [["Add", *range(3, 4_002, 2)]],
    "sums in sums": [["Symbol", "t", "positive"], ["Number", 100, 1], ["Symbol", "i", "index"], ["Array", 2]]
    + [["Indexed", 5, 4], ["Sum", 6, 4, 3]]
    + [
        node
        for j in range(4)
        for k in [8 + 4 * j]
        for node in (["Symbol", f"i{j}", "index"], ["Indexed", 5, k], ["Mul", k - 1, k + 1], ["Sum", k + 2, k, 3])
    ],
    "derivatives of derivatives": [["Symbol", "t", "positive"], ["pow", 2, 2]] + [["Diff", k, 2] for k in range(3, 50)],
}


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("squares of logarithms", "density"),
        ("squares of logarithms", "collect"),
        ("powers of a sum", "algebra"),
        ("many factors", "algebra"),
        ("many fractions", "algebra"),
        ("logarithms of large numbers", "collect"),
        ("sums in sums", "write_out"),
        pytest.param("derivatives of derivatives", "differentiate", marks=pytest.mark.slow),
    ],
)
def test_hostile_expressions_are_refused(name, rule):
    data = json.loads(
        to_json(Derivation(Question("entropy", "normal"), derive(Question("entropy", "normal")).steps[:1]))
    )
    shift = len(data["nodes"]) - 2
    data["nodes"] += [[node[0], *(a + shift for a in node[1:])] if node[0] in NAMES else node for node in HOSTILE[name]]
    (step,) = data["derivations"][-1]["steps"]
    step |= {"rule": rule, "after": len(data["nodes"]) - 1}
    derivation = from_json(json.dumps(data))
    with pytest.raises(KLError):
        prove(derivation)


def test_exponents_that_share_their_parts_are_read_once():
    """Each of the powers has an exponent of 2^16 parts, which are 16 in the file."""
    first = json.loads(with_nodes(["Symbol", "t", "positive"]))["derivations"][-1]["steps"][-1]["after"]
    sums = [["Add", first + k, first + k] for k in range(16)]
    powers = [node for k in range(2_000) for node in (["Number", k + 2, 1], ["pow", first + 17 + 2 * k, first + 16])]
    assert from_json(with_nodes(["Symbol", "t", "positive"], *sums, *powers)).steps[-1].after.args[0] is Number(2_001)


def test_the_bound_of_a_symbol_is_written_and_read():
    low = Symbol("low")
    for bound in (Number(1), low, Symbol("middle", above=low)):
        term = Term("log", Symbol("alpha", Domain.POSITIVE, above=bound) + 1)
        writer = Writer()
        position = writer.position(term)
        assert Reader(writer.nodes).terms[position] is term


@pytest.mark.parametrize("above", [3, 99, -1, "x", None])
def test_a_bound_that_is_no_earlier_number_or_symbol_is_refused(above):
    nodes = [["Symbol", "a", "real"], ["Number", 1, 1], ["Add", 0, 1], ["Symbol", "b", "real", above]]
    with pytest.raises(ProofFileError, match="a symbol lies above"):
        Reader(nodes)
    with pytest.raises(ProofFileError, match="a symbol lies above"):
        Reader([*nodes[:3], ["Symbol", "b", "real", 2]])
