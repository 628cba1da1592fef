"""What the command line reads is bounded; what it writes is whole, and replaces nothing that is no file."""

import json
import os
import resource
import signal
import socket
import stat
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from kl_symbolic import cli, derive, files
from kl_symbolic.errors import RequestError
from kl_symbolic.proof.codec import MAX_CHARACTERS
from kl_symbolic.reading.tokens import MOST_CHARACTERS

NEW = b"new" * 10_000


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder, which is the present one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(capsys, *arguments):
    """Run a command that must be refused in one line; return its code and that line."""
    code = cli.main(arguments)
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("kl-symbolic: ")
    assert err.count("\n") == 1
    return code, err


# Reading


@pytest.mark.parametrize("name", ["/dev/zero", "-"])
def test_an_endless_file_is_refused_at_once(capsys, monkeypatch, name):
    commands = {("replay", name): MAX_CHARACTERS, ("check", "normal", "normal", "-"): MOST_CHARACTERS}
    for command, most in commands.items():
        with Path("/dev/zero").open(encoding="latin-1") as zeros:
            monkeypatch.setattr("sys.stdin", zeros)
            code, err = complaint(capsys, *command)
        assert (code, f"at most {most} characters are read" in err) == (2, True)


def test_the_limit_counts_characters_and_is_itself_allowed():
    Path("text").write_text("λ" * 10, "utf-8")
    assert files.read("text", 10) == "λ" * 10
    with pytest.raises(RequestError, match="text is too long: at most 9 characters are read"):
        files.read("text", 9)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "cannot read '': Is a directory"),
        ("/", "cannot read /: Is a directory"),
        ("nothing", "cannot read nothing: No such file or directory"),
        ("a\nb\udcff", r"cannot read 'a\nb\udcff': No such file or directory"),
        ("nul\0", r"cannot read 'nul\x00': "),
        ("x" * 300, "File name too long"),
        ("binary", "cannot read binary: it is no text in UTF-8"),
    ],
)
def test_what_cannot_be_read_is_named_in_one_line(capsys, name, words):
    Path("binary").write_bytes(b"\xff\xfe\x00")
    code, err = complaint(capsys, "replay", name)
    assert (code, words in err) == (2, True), err


def test_standard_input_is_read_as_utf_8_whatever_the_locale_is(capsys, monkeypatch):
    Path("formula").write_text("λ_1*log(λ_1/λ_2) + λ_2 - λ_1", "utf-8")
    with Path("formula").open(encoding="ascii", errors="surrogateescape") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert cli.main(["check", "poisson", "poisson", "-"]) == 0
    Path("formula").write_bytes(b"\xff")
    with Path("formula").open(encoding="ascii", errors="surrogateescape") as stream:
        monkeypatch.setattr("sys.stdin", stream)
        capsys.readouterr()
        code, err = complaint(capsys, "check", "poisson", "poisson", "-")
    assert (code, "standard input: it is no text in UTF-8" in err) == (2, True)


