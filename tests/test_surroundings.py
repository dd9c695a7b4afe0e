"""Where the command runs: closed pipes, full disks, folders that cannot be written, odd environments, proxies."""

import json
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, Any

import pytest
from commands import Run, environment, posture
from small_problem import small_problem

from forceposture.client import is_loopback
from forceposture.command.exit_codes import CommandError, ExitCode
from forceposture.command.result_files import write_results
from forceposture.command.writing import check_writable, whole
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.solution import Solution

CODE = "from forceposture.command.cli import main; main()"
HAND = "hand_no_response"


def run(
    *arguments: str,
    folder: Path,
    stdout: int | IO[bytes] = subprocess.PIPE,
    before: str = "",
    python: tuple[str, ...] = (),
    **variables: str,
) -> Run:
    done = subprocess.run(
        [sys.executable, *python, "-c", f"{before}\n{CODE}", *arguments],
        cwd=folder,
        env=environment(**variables),
        stdin=subprocess.DEVNULL,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=120,
    )
    return Run(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


@pytest.fixture
def closed_pipe() -> IO[bytes]:
    """A pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    return os.fdopen(writing, "wb")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], ExitCode.DONE),
        (["solve", "--help"], ExitCode.DONE),
        (["cases"], ExitCode.DONE),
        (["check", HAND], ExitCode.DONE),
        (["solve", HAND, "--out", "result"], ExitCode.DONE),
        (["solve", HAND, "--json"], ExitCode.DONE),
        (["solve", "nowhere", "--json"], ExitCode.BAD_INPUT),
    ],
)
def test_a_command_ends_as_ever_when_nobody_reads_it(
    tmp_path: Path, closed_pipe: IO[bytes], arguments: list[str], code: ExitCode
) -> None:
    with closed_pipe:
        done = run(*arguments, folder=tmp_path, stdout=closed_pipe)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert (tmp_path / "result" / "summary.txt").exists() == ("--out" in arguments)


@pytest.mark.parametrize("closed", [0, 1, 2])
def test_closed_streams(tmp_path: Path, closed: int) -> None:
    done = run("cases", folder=tmp_path, before=f"import os; os.close({closed})")
    assert done.returncode == ExitCode.DONE
    assert ("Worked example" in done.stdout) == (closed != 1)
    assert done.stderr == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
@pytest.mark.parametrize("arguments", [["--help"], ["cases"], ["check", HAND]])
def test_output_that_cannot_be_written_is_told(tmp_path: Path, arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = run(*arguments, folder=tmp_path, stdout=full)
    assert done.returncode == ExitCode.BAD_INPUT
    assert done.stderr == "standard output: No space left on device\n"


@pytest.mark.parametrize(
    "variables",
    [
        {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"COLUMNS": "many", "TERM": "dumb"},
        {"COLUMNS": "0", "NO_COLOR": "1", "HOME": "/nowhere"},
        {"TMPDIR": "/nowhere"},
    ],
)
def test_odd_environments(tmp_path: Path, variables: dict[str, Any]) -> None:
    for arguments in (["--help"], ["check", HAND]):
        done = run(*arguments, folder=tmp_path, **variables)
        assert done.returncode == ExitCode.DONE, done.stderr
        assert done.stdout


def test_json_is_whole_where_the_terminal_has_ascii_alone(tmp_path: Path) -> None:
    done = run("solve", HAND, "--json", folder=tmp_path, PYTHONIOENCODING="ascii")
    again = run("solve", HAND, "--json", folder=tmp_path, PYTHONIOENCODING="utf-8")
    assert done.stdout.isascii()
    first, second = json.loads(done.stdout), json.loads(again.stdout)
    assert first["ledger"] == second["ledger"]


def test_assertions_may_be_stripped_docstrings_not(tmp_path: Path) -> None:
    for level, code in (("1", ExitCode.DONE), ("2", ExitCode.BAD_INPUT)):
        done = run("check", HAND, folder=tmp_path, PYTHONOPTIMIZE=level)
        assert done.returncode == code, done.stderr
    assert done.stderr.startswith("posture does not run with PYTHONOPTIMIZE=2")


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    before = f"import os; os.rmdir({str(gone)!r})"
    done = run("solve", HAND, folder=gone, before=before)
    assert done.returncode == ExitCode.BAD_INPUT
    assert "The current folder is gone" in done.stderr or "--out" in done.stderr
    assert "fault of the software" not in done.stderr


@pytest.fixture(scope="module")
def solution() -> Solution:
    return solve(small_problem(), SolveOptions(relax=True))


class TestResultFolders:
    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="no /proc on this system")
    def test_where_no_folder_can_be_made(self) -> None:
        done = posture("solve", HAND, folder=Path("/proc"))
        assert done.returncode == ExitCode.BAD_INPUT
        assert "posture-results/hand_no_response" in done.stderr
        assert "Name another place with --out." in done.stderr

    def test_a_file_in_the_way(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("in the way")
        for folder in (tmp_path / "file", tmp_path / "file" / "inside"):
            with pytest.raises(CommandError, match="a file is in the way"):
                check_writable(folder)

    def test_a_name_that_is_too_long(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="the name is too long"):
            check_writable(tmp_path / ("x" * 300))

    def test_a_folder_of_somebody_else(self, tmp_path: Path) -> None:
        code = (
            "import os, sys\n"
            "from pathlib import Path\n"
            "from forceposture.command.exit_codes import ending_well\n"
            "from forceposture.command.writing import check_writable\n"
            "if os.geteuid() == 0: os.setuid(65534)\n"
            "with ending_well(False): check_writable(Path(sys.argv[1]))"
        )
        tmp_path.chmod(0o555)
        command = [sys.executable, "-c", code, str(tmp_path / "result")]
        done = subprocess.run(command, env=environment(), cwd="/", capture_output=True, text=True)
        assert "you may not write there. Name another place with --out." in done.stderr

    def test_a_disk_that_fills_up_leaves_the_earlier_result(self, tmp_path: Path, solution: Solution) -> None:
        assert write_results(tmp_path / "result", small_problem(), solution, [])
        before = {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()}
        code = (
            "import resource, sys\n"
            "from pathlib import Path\n"
            "from forceposture.command.exit_codes import ending_well\n"
            "from forceposture.command.result_files import read_problem, read_result, write_results\n"
            "problem, solution = read_problem(Path('result')), read_result(Path('result'))\n"
            "resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))\n"
            "with ending_well(False): write_results(Path(sys.argv[1]), problem, solution, [])"
        )
        for folder in ("result", "other/result"):
            command = [sys.executable, "-c", code, folder]
            done = subprocess.run(command, env=environment(), cwd=tmp_path, capture_output=True, text=True)
            assert f"{folder} cannot be written: a file would be larger than is allowed here" in done.stderr
        assert {path.name: path.read_bytes() for path in (tmp_path / "result").iterdir()} == before
        assert [path.name for path in tmp_path.iterdir()] == ["result"]

    def test_files_of_others_stay(self, tmp_path: Path, solution: Solution) -> None:
        (tmp_path / "notes.txt").write_text("mine")
        assert write_results(tmp_path, small_problem(), solution, [])
        assert (tmp_path / "notes.txt").read_text() == "mine"
        assert not list(tmp_path.glob(".writing*"))

    def test_nothing_is_left_of_what_fails(self, tmp_path: Path) -> None:
        def fail() -> None:
            with whole(tmp_path / "a" / "b") as folder:
                (folder / "part").write_text("x")
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            fail()
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["mps", "lp", "json", "xlsx", "csv"])
def test_an_export_is_whole_or_not_there(tmp_path: Path, form: str) -> None:
    before = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))"
    done = run(
        "export", "hand", "--format", form, "--out", f"mine{'' if form == 'csv' else '.' + form}",
        folder=tmp_path, before=before,
    )  # fmt: skip
    assert done.returncode == ExitCode.BAD_INPUT, done.stderr
    assert "cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("address", "answer"),
    [
        ("127.0.0.1:50051", True),
        ("127.9.9.9:1", True),
        ("localhost:1", True),
        ("[::1]:1", True),
        ("ipv4:127.0.0.1:1", True),
        ("dns:///localhost:1", True),
        ("unix:/run/posture", True),
        ("10.0.0.1:1", False),
        ("localhost.example.org:1", False),
        ("posture.example.org:50051", False),
    ],
)
def test_loopback(address: str, answer: bool) -> None:
    assert is_loopback(address) == answer


def test_no_proxy_stands_before_a_service_on_this_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as listening, socket.socket() as proxy:
        for each in (listening, proxy):
            each.bind(("127.0.0.1", 0))
            each.listen()
        for name in ("grpc_proxy", "https_proxy", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        called: list[str] = []

        def hear(name: str, server: socket.socket) -> None:
            connection, _ = server.accept()
            called.append(name)
            connection.close()

        listeners = [("service", listening), ("proxy", proxy)]
        for listener in listeners:
            threading.Thread(target=hear, args=listener, daemon=True).start()
        address = f"127.0.0.1:{listening.getsockname()[1]}"
        done = posture("solve", HAND, "--server", address, "--json", folder=tmp_path)
    assert done.returncode == ExitCode.NO_SERVICE
    assert called == ["service"]
    assert "proxy" not in done.stderr


def test_a_proxy_before_another_machine_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://user:secret@127.0.0.1:9")
    for name in ("grpc_proxy", "https_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    done = posture("solve", HAND, "--server", "192.0.2.1:1", "--json", folder=tmp_path)
    assert done.returncode == ExitCode.NO_SERVICE
    assert "through the proxy that http_proxy names" in done.stderr
    assert "secret" not in done.stderr
