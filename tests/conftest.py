"""What several test modules share."""

from __future__ import annotations

from importlib import import_module

import pytest
from hypothesis import settings

from kl_symbolic.numeric import blocks

collect_ignore = ["fuzz"]  # a program that needs atheris

pytest.register_assert_rewrite("numeric_arguments", "numeric_exact", "numeric_tensors", "vae_data_set")

settings.register_profile("without a clock", deadline=None)  # the first call of a kernel may compile it
settings.load_profile("without a clock")


def pytest_addoption(parser):
    parser.addoption("--lean", action="store_true", help="leave out the tests of libraries that are not installed")


def pytest_configure(config):
    """Without --lean a library that is missing is an error, so that no test is left out unseen."""
    if not config.getoption("lean"):
        pytest.importorskip = import_module


@pytest.fixture(scope="module", params=[False, True], ids=["numpy", "numba"])
def backend(request):
    """The array kernels without Numba and with it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "NUMBA", request.param)
        yield


@pytest.fixture
def double_precision():
    """Let JAX have float64, and forget it afterwards."""
    jax = pytest.importorskip("jax")
    with jax.enable_x64(True):
        yield
