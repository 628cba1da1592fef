"""What sentences and tables of the README and the documentation say of our names, options and numbers is so."""

from __future__ import annotations

import argparse
import inspect
import math
import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from numeric_arguments import BY_NAME, GOOD, REMAINDERS, function

import kl_symbolic
from kl_symbolic import cli, families, numeric
from kl_symbolic.claims import decision, numbers
from kl_symbolic.cli import exit_codes
from kl_symbolic.derivation import Derivation
from kl_symbolic.divergences import all_quantities
from kl_symbolic.errors import WrongTypeError
from kl_symbolic.families.family import NAMED_SUPPORTS, Family
from kl_symbolic.numeric import loops
from kl_symbolic.numeric.evaluate import GradientOptions, ValueOptions
from kl_symbolic.proof import codec
from kl_symbolic.proof.question import OPTIONS, Unit
from kl_symbolic.reading import tokens
from kl_symbolic.terms import json as nodes

ROOT = Path(__file__).parents[1]
NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
PAGES = {
    str(path.relative_to(ROOT)): path.read_text("utf-8")
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"))
    if path.name != "CHANGELOG.md" and "theorems" not in path.parts
}
README, ARRAYS = PAGES["README.md"], PAGES["docs/reference/arrays.md"]
BLOCK = re.compile(r"^(```+|:::+).*?^\1$", re.MULTILINE | re.DOTALL)
CODE = re.compile(r"(?<![`\w}])`([^`]+)`(?!`)")


def parser():
    return cli.parser()


def commands():
    """The commands by name."""
    return next(a for a in parser()._actions if isinstance(a, argparse._SubParsersAction)).choices


def code_of(page):
    """What stands between backticks in the sentences and tables of a page."""
    return [" ".join(span.split()) for span in CODE.findall(BLOCK.sub("", page))]


def one(page, pattern):
    """Return the words in backticks in the one place that a pattern finds."""
    (found,) = re.findall(pattern, " ".join(page.split()))
    return re.findall(r"`([^`]+)`", found)


# The command line


def test_the_readme_has_a_row_for_each_command():
    rows = re.findall(r"^\| `kl-symbolic (\w+)", README, re.MULTILINE)
    assert sorted(rows) == sorted(commands())


def test_the_readme_names_every_format_quantity_parameterisation_of_normal_laws_and_unit():
    (formats,) = re.findall(r"--format ([\w ]+)`", README)
    (option,) = (a for a in commands()["derive"]._actions if "--format" in a.option_strings)
    assert formats.split() == list(option.choices)
    assert one(README, r"`--quantity` takes (.*?);") == list(all_quantities())
    assert one(README, r"`--param` takes (.*?) for normal laws;") == list(families.find("normal").family.param_names)
    assert one(README, r"`--unit` takes (.*?)[.;]") == list(get_args(Unit))
    names = set(one(README, r"P and Q are (.*?)\. `--quantity"))
    assert names - {"--dim 3"} <= set(families.names())
    assert names >= set(families.all_families())


@pytest.mark.parametrize("page", PAGES)
def test_every_option_in_a_sentence_is_one_of_a_command(page):
    known = {o for p in (parser(), *commands().values()) for a in p._actions for o in a.option_strings}
    others = {"-W", "-j", "--compare", "--out", "--lean"}  # of Sphinx, the examples, pytest
    for span in code_of(PAGES[page]):
        if re.match(r"--?[a-z]", span, re.IGNORECASE) and "(" not in span:
            assert span.split()[0] in known | others, span


def test_every_exit_code_is_listed_with_one_meaning():
    codes = {value for name, value in vars(exit_codes).items() if name.isupper()}
    (sentence,) = re.findall(r"^Exit codes: (.*?)\.$", README, re.MULTILINE | re.DOTALL)
    table = re.findall(r"^\| (\d+) \|", PAGES["docs/reference/command-line.md"], re.MULTILINE)
    docstring = re.search(r"int\n(.*)$", inspect.getdoc(cli.main), re.DOTALL)[1]
    for found in (re.findall(r"(?:^|; )\s*(\d+) ", sentence), table, re.findall(r"(?:^|; )\s*(\d+) ", docstring)):
        assert sorted(map(int, found)) == sorted(codes)


# Names


def resolves(dotted):
    """Whether a dotted name leads to something in our package."""
    head, *rest = dotted.split(".")
    assert head == "kl_symbolic"
    place = kl_symbolic
    for name in rest:
        if not hasattr(place, name):
            try:
                place = __import__(f"{place.__name__}.{name}", fromlist=[name])
            except (ImportError, AttributeError):
                return False
        else:
            place = getattr(place, name)
    return True


