"""The audit of functions: right ones pass everywhere, textbook ones where nothing cancels, wrong ones are named."""

import math

import numpy as np
import pytest
from audit_functions import NORMALS, QUICK, VAE, normal, sentences, textbook

from kl_symbolic import numeric
from kl_symbolic.audit import audit
from kl_symbolic.testing import assert_kl

pytestmark = pytest.mark.usefixtures("proved_once")


def in_torch(mu, logvar):
    return -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=-1)


# What must be accepted


@pytest.mark.sample(4)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize(
    ("kernel", "pair"),
    [
        (numeric.kl_standard_normal, VAE),
        (numeric.kl_diag_normal, ("diagonal_normal", "diagonal_normal", ("mu_1", "logvar_1", "mu_2", "logvar_2"))),
        (numeric.kl_normal, NORMALS),
    ],
    ids=["standard", "diagonal", "normal"],
)
@pytest.mark.parametrize("library", ["numpy", "torch"])
def test_our_kernels_pass(kernel, pair, dtype, library):
    pytest.importorskip(library)
    found = audit(kernel, *pair, dtype=dtype, library=library, rows=QUICK)
    assert found.passed, str(found)
    assert found.library == library
    assert max(row.worst for row in found.rows if not row.region.startswith("gradient")) <= 16


@pytest.mark.slow
def test_our_kernel_passes_on_jax():
    pytest.importorskip("jax")
    regions = ["far", "near 1e-8", "equal", "gradients"]
    found = audit(numeric.kl_standard_normal, *VAE, library="jax", rows=2, regions=regions)
    assert found.passed, str(found)
    assert found.row("gradient near 1e-4").worst < 16


def test_a_textbook_formula_passes_far_apart_and_fails_near():
    assert audit(textbook, *VAE, regions=["far", "extreme", "equal", "shapes"]).passed
    found = audit(textbook, *VAE, regions=["near"])
    assert not found.passed
    # Whether the rounding errors make it 0 or negative depends on the processor's exponential.
    assert {f.kind for f in found.findings} - {"negative"} == {"precision", "zero"}
    assert found.row("near 1e-12").zero + found.row("near 1e-12").negative == pytest.approx(1)
    assert found.row("near 1e-2").worst < found.row("near 1e-4").worst < found.row("near 1e-6").worst


def test_a_tolerance_lets_rounding_errors_pass():
    assert audit(textbook, *VAE, rtol=1e-6, regions=["near 1e-1", "near 1e-2", "near 1e-3"]).passed


def test_a_gradient_that_cancels_is_found_and_the_given_gradient_is_taken():
    pytest.importorskip("torch")
    found = audit(in_torch, *VAE, regions=["gradients"], rows=QUICK)
    assert found.library == "torch"
    assert [f.kind for f in found.findings] == ["gradient"]
    assert found.row("gradient far").worst < 16
    right = numeric.kl_standard_normal_grad
    assert audit(textbook, *VAE, regions=["gradients"], gradient=right, rows=QUICK).passed


