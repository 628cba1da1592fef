"""Many derivations are checked side by side on any executor, and a run goes on where another one has stopped."""

import json
import multiprocessing
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace

import pytest

from kl_symbolic import api, cli
from kl_symbolic.checks import kept, many, verify, verify_each
from kl_symbolic.cli.executors import cluster, processes
from kl_symbolic.engine import derive
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.question import Question

QUESTIONS = [Question("entropy", "normal"), Question("kl", "poisson", "poisson"), Question("entropy", "exponential")]
ASKED = {"digits": 15, "points": 1, "seed": 0}
PROGRAM = [sys.executable, "-m", "kl_symbolic", "verify", "--all", "--points", "1", "--digits", "15"]
LOOKS = 600  # each a tenth of a second after the last


@pytest.fixture(scope="module")
def derivations():
    return [derive(question) for question in QUESTIONS]


@pytest.fixture(scope="module")
def reports(derivations):
    return [verify(derivation, **ASKED) for derivation in derivations]


@pytest.fixture
def few(monkeypatch, derivations):
    """Let the catalogue be small."""
    monkeypatch.setattr(api, "catalogue", lambda: map(api.Derivation, derivations))


class Backwards(Executor):
    """Runs what was submitted last first, and only when it is asked for the first result; it may be a bad one."""

    def __init__(self, change=lambda found: found):
        self.submitted, self.change = [], change

    def submit(self, function, /, *args):
        future = Future()
        self.submitted.append((future, function, args))
        if len(self.submitted) == len(QUESTIONS):
            for future_, function_, args_ in reversed(self.submitted):
                if future_.set_running_or_notify_cancel():
                    future_.set_result(self.change(function_(*args_)))
        return future


def test_reports_come_in_the_order_of_the_derivations_whatever_runs_them(derivations, reports):
    for executor in (None, Backwards(), ThreadPoolExecutor(2)):
        calls = []
        found = verify_each(derivations, **ASKED, executor=executor, progress=lambda *c, calls=calls: calls.append(c))
        assert list(found) == reports
        assert calls == [(k, 3) for k in range(4)]


def test_what_is_known_is_not_made_again_and_what_is_finished_is_kept(derivations, reports, monkeypatch):
    finished = {}
    first = verify_each(derivations, **ASKED, keep=finished.__setitem__)
    assert next(first) == reports[0]
    first.close()
    assert list(finished.values()) == reports[:1]
    checked = []
    monkeypatch.setattr(many, "verify", lambda one, *a, **o: checked.append(one) or verify(one, *a, **o))
    stranger = {"0": reports[0], kept.digest(derivations[1]): reports[2]}  # the last is on something else
    assert list(verify_each(derivations, **ASKED, known={**finished, **stranger})) == reports
    assert checked == derivations[1:]


def test_the_same_derivation_twice_is_checked_once(derivations, reports):
    executor = Backwards()
    twice = [derivations[0], *derivations]
    assert list(verify_each(twice, **ASKED, executor=executor)) == [reports[0], *reports]
    assert len(executor.submitted) == 3


def test_what_has_not_begun_is_cancelled_when_nobody_waits_any_more(derivations):
    class Never(Executor):
        def __init__(self):
            self.futures = []

        def submit(self, *_, **__):
            self.futures.append(Future())
            if len(self.futures) == 3:
                self.futures[0].set_exception(KeyboardInterrupt())
            return self.futures[-1]

    never = Never()
    with pytest.raises(KeyboardInterrupt):
        next(verify_each(derivations, **ASKED, executor=never))
    assert [future.cancelled() for future in never.futures] == [False, True, True]


def test_an_executor_of_another_version_is_refused(derivations):
    other = Backwards(lambda found: found._replace(made_by="another"))
    with pytest.raises(RequestError, match="the executor has another version of kl_symbolic or of its libraries"):
        list(verify_each(derivations, **ASKED, executor=other))


def test_options_are_checked_before_anything_runs(derivations):
    executor = Backwards()
    with pytest.raises(RequestError, match="points must be an integer from 1 to 100, given: 0"):
        next(verify_each(derivations, points=0, executor=executor))
    assert executor.submitted == []


# The file


@pytest.fixture(scope="module")
def text(derivations, reports):
    return kept.reports_to_text(dict(zip(map(kept.digest, derivations), reports, strict=True)), ASKED)


def test_reports_are_read_as_they_were_written(text, derivations, reports):
    found = kept.reports_from_text(text, ASKED)
    assert list(found.values()) == reports
    assert list(found) == list(map(kept.digest, derivations))


def test_a_file_of_other_options_is_refused(text):
    with pytest.raises(RequestError, match=r"^its checks were made with other options: digits 15, not 20$"):
        kept.reports_from_text(text, ASKED | {"digits": 20})
    with pytest.raises(RequestError, match="other options"):
        kept.reports_from_text(text.replace('"seed": 0', '"seeds": 0'), ASKED)


