"""Compiled kernels where Numba has no folder to keep what it compiled: they are compiled each time."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """
import numba.core.caching
import numpy as np

def refuse(*_):
    raise RuntimeError("cannot cache function: no locator available")  # as Numba says

numba.core.caching.CacheImpl.__init__ = refuse

from kl_symbolic.numeric import kl_normal, kl_standard_normal

print(kl_normal([0.0, 1.0], 1.0, 0.0, 1.0), kl_standard_normal(np.ones((2, 3)), np.zeros((2, 3))))
"""


@pytest.mark.slow
def test_compiled_kernels_need_no_folder():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "[0.  0.5] [1.5 1.5]\n", "")
