"""Fuzz the reader of formulas: ``pip install atheris``, then ``python tests/fuzz/formulas.py -runs=100000``.

Any exception but `RequestError`, and any message of more than one line, is a finding. Arguments are those of libFuzzer;
a folder of inputs of one's own may follow, beside ``tests/fuzz/corpus``.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["kl_symbolic.claims", "kl_symbolic.reading"]):
    from kl_symbolic.claims import read

from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question

QUESTIONS = (
    Question("kl", "normal", "normal"),
    Question("kl", "normal", "normal", "logvar", "logvar"),
    Question("kl", "diagonal_normal", "standard_normal", "var", "var"),
    Question("gradient", "diagonal_normal", "standard_normal"),
)


def read_one(data: bytes) -> None:
    """Read a text in the parameters of each question."""
    text = data.decode("utf-8", "surrogateescape")
    for question in QUESTIONS:
        try:
            read(text, question)
        except RequestError as error:
            if "\n" in str(error):
                raise AssertionError(f"more than one line: {error}") from error


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as found:  # libFuzzer writes what it finds into the first folder
        atheris.Setup([*sys.argv, found, str(Path(__file__).parent / "corpus")], read_one)
        atheris.Fuzz()
