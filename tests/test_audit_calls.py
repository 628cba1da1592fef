"""The audit calls what people have: more axes, more arguments, several answers, one array, classes and methods."""

import sys
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest
from audit_functions import (
    QUICK,
    VAE,
    Loss,
    LossWithArguments,
    in_one_array,
    loss_function,
    named,
    over_axes,
    sentences,
    several,
    textbook,
)

from kl_symbolic.audit import audit, load_function
from kl_symbolic.errors import RequestError

pytestmark = pytest.mark.usefixtures("proved_once")


class Losses(NamedTuple):
    loss: np.ndarray
    kl: np.ndarray


@dataclass
class Plain:
    loss: np.ndarray
    kl: np.ndarray


def record(mu, logvar):
    return Losses(*several(mu, logvar))


def audited(function, *, regions=("far",), **options):
    return audit(function, *VAE, rows=QUICK, regions=list(regions), **options)


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (over_axes(1, 2, 3), "it is called with samples x channels x height x width"),
        (over_axes(1, 2), "it is called with samples x channels x length"),
        (lambda m, v: over_axes(1, 2, 3)(m, v) / np.prod(m.shape[1:4]), "samples x channels x height x width"),
    ],
)
def test_functions_of_images_and_sequences_are_called_so(function, words):
    found = audited(function, regions=["far", "shapes", "edges"])
    assert found.passed, str(found)
    assert words in "\n".join(found.notes)


def test_a_sum_that_leaves_axes_of_an_image_is_found():
    found = audited(over_axes(1, 3))
    assert not found.passed
    assert "with numpy arrays, samples x channels x height x width: it returns the shape (7, 2)" in sentences(found)


def test_a_slip_in_a_function_of_images_is_named():
    assert "this is twice the divergence" in sentences(audited(lambda m, v: 2 * over_axes(1, 2, 3)(m, v)))


def test_gradients_of_images_are_compared():
    torch = pytest.importorskip("torch")

    def loss(mean, logvar):
        return 0.5 * torch.sum(mean**2 + logvar.exp() - 1.0 - logvar, dim=[1, 2, 3])

    assert audited(loss, regions=["far", "gradients"]).row("gradient far").worst < 16
    wrong = audited(lambda m, v: loss(m, v.detach()), regions=["gradients"])
    assert [f.kind for f in wrong.findings] == ["gradient"]


@pytest.mark.parametrize(
    ("fixed", "words"),
    [
        ({"recon_x": 0.5, "x": 0.5}, None),
        ({"recon_x": np.full(4, 0.5), "x": np.zeros(4)}, "KL(P ‖ Q), but 2 = 2.0 is added for the whole batch"),
        ({"recon_x": "0.7[mu]", "x": 0}, "KL(P ‖ Q) plus 7/10 for each coordinate"),
        (
            {"recon_x": "1[1, 4]", "x": 0, "beta": 2},
            "twice the divergence KL(P ‖ Q); and 4 = 4.0 is added",
        ),
    ],
)
def test_other_arguments_are_fixed(fixed, words):
    found = audited(loss_function, fixed=fixed)
    assert found.passed == (words is None), str(found)
    assert words is None or words in sentences(found)


def test_positional_and_named_arguments_are_given_as_they_must_be():
    def loss(scale, /, mu, logvar, *, beta):
        return scale * beta * textbook(mu, logvar)

    assert audited(loss, fixed={"scale": 2, "beta": 0.5}).passed
    assert audited(lambda mu, logvar, **others: others["beta"] * textbook(mu, logvar), fixed={"beta": 1}).passed


def test_what_is_missing_is_said_with_a_wrapper_to_paste():
    found = audited(loss_function)
    (note,) = found.notes
    assert "(--fixed recon_x=... --fixed x=...)" in note
    assert "def kl(mu, logvar):\n          return loss_function(recon_x=..., x=..., mu=mu, logvar=logvar)" in note
    assert "pack=True (--pack)" in audited(in_one_array).notes[0]