WARNINGS = {f"kl_symbolic.{kind}" for kind in ("request", "proof", "verification", "claim", "duplicate")}  # of Sphinx


@pytest.mark.parametrize("page", PAGES)
def test_every_name_of_ours_in_a_sentence_exists(page):
    for span in code_of(PAGES[page]):
        for dotted in re.findall(r"(?<![\w/.])kl_symbolic(?:\.[a-zA-Z_]\w*)+(?![\w/]|\.py)", span):
            assert dotted in WARNINGS or resolves(dotted), span
        for name in re.findall(r"(?<![\w./])(?:kl|vae|histogram|entropy|cross_entropy)_[a-z_]+(?=\(|$)", span):
            known = {*numeric.__all__, "cross_entropy", *families.names()}
            assert name in known or name.startswith("kl_symbolic"), span
        for name in re.findall(r"(?<![\w.])(to_[a-z]+|_repr_[a-z]+_)(?![\w.])", span):
            assert hasattr(Derivation, name), span


MADE_UP = {"mean_kl", "half_normal", "hyperbolic_tangent"}  # what the guides add


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_ours_in_a_sentence_is_there(page):
    rooms = "docs|examples|benchmarks|scripts|tests|kl_symbolic|kernel|numeric|proof|render|engine"
    for span in code_of(PAGES[page]):
        if re.fullmatch(rf"({rooms})/[\w./-]+", span) and Path(span).stem not in MADE_UP:
            assert any((base / span).exists() for base in (ROOT, ROOT / "kl_symbolic")), span


# Array functions


def refuses(name, library):
    """Whether a function refuses arrays of another library."""
    arguments = {**GOOD, **REMAINDERS}[name]
    arrays = {key: library.asarray(np.array(value)) for key, value in arguments.items()}
    try:
        if library.__name__ == "jax.numpy":  # which would compile every operation
            pytest.importorskip("jax").eval_shape(function(name), **arrays)
        else:
            function(name)(**arrays)
    except WrongTypeError:
        return True
    return False


@pytest.mark.parametrize("library", ["torch", "jax.numpy", "dask.array"])
def test_all_array_functions_take_arrays_of_other_libraries(library):
    namespace = pytest.importorskip(library)
    assert not [name for name in {**GOOD, **REMAINDERS} if refuses(name, namespace)]
    assert "All functions take tensors and Dask arrays" in ARRAYS


def test_all_array_functions_but_those_that_are_named_are_compiled(monkeypatch):
    class Compiled(Exception):  # noqa: N818 - no error
        pass

    def compiled(*_):
        raise Compiled

    monkeypatch.setattr(loops, "available", lambda: True)
    monkeypatch.setattr(loops, "_loop", compiled)
    found = set()
    for name, arguments in {**GOOD, **REMAINDERS}.items():
        try:
            function(name)(**arguments)
        except Compiled:
            found.add(name.split()[0])
    assert set(numeric.__all__) - found - BY_NAME - REMAINDERS.keys() == {"in_bits"}
    assert not found & REMAINDERS.keys()
    assert "Remainders and `in_bits` are not compiled" in " ".join(ARRAYS.split())


ROW = re.compile(r"^\|[^|]*\| ((?:`\w+`(?:, )?)+) \| ([^|]*) \| ([^|]*) \|$", re.MULTILINE)


OPTIONS_OF_ARRAYS = {"options", "unit", "dtype", "validate", "out"}


def parameters_of(name):
    return inspect.signature(getattr(numeric, name)).parameters


def test_the_table_of_array_functions_has_them_all_with_their_parameters():
    named = {
        name: (parameters, result)
        for names, parameters, result in ROW.findall(ARRAYS)
        for name in re.findall(r"`(\w+)`", names)
    }
    derived = {name for name in numeric.__all__ if name.endswith("_grad")}
    assert set(named) == set(numeric.__all__) - derived
    for name, (parameters, result) in named.items():
        signature = parameters_of(name)
        assert ("axis" in signature) == (name in ("vae_loss", "kl") or result == "summed over `axis`")
        listed = re.findall(r"(\w+)(?:=[\d.]+)?(?:, |$)", ", ".join(re.findall(r"`([^`]*)`", parameters)))
        assert set(listed) == set(signature) - {"axis", "parameters", *OPTIONS_OF_ARRAYS} or name == "in_bits"
    with_derivatives = {name for name in named if f"{name}_value_and_grad" in derived}
    assert with_derivatives == {"kl", "kl_normal", "kl_diag_normal", "kl_standard_normal", "vae_loss"}
    assert {f"{name}_grad" for name in with_derivatives - {"vae_loss"}} <= derived


