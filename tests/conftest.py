"""What several test modules share."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from functools import cache
from importlib import import_module

import pytest
from hypothesis import HealthCheck, settings
from sampling import pytest_collection_modifyitems  # noqa: F401 - pytest finds it here

from kl_symbolic import cli, kernel

# The tests run side by side; threads within each would fight. The libraries read this when they are first imported.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

collect_ignore = ["fuzz"]  # a program that needs atheris

pytest.register_assert_rewrite("numeric_arguments", "numeric_exact", "numeric_laws", "numeric_tensors", "vae_data_set")

# The same examples each time, however long one takes: the first call may compile a kernel, and others may be at work.
settings.register_profile(
    "without a clock", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("without a clock")


def pytest_addoption(parser):
    help_ = "a few cases of each test, and none of those whose libraries are not installed"
    parser.addoption("--lean", action="store_true", help=help_)


def pytest_configure(config):
    """Without --lean a library that is missing is an error, so that no test is left out unseen."""
    if config.getoption("lean"):
        config.option.doctest_ignore_import_errors = True
    else:
        pytest.importorskip = import_module


@pytest.fixture(scope="module", params=[False, True], ids=["numpy", "numba"])
def backend(request):
    """The array functions without Numba and with it."""
    from kl_symbolic.numeric import loops

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loops, "available", lambda: request.param)
        yield


@pytest.fixture
def double_precision():
    """Let JAX have float64, and forget it afterwards."""
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield


PROVE_ONCE = cache(kernel.prove)


@pytest.fixture
def proved_once(monkeypatch):
    """Prove what formulas and functions are compared with once in a process, not for each of hundreds of them again."""
    monkeypatch.setattr(kernel, "prove", PROVE_ONCE)


@pytest.fixture
def command(capsys, monkeypatch):
    """Run the command line as `subprocess.run` does, but in this process, which has imported everything."""

    def run(*words, text=""):
        monkeypatch.setattr(sys, "stdin", io.StringIO(text))
        capsys.readouterr()
        try:
            code = cli.main(words)
        except SystemExit as stop:
            code = stop.code
        return subprocess.CompletedProcess(words, code, *capsys.readouterr())

    return run