def test_a_file_of_another_version_is_refused(text, monkeypatch):
    monkeypatch.setattr(kept, "made_by", lambda: "another")
    with pytest.raises(RequestError, match="another version of kl_symbolic or of its libraries has made"):
        kept.reports_from_text(text, ASKED)


def test_a_version_is_the_code_and_the_libraries(monkeypatch, tmp_path):
    here = kept.made_by()
    for change in (("version", lambda name: "0"), ("CODE", tmp_path)):
        kept.made_by.cache_clear()
        with monkeypatch.context() as patch:
            patch.setattr(kept, *change)
            assert kept.made_by() != here
    kept.made_by.cache_clear()
    assert kept.made_by() == here


CHANGES = [
    ("status", "perhaps"),
    ("status", "disagree"),  # and the report agrees
    ("route", "guess"),
    ("digits", "50"),
    ("points", None),
    ("enclosed", 1),
    ("detail", []),
]


@pytest.mark.parametrize(("name", "value"), CHANGES, ids=repr)
def test_a_check_that_is_none_is_refused(text, name, value):
    data = json.loads(text)
    report = next(iter(data["reports"].values()))
    report["checks"][0][name] = value
    with pytest.raises(RequestError, match=r"a check in it is none|contradicts itself"):
        kept.reports_from_text(json.dumps(data), ASKED)


@pytest.mark.parametrize("other", ["", "{", "[]", "1", "null", "{}", "[" * 100_000, '{"format": "x"}', '{"format": 1}'])
def test_another_text_is_refused(other):
    with pytest.raises(RequestError, match="it is no file of checks"):
        kept.reports_from_text(other, ASKED)


def test_a_report_that_is_none_is_refused(text):
    data = json.loads(text)
    for report in ([], None, {}, {"name": "kl(p, q)"}):
        with pytest.raises(RequestError, match="a report in it is none"):
            kept.reports_from_text(json.dumps({**data, "reports": {"0": report}}), ASKED)


# The command


def resumed(capsys, *more):
    code = cli.main(["verify", "--all", "--points", "1", "--digits", "15", *map(str, more)])
    return code, *capsys.readouterr()


@pytest.mark.usefixtures("few")
def test_a_run_goes_on_from_its_file(tmp_path, capsys, reports, text, monkeypatch):
    file = tmp_path / "checks.json"
    code, out, err = resumed(capsys, "--resume", file)
    assert (code, out, err) == (0, "".join(f"{report}\n" for report in reports), "")
    assert file.read_text("utf-8") == text
    monkeypatch.setattr(many, "verify", None)
    assert resumed(capsys, "--resume", file) == (code, out, err)
    code, out, err = resumed(capsys, "--resume", file, "--seed", 1)
    assert (code, out) == (2, "")
    assert err == f"kl-symbolic: cannot go on from {file}: its checks were made with other options: seed 0, not 1\n"


@pytest.mark.usefixtures("few")
def test_a_run_that_stops_has_kept_what_it_had(tmp_path, capsys, reports, text, monkeypatch):
    file, done = tmp_path / "checks.json", []

    def interrupted(*args, **options):
        if done:
            raise KeyboardInterrupt
        done.append(verify(*args, **options))
        return done[0]

    with monkeypatch.context() as patch:
        patch.setattr(many, "verify", interrupted)
        assert resumed(capsys, "--resume", file) == (130, f"{reports[0]}\n", "kl-symbolic: interrupted\n")
    assert list(kept.reports_from_text(file.read_text("utf-8"), ASKED).values()) == reports[:1]
    assert os.listdir(tmp_path) == ["checks.json"]
    assert resumed(capsys, "--resume", file)[0] == 0
    assert file.read_text("utf-8") == text


@pytest.mark.usefixtures("few")
def test_the_worst_verdict_counts_wherever_it_came_from(tmp_path, capsys, derivations, reports):
    file = tmp_path / "checks.json"
    wrong = replace(reports[1], checks=(replace(reports[1].checks[0], status="disagree"), *reports[1].checks[1:]))
    file.write_text(kept.reports_to_text({kept.digest(derivations[1]): wrong}, ASKED), "utf-8")
    assert resumed(capsys, "--resume", file)[0] == 1


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["normal", "normal", "--jobs", "2"], "--jobs goes with --all"),
        (["normal", "normal", "--resume", "x"], "--resume goes with --all"),
        (["normal", "normal", "--dask", "x"], "--dask goes with --all"),
        (["--all", "--jobs", "0"], "jobs must be an integer from 1 to 1000, given: 0"),
        (["--all", "--jobs", "2", "--dask", "127.0.0.1:8786"], "give either --jobs or --dask"),
        (["--all", "--resume", "/nonexistent/x/"], "cannot write /nonexistent/x/: "),
        (["--all", "--dask", "nowhere"], "is like tcp://127.0.0.1:8786, given: 'nowhere'"),
    ],
)
@pytest.mark.usefixtures("few")
def test_options_that_do_not_fit_get_one_line(words, message, capsys):
    assert cli.main(["verify", *words]) == 2
    err = capsys.readouterr().err
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.usefixtures("few")
def test_without_dask_the_install_line_is_shown(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert cli.main(["verify", "--all", "--dask", "127.0.0.1:8786"]) == 4
    assert "pip install 'kl_symbolic[dask]'" in capsys.readouterr().err


@pytest.mark.usefixtures("few")
def test_processes_say_what_this_process_says(capsys, reports):
    assert resumed(capsys, "--jobs", 2) == (0, "".join(f"{report}\n" for report in reports), "")


def gone(group):
    """Whether no process of a group is left, now or soon."""
    for _ in range(LOOKS):
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.1)
    return False