def test_the_options_are_taken_by_the_functions_that_are_named():
    (table,) = re.findall(r"^\| option \|.*?\n\n", ARRAYS, re.MULTILINE | re.DOTALL)
    listed = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert listed == {"axis", *ValueOptions.__annotations__, *GradientOptions.__annotations__}
    none = {*REMAINDERS, "in_bits", "vae_loss", "vae_loss_value_and_grad"}
    for name in numeric.__all__:
        options = parameters_of(name).keys() & OPTIONS_OF_ARRAYS
        takes_out = not name.endswith("_grad") or (name.endswith("_value_and_grad") and name not in BY_NAME)
        if name in BY_NAME:
            assert options == OPTIONS_OF_ARRAYS - {"options"} - (set() if takes_out else {"out"})
        elif name in none:
            assert not options
        else:
            assert ("ValueOptions" in parameters_of(name)["options"].annotation) == takes_out
    assert "`out` as well but for `..._grad` and `kl_value_and_grad`" in " ".join(ARRAYS.split())


def bounds():
    """The bounds of the errors of divergences that are computed on arrays, by the laws and the parameterisation."""
    for family in families.all_families().values():
        for form in family.stable_forms:
            pair = family.name, form.partner or family.name
            yield (*pair, form.param), kl_symbolic.closed_form(*pair, param=form.param or None).error_bound[0].eps


def test_the_bounds_of_errors_are_those_of_the_programs():
    words = (
        r"([\d.]+) to ([\d.]+) eps of the dtype for normal, exponential and Poisson laws, ([\d.]+) where a law is a "
        r"gamma law, ([\d.]+) for Bernoulli laws and ([\d.]+) by their logits"
    )
    low, high, gamma, bernoulli, logits = re.search(words, " ".join(ARRAYS.split())).groups()
    of_gamma = {key: eps for key, eps in bounds() if "gamma" in key}
    of_others = {key: eps for key, eps in bounds() if "gamma" not in key}
    of_bernoulli = {key[-1]: of_others.pop(key) for key in list(of_others) if "bernoulli" in key}
    assert low == up(kl_symbolic.closed_form("normal", "standard_normal", param="logvar").error_bound[0].eps)
    assert high == up(max(of_others.values()))
    assert gamma == up(max(of_gamma.values()))
    assert bernoulli == up(of_bernoulli[""])
    assert logits == up(of_bernoulli["logit"])
    assert f"at most {low} to {gamma} eps, {logits} for Bernoulli laws by their logits" in " ".join(README.split())


def up(eps):
    """Round up to one digit after the point."""
    return f"{math.ceil(eps * 10) / 10:g}"


# Numbers


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("docs/reference/proof-file-format.md", f"| the file | {codec.MAX_CHARACTERS:_} characters |"),
        ("docs/reference/proof-file-format.md", f"| derivations | {codec.MAX_DERIVATIONS} |"),
        ("docs/reference/proof-file-format.md", f"| the table of nodes | {nodes.MAX_NODES:_} |"),
        ("docs/reference/proof-file-format.md", f"as they occur | {nodes.MAX_SIZE:_} nodes |"),
        ("docs/reference/proof-file-format.md", f"| nesting | {nodes.MAX_DEPTH} |"),
        ("docs/reference/proof-file-format.md", f"| an integer | {nodes.MAX_DIGITS} digits |"),
        ("docs/reference/proof-file-format.md", f"| a numerical exponent | {nodes.MAX_EXPONENT:_} |"),
        ("docs/reference/proof-file-format.md", f"from arithmetic | {nodes.MAX_BITS:_} bits |"),
        ("docs/how-to/proof-files.md", f"more than {codec.MAX_CHARACTERS:,} characters"),
        ("SECURITY.md", f"At most {codec.MAX_CHARACTERS:,} characters"),
        ("SECURITY.md", f"At most {tokens.MOST_CHARACTERS:,} characters"),
        ("docs/how-to/check.md", f"to {numbers.DIGITS} digits"),
        ("docs/how-to/check.md", f"both are shown to {decision.SHOWN} digits"),
        ("docs/how-to/sphinx.md", f"take the first {NUMBERS[len(OPTIONS) - 1]} options"),
    ],
)
def test_a_number_on_a_page_is_that_of_the_code(page, words):
    assert words.replace("_", " ") in PAGES[page]


def test_the_guide_to_families_has_a_row_for_each_field_and_support():
    guide = PAGES["docs/how-to/add-a-family.md"]
    (table,) = re.findall(r"^\| field \|.*?\n\n", guide, re.MULTILINE | re.DOTALL)
    rows = {name for cell in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", cell)}
    assert rows == {field.name for field in fields(Family)} - {"name", "title"}
    named = {name.upper() for name in NAMED_SUPPORTS}
    assert {name for name in named if f"`{name}`" in table} == named