def test_a_closed_standard_input_is_one_line(capsys, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert complaint(capsys, "replay", "-") == (2, "kl-symbolic: cannot read standard input: it is closed\n")


def test_a_proof_is_read_from_a_pipe(capsys):
    cli.main(["derive", "exponential", "exponential", "--format", "json", "-o", "proof"])
    os.mkfifo("pipe")
    writer = threading.Thread(target=lambda: Path("pipe").write_bytes(Path("proof").read_bytes()))
    writer.start()
    assert cli.main(["replay", "pipe"]) == 0
    writer.join()
    assert capsys.readouterr().out.startswith("proved: kl(exponential, exponential)")


# Writing


def test_a_file_keeps_its_permissions_and_a_new_one_gets_those_of_the_mask(folder):
    before = os.umask(0o027)
    try:
        for mode in (0o604, 0o400, 0o777):
            Path("old").write_text("old")
            Path("old").chmod(mode)
            files.write("old", NEW)
            assert Path("old").read_bytes() == NEW
            assert stat.S_IMODE(Path("old").stat().st_mode) == mode
            Path("old").unlink()
        files.write("new", NEW)
        assert stat.S_IMODE(Path("new").stat().st_mode) == 0o640
    finally:
        os.umask(before)
    assert os.listdir(folder) == ["new"]


@pytest.mark.parametrize("exists", [True, False])
def test_links_stay_and_their_target_is_written(folder, exists):
    (folder / "far").mkdir()
    if exists:
        (folder / "far" / "target").write_text("old")
    Path("one").symlink_to("far/target")
    Path("two").symlink_to(folder / "one")
    files.write("two", NEW)
    assert Path("two").is_symlink()
    assert Path("one").is_symlink()
    assert (folder / "far" / "target").read_bytes() == NEW
    assert not Path("far/target").is_symlink()
    assert sorted(os.listdir(folder)) == ["far", "one", "two"]
    assert os.listdir("far") == ["target"]


def test_a_pipe_stays_and_its_reader_gets_everything(folder):
    os.mkfifo("pipe")
    got = []
    reader = threading.Thread(target=lambda: got.append(Path("pipe").read_bytes()))
    reader.start()
    files.write("pipe", NEW * 10)
    reader.join()
    assert got == [NEW * 10]
    assert Path("pipe").is_fifo()
    assert os.listdir(folder) == ["pipe"]


def test_a_pipe_whose_reader_leaves_is_told_from_a_file_that_cannot_be_written():
    out, into = os.pipe()
    os.close(out)
    try:
        with pytest.raises(BrokenPipeError):
            files.write(f"/dev/fd/{into}", NEW)
    finally:
        os.close(into)


def test_a_device_behind_a_link_stays_and_is_written():
    Path("null").symlink_to("/dev/null")
    Path("full").symlink_to("/dev/full")
    files.write("null", NEW)
    with pytest.raises(RequestError, match="cannot write full: No space left on device"):
        files.write("full", NEW)
    assert [str(Path(name).readlink()) for name in ("null", "full")] == ["/dev/null", "/dev/full"]
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize("name", ["/dev/fd/{}", "/proc/self/fd/{}", "/proc/{pid}/fd/{}", "link"])
def test_a_descriptor_is_written_where_it_stands(folder, name):
    with Path("all").open("wb", buffering=0) as stream:
        stream.write(b"before ")
        Path("link").symlink_to(f"/dev/fd/{stream.fileno()}")
        files.write(name.format(stream.fileno(), pid=os.getpid()), NEW)
        stream.write(b" after")
    assert Path("all").read_bytes() == b"before " + NEW + b" after"
    assert sorted(os.listdir(folder)) == ["all", "link"]


def test_a_descriptor_may_be_a_socket():
    one, other = socket.socketpair()
    with one, other:
        files.write(f"/dev/fd/{one.fileno()}", b"new")
        assert other.recv(10) == b"new"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("", "cannot write '': Is a directory"),
        ("/", "cannot write /: Is a directory"),
        ("..", "cannot write ..: Is a directory"),
        ("new/", "cannot write new/: Is a directory"),
        ("link to a folder", "cannot write link to a folder: Is a directory"),
        ("no/where", "cannot write no/where: no file can be made in its folder: No such file or directory"),
        ("no/../where", "cannot write no/../where: no file can be made in its folder: No such file or directory"),
        ("file/x", "cannot write file/x: Not a directory"),
        ("loop", "cannot write loop: Too many levels of symbolic links"),
        ("socket", "cannot write socket: No such device or address"),
        ("/dev/fd/999999", "Bad file descriptor"),
        ("/dev/fd/99999999999999", "cannot write /dev/fd/99999999999999: "),
        ("x" * 300, "File name too long"),
        ("nul\0", r"cannot write 'nul\x00': "),
        ("a\nb/\udcff", r"cannot write 'a\nb/\udcff': no file can be made in its folder: No such file or directory"),
    ],
)
def test_what_cannot_be_written_is_one_line_and_changes_nothing(folder, capsys, name, words):
    Path("file").write_text("old")
    Path("loop").symlink_to("loop too")
    Path("loop too").symlink_to("loop")
    Path("link to a folder").symlink_to(".")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
    before = sorted(os.listdir(folder))
    code, err = complaint(capsys, "derive", "exponential", "exponential", "--format", "json", "-o", name)
    assert (code, words in err) == (2, True), err
    assert sorted(os.listdir(folder)) == before
    assert Path("file").read_text() == "old"


