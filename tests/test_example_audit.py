"""The audit of libraries: its table comes from what is installed, and shows what torch does near P = Q."""

import math

import pytest

from examples import audit_libraries as example
from kl_symbolic.audit import audit

torch = pytest.importorskip("torch")


@pytest.mark.slow
def test_the_table_has_a_row_for_each_divergence_and_says_what_is_missing(capsys, monkeypatch):
    monkeypatch.setattr(example, "LIBRARIES", {**example.LIBRARIES, "no_such_library": example.of_torch})
    assert example.main(["--rows", "8", "--details"]) == 0
    out, err = capsys.readouterr()
    assert "no_such_library: not installed" in err
    table, _, details = out.partition("\n\n")
    names = [line[:28].strip() for line in table.splitlines()]
    assert [name for name in names if name.startswith("torch")] == [subject.name for subject in example.of_torch()]
    assert "kl_symbolic kl_normal: passed" in details
    assert "torch Poisson: failed" in details


def test_what_torch_gives_for_poisson_at_zero_is_found():
    (poisson,) = (subject for subject in example.of_torch() if subject.name == "torch Poisson")
    found = audit(poisson.function, poisson.p, poisson.q, poisson.args, library="torch", regions=["edges"])
    zero = torch.distributions.kl_divergence(*map(torch.distributions.Poisson, torch.tensor([0.0, 2.875]))).item()
    assert math.isnan(zero) == ("it returns nan; the limit of the closed form is 2.875" in str(found))


def test_a_line_holds_what_the_audit_found():
    (subject,) = example.of_kl_symbolic()
    found = audit(subject.function, subject.p, subject.q, subject.args, rows=8, name="ours")
    cells = example.line(found).split()
    assert cells[0] == "ours"
    assert cells[1] == f"{found.row('far').worst:.2g}"
    assert cells[2] == f"{found.row('near 1e-8').worst:.2g}"
    assert cells[-2:] == ["0", "0"]
