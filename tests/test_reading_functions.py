"""A function is one file in `kl_symbolic.functions`: the reader knows it by that alone."""

from __future__ import annotations

import subprocess
import sys

import pytest
import sympy

from kl_symbolic import functions
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question
from kl_symbolic.reading.code import is_code, read_code
from kl_symbolic.reading.formula import parsed, read_together
from kl_symbolic.reading.grammar import tree
from kl_symbolic.reading.styles import style_of
from kl_symbolic.reading.tokens import plain
from kl_symbolic.reading.writing import write
from kl_symbolic.terms import Symbol, Term

ERF = r"""
from kl_symbolic.functions.domain import Domain
from kl_symbolic.functions.function import Function

FUNCTION = Function(
    name="error_function",
    title="error function",
    domains=(Domain.REAL,),
    tex=r"\erf",
    spellings=("erf",),
    names={"sympy": "erf", "torch": "torch.erf", "r": "pracma.errorf", "tensorflow": "tf.math.erf"},
)
"""
ENTROPY = Question("entropy", "normal")
MU = Symbol("mu")


@pytest.fixture
def error_function(tmp_path, monkeypatch):
    """Put one more file beside the functions' own, and forget it afterwards."""

    def forget():
        functions.all_functions.cache_clear()
        sys.modules.pop("kl_symbolic.functions.extra", None)

    (tmp_path / "extra.py").write_text(ERF, encoding="utf-8")
    monkeypatch.setattr(functions, "__path__", [*functions.__path__, str(tmp_path)])
    forget()
    yield
    monkeypatch.undo()
    forget()


def read(formula):
    if isinstance(formula, str):
        node = read_code(formula).node if is_code(formula) else parsed(*plain(formula)).node
    else:
        node = parsed(formula).node
    (found,) = read_together([node], ENTROPY)
    if isinstance(found, RequestError):
        raise found
    return found.term


@pytest.mark.usefixtures("error_function")
@pytest.mark.parametrize(
    "formula",
    [
        "erf(mu)",
        "erf mu",
        "ERF(mu)",
        "Erf[mu]",
        "torch.erf(mu)",
        "tf.math.erf(mu)",
        "mu.erf()",
        "pracma.errorf(mu)",
        "x = mu\nkl = torch.erf(x)",
        r"\erf(\mu)",
        r"\erf \mu",
        r"\operatorname{erf}(\mu)",
        r"\mathrm{erf}\left(\mu\right)",
        sympy.erf(sympy.Symbol("mu")),
        Term("error_function", MU),
    ],
    ids=str,
)
def test_a_new_function_is_read(formula):
    assert read(formula) is Term("error_function", MU)


@pytest.mark.parametrize("formula", ["erf(mu)", "torch.erf(mu)", r"\erf(\mu)", sympy.erf(sympy.Symbol("mu"))], ids=str)
def test_without_its_file_it_is_refused(formula):
    with pytest.raises(RequestError):
        read(formula)


@pytest.mark.usefixtures("error_function")
@pytest.mark.parametrize("formula", ["torch.erf(mu) + 1", r"2 \erf(\mu)", "erf(2*mu) - log(sigma)"])
def test_a_new_function_is_written_as_it_was(formula):
    node = tree(*plain(formula))
    assert read(write(node, style_of(formula))) is read(formula)


def test_an_absolute_value_is_dropped_where_it_says_nothing():
    assert read("abs(sigma) + |2 sigma|") is read("sigma + 2*sigma")
    assert read("|mu|") is Term("abs", MU)
    assert read("|mu|^2") is MU**2


def test_a_text_is_read_without_sympy():
    program = (
        "import sys\n"
        "from kl_symbolic.reading.formula import parsed, read_together\n"
        "from kl_symbolic.reading.laws import special\n"
        "from kl_symbolic.reading.objects import law_of\n"
        "from kl_symbolic.proof.question import Question\n"
        "read_together([parsed('log(sigma) + |mu|').node], Question('entropy', 'normal'))\n"
        "special(law_of('normal(0, s)'), law_of('normal(1, 3)'))\n"
        "print('sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