def test_no_space_leaves_the_old_file_and_nothing_else(folder):
    Path("file").write_text("old")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(RequestError, match="cannot write file: File too large"):
            files.write("file", NEW)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert Path("file").read_text() == "old"
    assert os.listdir(folder) == ["file"]


@pytest.mark.parametrize("error", [OSError(5, "Input/output error"), KeyboardInterrupt(), MemoryError()], ids=repr)
def test_a_failure_of_any_kind_leaves_the_old_file_and_nothing_else(folder, monkeypatch, error):
    def fails(_):
        assert len(os.listdir(folder)) == 2, "the new file is there"
        raise error

    Path("file").write_text("old")
    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises((RequestError, KeyboardInterrupt, MemoryError)):
        files.write("file", NEW)
    assert Path("file").read_text() == "old"
    assert os.listdir(folder) == ["file"]


@pytest.mark.parametrize("number", files.ENDING)
def test_a_signal_in_the_middle_waits_until_the_file_is_whole(folder, monkeypatch, number):
    seen = []

    def ends(*_):
        seen.append(Path("file").read_bytes())
        raise KeyboardInterrupt

    Path("file").write_text("old")
    monkeypatch.setattr(os, "fsync", lambda _: signal.raise_signal(number))
    before = signal.signal(number, ends)
    try:
        with pytest.raises(KeyboardInterrupt):
            files.write("file", NEW)
        assert signal.getsignal(number) is ends
    finally:
        signal.signal(number, before)
    assert seen == [NEW]
    assert os.listdir(folder) == ["file"]


def test_names_of_new_files_cannot_be_foretold(folder, monkeypatch):
    seen = set()
    monkeypatch.setattr(os, "fsync", lambda _: seen.update(os.listdir(folder)))
    for _ in range(5):
        files.write("file", NEW)
    assert len(seen - {"file"}) == 5


@contextmanager
def without_the_rights_of_root():
    user = os.geteuid()
    os.seteuid(user or 65534)
    try:
        yield
    finally:
        os.seteuid(user)


def test_a_folder_or_file_that_forbids_writing_is_obeyed(folder):
    Path("closed").mkdir()
    for name, mode in (("closed/open", 0o666), ("own", 0o444)):
        Path(name).write_text("old")
        Path(name).chmod(mode)
    folder.chmod(0o777)
    Path("closed").chmod(0o555)
    with without_the_rights_of_root():
        with pytest.raises(RequestError, match="cannot write closed/open: no file can be made in its folder: Perm"):
            files.write("closed/open", NEW)
        with pytest.raises(RequestError, match="cannot write own: Permission denied"):
            files.write("own", NEW)
        files.write("new", NEW)
    Path("closed").chmod(0o755)
    assert Path("closed/open").read_text() == Path("own").read_text() == "old"
    assert Path("new").read_bytes() == NEW


def test_a_statement_that_is_written_out_much_larger_than_it_is_is_not_printed(tmp_path, capsys):
    data = json.loads(derive("normal", quantity="entropy").to_json())
    last = data["derivations"][-1]["steps"][-1]["after"]
    nodes = data["nodes"]
    symbol = next(k for k, node in enumerate(nodes) if node[:2] == ["Symbol", "sigma"])
    double = symbol
    for _ in range(14):
        nodes.append(["Add", double, double])
        double = len(nodes) - 1
    minus = next((k for k, node in enumerate(nodes) if node == ["Number", -1, 1]), len(nodes))
    nodes += [["Number", -1, 1]] if minus == len(nodes) else []
    nodes += [["Mul", minus, double], ["Add", last, double, len(nodes)]]
    step = {"rule": "algebra", "before": last, "after": len(nodes) - 1, "cites": []}
    data["derivations"][-1]["steps"].append(step)
    target = tmp_path / "large.json"
    target.write_text(json.dumps(data), "utf-8")
    assert cli.main(["replay", str(target)]) == 0
    assert "the statement has more than 5000 parts" in capsys.readouterr().out