@pytest.mark.parametrize(
    ("gradient", "words"),
    [
        (lambda m, v: (2 * m, np.expm1(v) / 2), "relative error is up to"),
        (lambda m, v: (m, v[0]), "a derivative has the shape (3,), its argument (12, 3)"),
        (lambda m, v: (m,), "1 derivatives for 2 arguments"),
        (lambda m, v: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_wrong_gradient_is_found(gradient, words):
    found = audit(textbook, *VAE, regions=["gradients"], gradient=gradient, rows=QUICK)
    assert [f.kind for f in found.findings] == ["gradient"]
    assert words in sentences(found)


# Reductions and layouts


@pytest.mark.sample(4)
@pytest.mark.parametrize(
    ("function", "words"),
    [
        (textbook, "one value per sample"),
        (lambda m, v: textbook(m, v).sum(), "the sum over all samples"),
        (lambda m, v: textbook(m, v).mean(), "the mean over the samples"),
        (lambda m, v: textbook(m, v).mean() / m.shape[-1], "the mean over samples and coordinates"),
        (lambda m, v: textbook(m, v)[..., None], "one value per sample, in an axis kept"),
        (lambda m, v: -0.5 * (1 + v - m**2 - np.exp(v)), "one value per coordinate"),
        (lambda m, v: textbook(m, v) / m.shape[-1], "one value per sample, the mean over its coordinates"),
    ],
)
def test_the_reduction_is_found_out(function, words):
    found = audit(function, *VAE, regions=["far"], rows=QUICK)
    assert found.passed, str(found)
    assert found.reduction == words


def test_another_reduction_than_wanted_is_a_finding():
    found = audit(lambda m, v: textbook(m, v).sum(), *VAE, reduction="mean", regions=["far"])
    assert "it returns the sum over all samples; expected: the mean over the samples" in sentences(found)


def test_a_function_of_floats_is_called_with_one_law_at_a_time():
    def scalar(m, s, n, t):
        return math.log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - 0.5

    found = audit(scalar, *NORMALS, regions=["far"])
    assert found.passed, str(found)
    assert "it takes one sample at a time" in found.notes


@pytest.mark.parametrize(("function", "library"), [(in_torch, "torch"), (textbook, "numpy")])
def test_the_library_is_found_out(function, library):
    pytest.importorskip(library)
    assert audit(function, *VAE, regions=["far"], rows=QUICK).library == library


def test_jax_is_found_out_and_computes_with_64_bits():
    jnp = pytest.importorskip("jax.numpy")

    def function(mu, logvar):
        return -0.5 * jnp.sum(1 + logvar - mu**2 - jnp.exp(logvar), axis=-1)

    found = audit(function, *VAE, regions=["far"], rows=QUICK)
    assert found.library == "jax"
    assert found.passed, str(found)
    assert jnp.ones(1, float).dtype == jnp.float32 or jnp.zeros(()).dtype == jnp.float64  # as it was before


def test_the_order_of_the_arguments_is_that_which_is_given():
    assert audit(lambda v, m: textbook(m, v), *VAE[:2], ("logvar", "mu"), regions=["far"], rows=QUICK).passed


@pytest.mark.parametrize(
    ("function", "pair"),
    [
        (lambda a, b: np.log(a / b) + b / a - 1, ("exponential", "exponential")),
        (lambda a, b: a * np.log(a / b) - a + b, ("poisson", "poisson")),
        (
            lambda a, n, t: np.log(a * t) + np.log(2 * np.pi) / 2 - 1 + ((1 / a - n) ** 2 + 1 / a**2) / (2 * t**2),
            ("exponential", "normal"),
        ),
        (lambda m, s: np.log(s) + (1 + m**2) / (2 * s**2) - 0.5, ("standard_normal", "normal")),
    ],
)
def test_other_families_pass_far_apart(function, pair):
    found = audit(function, *pair, regions=["far", "shapes"])
    assert found.passed, str(found)


# What must be rejected


def test_single_precision_inside_is_found():
    found = audit(lambda m, v: textbook(m.astype("f4"), v.astype("f4")), *VAE, regions=["far"])
    assert {f.kind for f in found.findings} == {"dtype", "precision"}


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda m: m, "it could not be called: with numpy arrays: TypeError"),
        (lambda m, v: 1 / 0, "ZeroDivisionError: division by zero"),
        (lambda m, v: (m, v), "it returned a tuple"),
        (lambda m, v: None, "it returned None, an array is expected"),
        (lambda m, v: "text", "real numbers are expected"),
        (lambda m, v: m[0, :2], "for arguments of shape (7, 3) it returns the shape (2,)"),
        (lambda m, v: np.full(len(m), np.nan), "no known slip"),
    ],
)
def test_an_error_of_the_function_is_a_finding(function, words):
    found = audit(function, *VAE, rows=QUICK)
    assert not found.passed
    assert words in sentences(found)


def test_a_function_that_fails_at_some_points_only_is_measured_at_the_others():
    def picky(m, v):
        if (np.abs(v) > 300).any():
            raise ValueError("too much")
        return numeric.kl_standard_normal(m, v)

    found = audit(picky, *VAE)
    assert [f.kind for f in found.findings] == ["call", "precision"]
    assert 0 < found.row("mixed scales").raised < 1


def test_arguments_that_the_function_changes_do_no_harm():
    def careless(mu, logvar):
        mu *= 2
        return textbook(mu / 2, logvar)

    assert audit(careless, *VAE, regions=["far"], rows=QUICK).passed


# Shapes and edges


def test_broadcasting_and_empty_batches_are_tried():
    def loop(m, s, n, t):
        return np.array([normal(*row) for row in zip(m, s, n, t, strict=True)])

    found = audit(loop, *NORMALS, regions=["shapes"])
    assert {str(f).split(":")[0] for f in found.findings} >= {"broadcasting", "a single law"}
    assert audit(normal, *NORMALS, regions=["shapes"]).passed


def test_an_edge_with_a_known_limit_is_tried():
    def poisson(a, b):
        return a * np.log(a / b) - a + b

    found = audit(poisson, "poisson", "poisson", regions=["edges"])
    assert "lambda_1 = 0.0, lambda_2 = 2.875: it returns nan; the limit of the closed form is 2.875" in sentences(found)

    def careful(a, b):
        return np.where(a == 0, b, poisson(np.where(a == 0, 1, a), b))

    assert audit(careful, "poisson", "poisson", regions=["edges"]).passed


def test_nan_must_stay_nan():
    found = audit(lambda m, v: np.nan_to_num(textbook(m, v)), *VAE, regions=["edges"])
    assert "NaN for mu gives [0.0]; expected: NaN" in sentences(found)


def test_nothing_compared_is_not_passed():
    found = audit(textbook, *VAE, regions=["gradients"])
    assert found.findings == ()
    assert not found.passed


# For tests of others


def test_assert_kl_is_silent_or_shows_the_report():
    assert_kl(textbook, *VAE[:2], args=VAE[2], regions=["far"])
    with pytest.raises(AssertionError, match=r"(?s)textbook: failed.*near 1e-8.*findings.*near 1e-8: it is exactly 0"):
        assert_kl(textbook, *VAE[:2], args=VAE[2], regions=["near 1e-8"])