@pytest.mark.parametrize("everyone", [False, True], ids=["one process is told", "all are told, as by Ctrl-C"])
def test_an_interruption_leaves_a_whole_file_and_no_process(tmp_path, everyone):
    file = tmp_path / "checks.json"
    run = subprocess.Popen(
        [*PROGRAM, "--jobs", "2", "--resume", file],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert "agree" in run.stdout.readline()
    (os.killpg if everyone else os.kill)(run.pid, signal.SIGINT)
    _, err = run.communicate(timeout=300)
    assert (run.returncode, err) == (130, "kl-symbolic: interrupted\n")
    assert kept.reports_from_text(file.read_text("utf-8"), ASKED)
    assert os.listdir(tmp_path) == ["checks.json"]
    assert gone(run.pid)


def test_a_process_that_dies_is_said_and_leaves_nothing_running(tmp_path):
    code = (
        "import os, sys, kl_symbolic.checks.many as many\n"
        "if __name__ == '__main__':\n"
        "    from kl_symbolic.cli import main\n"
        "    sys.exit(main(['verify', '--all', '--jobs', '2', '--points', '1']))\n"
        "many.verify = lambda *a, **o: os._exit(1)\n"
    )
    program = tmp_path / "dies.py"
    program.write_text(code, "utf-8")
    run = subprocess.Popen(
        [sys.executable, program], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    out, err = run.communicate(timeout=300)
    assert (run.returncode, out) == (2, "")
    assert err == "kl-symbolic: a process of --jobs ended before its time; is there enough memory?\n"
    assert gone(run.pid)


def test_what_is_cancelled_while_a_process_dies_fails_no_thread(monkeypatch):
    failed = []
    monkeypatch.setattr(threading, "excepthook", failed.append)

    def interrupted(executor):
        sleeping, *others = [executor.submit(time.sleep, 1000) for _ in range(20)]
        assert all(other.cancel() for other in others[10:])  # of these none has begun
        for process in multiprocessing.active_children():
            process.kill()
        sleeping.result()

    with pytest.raises(ChildProcessError), processes(1) as executor:
        interrupted(executor)
    assert failed == []


def test_a_process_returns_what_a_call_returns_or_raises():
    with processes(1) as executor:
        assert executor.submit(divmod, 7, 2).result() == (3, 1)
        with pytest.raises(ZeroDivisionError):
            executor.submit(divmod, 1, 0).result()


SCHEDULER = """
from distributed import LocalCluster
options = {{"dashboard_address": None, "local_directory": {folder!r}}}
with LocalCluster(n_workers={workers}, threads_per_worker=1, **options) as local:
    print(local.scheduler_address, flush=True)
    input()
"""


@pytest.fixture
def dask_cluster(tmp_path):
    """Yield what starts a cluster in processes of its own: Dask may wait for ever for a worker that was killed."""
    pytest.importorskip("distributed")
    started = []

    def start(workers):
        program = SCHEDULER.format(workers=workers, folder=str(tmp_path))
        run = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        started.append(run)
        return run, run.stdout.readline().strip()

    yield start
    for run in started:
        with suppress(ProcessLookupError):
            os.killpg(run.pid, signal.SIGKILL)
        run.communicate()


@pytest.mark.usefixtures("few")
def test_a_dask_cluster_says_what_this_process_says(capsys, reports, dask_cluster):
    _, address = dask_cluster(workers=2)
    found = resumed(capsys, "--dask", address)
    assert found == (0, "".join(f"{report}\n" for report in reports), "")
    with pytest.importorskip("distributed").Client(address) as client:  # nothing is left there; any executor will do
        assert client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.tasks)) == 0
        derivations = map(derive, QUESTIONS)
        assert list(verify_each(derivations, **ASKED, executor=client.get_executor(pure=False))) == reports


def test_workers_that_die_and_a_scheduler_that_is_lost_are_said(dask_cluster):
    scheduler, address = dask_cluster(workers=1)
    with pytest.raises(ChildProcessError, match="ended before their time"), cluster(address) as executor:
        executor.submit(os._exit, 1).result()
    with pytest.raises(ZeroDivisionError), cluster(address) as executor:
        executor.submit(divmod, 1, 0).result()

    def lost(executor):
        sleeping = executor.submit(time.sleep, 1000)
        os.killpg(scheduler.pid, signal.SIGKILL)
        sleeping.result()

    with pytest.raises(RequestError, match=f"^the Dask scheduler at {address} is lost$"), cluster(address) as executor:
        lost(executor)
