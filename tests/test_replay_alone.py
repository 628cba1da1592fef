"""Proof files are replayed where no library is installed: with Python alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kl_symbolic
from kl_symbolic.engine import derive
from kl_symbolic.kernel import prove
from kl_symbolic.proof.codec import to_json
from kl_symbolic.proof.question import Question

LIBRARIES = ("sympy", "numpy", "mpmath", "flint", "rich", "array_api_compat", "shtab")
ALONE = f"""
import sys

class Refusing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LIBRARIES!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}, for it is refused", name=name)

sys.meta_path.insert(0, Refusing())
"""
REPLAY = """
from kl_symbolic import replay
for path in sys.argv[1:]:
    proof = replay(open(path, encoding="utf-8").read())
    print(proof.steps, proof.statement.right, *map(str, proof.conditions), sep="|")
"""
QUESTIONS = [
    Question("kl", "normal", "normal"),
    Question("gradient", "diagonal_normal", "diagonal_normal", dim=2),
    Question("moment", "poisson", of="mean"),
    Question("kl", "normal", "standard_normal", "logvar", "logvar", unit="bits"),
]


def alone(program, *arguments):
    """Run a program in an interpreter that refuses to import the libraries, in which nothing is imported before."""
    # -S: nothing that is installed adds a hook of its own; the package is found by its folder.
    home = str(Path(kl_symbolic.__file__).parent.parent)
    start = f"import sys\nsys.path.insert(0, {home!r})\n{ALONE}"
    return subprocess.run([sys.executable, "-S", "-c", start + program, *arguments], capture_output=True, text=True)


def told(done):
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def line(proof):
    return "|".join([str(proof.steps), str(proof.statement.right), *map(str, proof.conditions)])


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return proof files of format 2, and what is to be told of them."""
    folder = tmp_path_factory.mktemp("files")
    proofs = {}
    for place, question in enumerate(QUESTIONS):
        path = folder / f"{place}.json"
        path.write_text(to_json(derive(question)), encoding="utf-8")
        proofs[str(path)] = line(prove(derive(question)))
    return proofs


def test_files_of_format_2_are_replayed_alone(files):
    assert told(alone(REPLAY, *files)) == [*files.values()]


def test_files_of_format_1_are_replayed_alone():
    paths = sorted(map(str, (Path(__file__).parent / "format_1").glob("*.json")))
    assert len(paths) >= 12
    found = told(alone(REPLAY, *paths))
    assert len(found) == len(paths)
    assert all(int(line.split("|")[0]) > 0 for line in found)


def test_what_is_wrong_is_refused_alone_too():
    path = Path(__file__).parent / "must_reject" / "format_2" / "wrong_result.json"
    done = alone(REPLAY, str(path))
    assert done.returncode == 1
    assert "ProofError: kl(normal, normal), step " in done.stderr
    assert "(collect): the two sides are not equal by this rule" in done.stderr


def test_terms_and_questions_are_made_alone():
    program = """
from kl_symbolic.kernel import prove_step
from kl_symbolic.proof.derivation import Step
from kl_symbolic.proof.question import Question
from kl_symbolic.proof.statement import left_side
from kl_symbolic.terms import Namespace
m = Namespace()
prove_step(Step("collect", m.log(m.pi * 2), m.log(2) + m.log(m.pi)))
print(left_side(Question("entropy", "normal")))
"""
    assert told(alone(program)) == ["Entropy(Law(normal, mu, sigma))"]


@pytest.mark.parametrize(
    "program",
    [
        "import kl_symbolic.engine",
        "from kl_symbolic import derive",
        "import kl_symbolic.terms.sympy",
        "import kl_symbolic.numbers",
        *(f"import {library}" for library in LIBRARIES),
    ],
)
def test_the_refusal_of_libraries_is_able_to_fail(program):
    done = alone(program)
    assert done.returncode == 1
    assert "for it is refused" in done.stderr