@pytest.mark.parametrize(
    ("fixed", "words"),
    [({"y": 0}, "no argument 'y'; it has recon_x, x, mu"), ({"x": "0.5[sigma]"}, "numbers, or one of mu, logvar")],
)
def test_arguments_that_do_not_fit_are_refused(fixed, words):
    with pytest.raises(RequestError, match=r"in 0\.5|the function has") as refused:
        audited(loss_function, fixed=fixed)
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("function", "item", "words"),
    [
        (several, 1, None),
        (several, "1", None),
        (named, "kl", None),
        (several, None, "it returned a tuple of 2: say which is the divergence, with item=0 (--item 0)"),
        (named, None, "it returned a dict with loss, kl: say which is the divergence, with item='loss' (--item loss)"),
        (several, 2, "it returned a tuple of 2: there is no item 2"),
        (record, "kl", None),
        (
            record,
            None,
            "it returned a Losses with loss, kl: say which is the divergence, with item='loss' (--item loss)",
        ),
        (lambda m, v: list(several(m, v)[1:]), 0, None),
        (lambda m, v: Plain(*several(m, v)), "kl", None),
        (lambda m, v: Plain(*several(m, v)), None, "it returned a Plain with loss, kl: say which"),
        (lambda m, v: [textbook(m, v), 0], None, "it returned a list of 2: say which is the divergence, with item=0"),
        (lambda *_: {}, None, "it returned an empty dict"),
        (named, "elbo", "it returned a dict with loss, kl: there is no item 'elbo'"),
        (named, "loss", "this is the divergence KL(P ‖ Q), but 1 = 1.0 is added for each sample"),
    ],
)
def test_an_item_of_the_answer_is_taken(function, item, words):
    found = audited(function, item=item)
    assert found.passed == (words is None), str(found)
    assert len(found.findings) <= 1
    assert words is None or words in sentences(found)


@pytest.mark.parametrize("library", ["numpy", "torch", "jax"])
def test_all_parameters_in_one_array(library):
    exp = pytest.importorskip("jax.numpy" if library == "jax" else library).exp

    def loss(h):
        half = h.shape[1] // 2
        mu, logvar = h[:, :half], h[:, half:]
        return -0.5 * (1 + logvar - mu**2 - exp(logvar)).sum(1)

    assert audited(loss, pack=True, library=library, regions=["far", "shapes"]).passed


def test_one_array_of_an_image_is_joined_along_the_channels():
    def loss(h):
        return over_axes(1, 2, 3)(*np.split(h, 2, axis=1))

    assert audited(loss, pack=True, regions=["far", "shapes"]).passed
    assert "minus" in sentences(audited(lambda h: -loss(h), pack=True))
    assert "order logvar, mu" in sentences(audited(lambda h: textbook(*np.split(h, 2, axis=1)[::-1]), pack=True))


def test_classes_objects_and_methods_are_functions_too(monkeypatch):
    assert audited(Loss).passed
    assert audited(Loss()).passed
    assert "twice" in sentences(audited(Loss().twice))
    with pytest.raises(RequestError, match="LossWithArguments needs arguments; name an object of it: TypeError"):
        audited(LossWithArguments)
    monkeypatch.setattr(sys, "path", [*sys.path])
    assert audited(load_function("audit_functions:Loss")).passed
    assert "twice" in sentences(audited(load_function("audit_functions:Loss.twice")))
    with pytest.raises(RequestError, match=r"has no 'Loss\.thrice'"):
        load_function("audit_functions:Loss.thrice")


def test_modules_of_torch_with_parameters_and_single_precision():
    torch = pytest.importorskip("torch")

    class Module(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weight = torch.nn.Parameter(torch.ones(()))

        def forward(self, weight, mu, logvar):
            return weight * self.weight * -0.5 * (1 + logvar - mu**2 - logvar.exp()).sum(dim=-1)

    assert audited(Module, fixed={"weight": 1}, dtype="float32").passed
    assert "(--fixed weight=...)" in audited(Module()).notes[0]


# No finding says that values are wrong and shows that they are right


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda m, v: textbook(m, v)[0], "it returns the first sample only (agrees at 1 point to"),
        (lambda m, v: textbook(m, v)[-1:].mean(), "it returns the last sample only"),
        (lambda m, v: textbook(m, v).squeeze(), "for one sample it returns the shape (); expected: (1,)"),
        (lambda m, v: textbook(m - m.mean(0) * (len(m) > 1), v), "7 samples at once, the first of them mu ="),
        (lambda m, v: textbook(m, v) if len(m) > 1 else textbook(m, v) + 1, "at mu = [1.6"),
        (lambda m, v: textbook(m.astype("f4"), v.astype("f4")).astype("f8"), "far: the relative error is up to"),
    ],
)
def test_what_only_some_calls_show_is_said_of_them(function, words):
    found = audited(function)
    assert not found.passed
    assert words in sentences(found)
    for row in found.rows:
        assert row.worst > 64 or "wrong values" not in sentences(found)


def test_the_command_takes_them(command, monkeypatch):
    monkeypatch.setattr(sys, "path", [*sys.path])
    pair = ("--pair", *VAE[:2], "--args", "mu,logvar", "--rows", "8", "--regions", "far")
    for words in (
        ("audit_functions:loss_function", "--fixed", "recon_x=0.5[1,784]", "--fixed", "x=0.5"),
        ("audit_functions:named", "--item", "kl"),
        ("audit_functions:in_one_array", "--pack"),
        ("audit_functions:Loss",),
    ):
        done = command("audit", *words, *pair)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    done = command("audit", "audit_functions:named", *pair, "--fixed", "loss")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "--fixed takes NAME=VALUE" in done.stderr
