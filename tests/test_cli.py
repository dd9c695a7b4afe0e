"""The command ``posture``: what it prints, what it writes, how it ends."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest
from commands import Run, environment, infeasible_case, posture, process, tiny_case
from small_problem import small_problem

from forceposture.command.exit_codes import ExitCode
from forceposture.command.interruptible import Interruptible
from forceposture.v1 import solution_pb2
from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case, shipped_cases, write_case
from optimizer.run import solve
from optimizer.search.integer.completion import SOURCE
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES
from optimizer.tables.solution import json_from_solution, message_from_solution, solution_from_message

ROOT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-c", "from forceposture.command.cli import main; main()"]
HAND = "hand_no_response"


@pytest.fixture(scope="module")
def solved(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    """The hand case solved with everything left to itself, and the folder it was solved in."""
    folder = tmp_path_factory.mktemp("solved")
    return process("solve", HAND, folder=folder), folder


def test_cases_are_listed_one_a_line(tmp_path: Path) -> None:
    run = posture("cases", folder=tmp_path)
    assert run.returncode == 0
    cases = [line for line in run.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split()[0] for line in cases] == list(shipped_cases())
    assert "Worked example without allied response" in run.stdout


def test_solve_prints_a_plan_a_person_can_read(solved: tuple[Run, Path]) -> None:
    run, _ = solved
    assert run.returncode == 0
    assert "Best plan: none has a lower cost, penalties included." in run.stdout
    assert "Cost to United States: 10,350 M$" in run.stdout
    assert re.search(r"Brigade +– +4 +\+4 +4 +–", run.stdout)
    assert re.search(r"European allies +– +12,000 +\+12,000 +Site in Baltic 12,000", run.stdout)
    assert "2 of 2 met in full" in run.stdout
    assert "real dollars of 2025" in run.stdout
    assert "sources.csv" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 100
    assert "\x1b" not in run.stdout + run.stderr


def test_solve_tells_its_progress_on_standard_error(solved: tuple[Run, Path]) -> None:
    stages = ["checking", "building the model", "linear relaxation", "breaking ties", "writing out"]
    run, _ = solved
    positions = [run.stderr.index(stage) for stage in stages]
    assert positions == sorted(positions)
    assert "bound 10,350 M$   plan 10,350 M$   gap 0.00%" in run.stderr


def test_solve_writes_the_full_result_and_says_where(solved: tuple[Run, Path]) -> None:
    run, folder = solved
    result = folder / "posture-results" / f"{HAND}-{read_case(HAND).digest[:8]}"
    assert f"The full result is in {result}" in run.stderr
    tables = {path.stem: pd.read_csv(path) for path in result.glob("*.csv")}
    assert tables.keys() == SOLUTION_TABLES.keys()
    assert all(list(tables[name]) == list(table.by_name) for name, table in SOLUTION_TABLES.items())
    lead = tables["ledger"].query("actor_id == 'USA'", engine="python")
    assert lead["discounted_usd_m"].sum() == 10350.0
    assert (result / "summary.txt").read_text(encoding="utf-8") == run.stdout
    message = solution_pb2.Solution.FromString((result / "solution.binpb").read_bytes())
    assert message.outcome.objective_usd_m == 10350.0
    document = json.loads((result / "solution.json").read_text(encoding="utf-8"))
    assert len(document["ledger"]) == len(message.ledger) == len(tables["ledger"])


def test_json_is_one_object_with_every_field(tmp_path: Path) -> None:
    options = ["--gap", "0.001", "--threads", "2", "--seed", "7", "--solver", "simplex", "--time-limit", "60"]
    run = process("solve", HAND, "--json", *options, folder=tmp_path)
    assert run.returncode == 0
    document = json.loads(run.stdout)
    outcome = document["outcome"]
    assert (outcome["termination"], outcome["plan"]) == ("OPTIMAL", "OPTIMAL")
    for name in ("lead_cost_usd_m", "objective_usd_m", "best_bound_usd_m"):
        assert outcome[name] == 10350.0
    assert outcome["penalty_usd_m"] == outcome["relative_gap"] == 0.0
    assert 0 < outcome["wall_seconds"] < 60
    assert document["problem_digest"] == read_case(HAND).digest
    asked = {"relative_gap": 0.001, "threads": 2, "random_seed": 7, "solver": "simplex", "relax": False}
    assert document["options"].items() >= {**asked, "time_limit_seconds": 60.0}.items()
    assert document["options"]["solver_version"].startswith("HiGHS 1.")
    fields = set(solution_pb2.SolveOptions.DESCRIPTOR.fields_by_name)
    assert set(document["options"]) == fields - {"lead_budget_usd_m", "node_limit"}
    assert all(isinstance(document[name], list) for name in SOLUTION_TABLES)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("suffix", ["", ".xlsx", ".yaml", ".json"])
def test_every_kind_of_case_can_be_solved(tmp_path: Path, suffix: str) -> None:
    write_case(read_case(HAND), tmp_path / f"mine{suffix}")
    run = posture("solve", f"mine{suffix}", "--json", "--out", "there/result", folder=tmp_path)
    assert run.returncode == 0
    assert json.loads(run.stdout)["outcome"]["lead_cost_usd_m"] == 10350.0
    assert (tmp_path / "there" / "result" / "solution.json").exists()


def test_check_counts_the_model_before_it_is_built(tmp_path: Path) -> None:
    run = posture("check", HAND, folder=tmp_path)
    assert run.returncode == 0
    assert read_case(HAND).digest in run.stdout
    assert re.search(r"model: \d+ rows, \d+ columns, \d+ nonzeros, 0 integers", run.stdout)
    assert re.search(r"memory to build and solve it: about [\d.]+ GB", run.stdout)


@pytest.mark.parametrize(
    "command", [("check",), ("solve",), ("solve", "--json"), ("export", "--format", "mps")]
)
def test_every_finding_comes_at_once(tmp_path: Path, command: tuple[str, ...]) -> None:
    write_case(read_case(HAND), tmp_path / "mine")
    actors = tmp_path / "mine" / "actor_unit_types.csv"
    text = actors.read_text(encoding="utf-8")
    actors.write_text(text.replace("1000", "-5").replace("READY", "LATER", 1), encoding="utf-8")
    run = posture(*command, "mine", folder=tmp_path)
    assert run.returncode == ExitCode.BAD_INPUT
    assert run.stderr.startswith("2 findings\n")
    assert (
        "table actor_unit_types, row EUR/BRIGADE, column own_cost_usd_m_per_unit_yr, value -5" in run.stderr
    )
    assert "[VALUE_RANGE]" in run.stderr
    assert "[REFERENCE_UNKNOWN]" in run.stderr
    assert "READY" in run.stderr
    if "--json" in command:
        assert [f["code"] for f in json.loads(run.stdout)["findings"]] == ["VALUE_RANGE", "REFERENCE_UNKNOWN"]
    else:
        assert run.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["solve", "refernce"], "Did you mean reference?"),
        (["solve"], "Missing argument 'CASE'"),
        (["solve", HAND, "--gap", "much"], "--gap"),
        (["solve", HAND, "--gap", "0.1", "--gap=0.2"], "--gap is given more than once, as 0.1 and 0.2"),
        *(
            (
                [*command, "hand", "--with", "low", "--alternative", "high"],
                "value 'high'",
            )
            for command in (["solve"], ["check"], ["export", "--format", "mps"], ["avoidable"])
        ),
        (["solve", HAND, "--gap", "-1"], "outside 0 to 1"),
        (["solve", HAND, "--time-limit", "nan"], "time_limit_seconds"),
        (["solve", HAND, "--threads", "0"], "threads"),
        (["solve", HAND, "--solver", "magic"], "choose, simplex, ipm, pdlp"),
        (["solve", HAND, "--colour", "red"], "--colour"),
        (["solve", HAND, "--out", "file/result"], "file"),
        (["export", HAND], "--format"),
        (["export", HAND, "--format", "pdf"], "--format"),
        (["export", HAND, "--format", "json", "--out", "case.xlsx"], "ends in .json"),
        (["export", "file.json", "--format", "json"], "is there already"),
    ],
)
def test_bad_options_are_bad_input(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    (tmp_path / "file.json").write_text("{}", encoding="utf-8")
    run = posture(*arguments, folder=tmp_path)
    assert run.returncode == ExitCode.BAD_INPUT
    assert words in run.stderr
    assert run.stdout == ""
    assert "Traceback" not in run.stderr


def test_a_solve_starts_from_an_earlier_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.search.integer.search._QUICK_NONZEROS", 0)
    write_case(instance(3, 10_000, whole=True), tmp_path / "made_up")
    common = ("solve", "./made_up", "--processes", "1", "--gap", "0.01", "--out")
    assert posture(*common, "first", folder=tmp_path).returncode == ExitCode.DONE
    assert posture(*common, "second", "--start", "first", folder=tmp_path).returncode == ExitCode.DONE
    sources = {
        name: list(pd.read_csv(tmp_path / name / "search_steps.csv")["step_source"])
        for name in ("first", "second")
    }
    assert SOURCE not in sources["first"]
    assert sources["second"][:2] == ["linear relaxation", SOURCE]


def test_each_run_of_a_comparison_starts_from_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("optimizer.search.integer.search._QUICK_NONZEROS", 0)
    write_case(instance(3, 10_000, whole=True), tmp_path / "made_up")
    options = ("--break-even", "all", "--processes", "1", "--gap", "0.01", "--out", "runs")
    assert posture("solve", "./made_up", *options, folder=tmp_path).returncode == ExitCode.DONE
    steps = {path.parent.name: pd.read_csv(path) for path in (tmp_path / "runs").glob("*/search_steps.csv")}
    started = {name: SOURCE in set(table["step_source"]) for name, table in steps.items()}
    assert started == {"break-even-1.2": False, "break-even-1.5": True, "break-even-2.1": True}


def test_what_is_no_result_is_no_start(tmp_path: Path) -> None:
    broken, empty = tmp_path / "broken", tmp_path / "empty"
    broken.mkdir()
    (broken / "solution.binpb").write_bytes(b"\xff\xff")
    solution = solve(read_case(infeasible_case(tmp_path)), SolveOptions())
    empty.mkdir()
    (empty / "solution.binpb").write_bytes(message_from_solution(solution).SerializeToString())
    for arguments, words in (
        (["--start", "nowhere"], "Name a result folder"),
        (["--start", "broken"], "this is no solution"),
        (["--start", "empty"], "there is no plan to start from"),
    ):
        run = posture("solve", HAND, *arguments, folder=tmp_path)
        assert run.returncode == ExitCode.BAD_INPUT
        assert words in run.stderr


def test_infeasible(tmp_path: Path) -> None:
    run = posture("solve", infeasible_case(tmp_path), "--json", folder=tmp_path)
    assert run.returncode == ExitCode.INFEASIBLE
    document = json.loads(run.stdout)
    assert document["outcome"]["termination"] == "INFEASIBLE"
    assert document["outcome"]["plan"] == "NONE"
    assert "lead_cost_usd_m" not in document["outcome"]
    assert document["owned_forces"] == []
    assert "No plan exists" in run.stderr


def test_limit_before_any_plan(tmp_path: Path) -> None:
    run = posture("solve", HAND, "--time-limit", "0", folder=tmp_path)
    assert run.returncode == ExitCode.NO_PLAN_IN_TIME
    assert "No plan was found before the search reached its limit." in run.stdout


def test_relaxed_plan_is_called_a_bound(tmp_path: Path) -> None:
    run = posture("solve", HAND, "--relax", folder=tmp_path)
    assert run.returncode == 0
    assert "Relaxed: units and sites may be fractions" in run.stdout


def test_nobody_serves(tmp_path: Path) -> None:
    run = posture("solve", HAND, "--server", "127.0.0.1:1", "--json", folder=tmp_path)
    assert run.returncode == ExitCode.NO_SERVICE
    assert "127.0.0.1:1: nobody answers there" in run.stderr
    assert run.stdout == ""


@pytest.fixture(scope="module")
def served_address() -> Iterator[str]:
    command = [sys.executable, "-c", "from server.main import main; main()", "--port", "0"]
    with subprocess.Popen(command, cwd=ROOT, env=environment(), stdout=subprocess.PIPE, text=True) as serving:
        assert serving.stdout is not None
        try:
            yield serving.stdout.readline().split()[-1]
        finally:
            serving.terminate()


def test_service_gives_the_same_as_solving_here(
    tmp_path: Path, served_address: str, solved: tuple[Run, Path]
) -> None:
    here, folder = solved
    there = posture("solve", HAND, "--server", served_address, "--out", "result", folder=tmp_path)
    assert there.returncode == 0, there.stderr
    assert there.stdout == here.stdout
    files = [*folder.glob("posture-results/*/solution.json"), tmp_path / "result" / "solution.json"]
    documents = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    for document in documents:
        del document["outcome"]["wall_seconds"]
        del document["options"]["processes"]  # a service uses one
    assert documents[0] == documents[1]


def test_service_is_sent_the_case_with_its_changes_made(tmp_path: Path, served_address: str) -> None:
    """5 and 2 U.S. brigades; a fifth more is asked for in the Baltic, and nothing is worth more than 4,000 there."""
    asked = ["--with", "interest", "--set", "requirements[theater=B].required_points*=1.2"]
    run = posture("solve", "hand", *asked, "--server", served_address, "--out", "result", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    digest = posture("check", "hand", *asked, folder=tmp_path).stdout.split("digest ")[1].split()[0]
    document = json.loads((tmp_path / "result" / "solution.json").read_text(encoding="utf-8"))
    assert document["problem_digest"] == digest
    assert "Cost to United States: 5,100 M$" in run.stdout


def test_service_refuses_findings_as_bad_input(tmp_path: Path, served_address: str) -> None:
    never = {"readiness_class_id": "READY", "mode": "PERMANENT", "phase_id": "D30", "ready_fraction": "0"}
    case = tiny_case(tmp_path, readiness=[never])
    run = posture("solve", case, "--server", served_address, folder=tmp_path)
    assert run.returncode == ExitCode.BAD_INPUT
    assert "REQUIREMENT_UNREACHABLE" in run.stderr


def test_solution_survives_its_message() -> None:
    solution = solve(small_problem(), SolveOptions())
    message = message_from_solution(solution)
    again = solution_from_message(message)
    assert message_from_solution(again) == message
    assert json_from_solution(again) == json_from_solution(solution)


def test_our_fault_has_an_incident_and_no_traceback(tmp_path: Path) -> None:
    broken = "import optimizer.cases.read; optimizer.cases.read.read_case = None"
    for more, is_shown in (([], False), (["--verbose"], True)):
        run = process("solve", HAND, *more, folder=tmp_path, before=broken)
        assert run.returncode == ExitCode.OUR_FAULT
        (incident,) = re.findall(r"Incident (\w+)\.", run.stderr)
        assert "TypeError" in (tmp_path / f"posture-incident-{incident}.log").read_text(encoding="utf-8")
        assert ("Traceback" in run.stderr) == is_shown


def test_plan_that_fails_its_audit_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("optimizer.run.audit", lambda *_: ["sites: too full"])
    run = posture("solve", HAND, folder=tmp_path)
    assert run.returncode == ExitCode.AUDIT_FAILED
    assert "This plan FAILS its audit: do not use it.\n  sites: too full" in run.stdout


def interrupted_run(folder: Path, case: str | Path, sign: str, *options: str) -> tuple[int, str, str]:
    """Exit code and output of a solve that gets SIGINT once the sign stands on its standard error."""
    with (folder / "out").open("w+") as out, (folder / "err").open("w+") as err:
        command = [*COMMAND, "solve", str(case), *options]
        running = subprocess.Popen(command, cwd=folder, env=environment(), stdout=out, stderr=err)
        deadline = time.monotonic() + 120
        while sign not in (folder / "err").read_text() and running.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        running.send_signal(signal.SIGINT)
        running.wait(120)
    return running.returncode, (folder / "out").read_text(), (folder / "err").read_text()


def two_years(folder: Path) -> Path:
    """The reference case cut to two years: a plan comes within seconds, its proof takes minutes."""
    problem = read_case("reference")
    case = folder / "two_years.json"
    write_case(Problem({**problem.tables, "periods": problem["periods"].head(2)}), case)
    return case


def test_interrupted_solve_writes_its_best_plan(tmp_path: Path) -> None:
    options = ["--gap", "0", "--time-limit", "600", "--json", "--out", "result"]
    code, out, err = interrupted_run(tmp_path, two_years(tmp_path), "M$   plan ", *options)
    assert code == ExitCode.INTERRUPTED, err
    outcome = json.loads(out)["outcome"]
    assert (outcome["plan"], outcome["audit_passed"]) == ("FEASIBLE", True)
    assert 0 <= outcome["relative_gap"] < 0.1
    assert "Ctrl-C again ends at once" in err
    assert len(pd.read_csv(tmp_path / "result" / "ledger.csv")) > 100


def test_solve_interrupted_before_any_plan(tmp_path: Path) -> None:
    code, out, err = interrupted_run(tmp_path, "reference", "linear relaxation")
    assert code == ExitCode.INTERRUPTED, err
    assert "Interrupted before any plan was found." in out


def test_work_that_fails_in_its_thread_raises_in_the_main_one() -> None:
    with pytest.raises(ZeroDivisionError):
        Interruptible(lambda interrupt: 1 // 0).run()


def test_export_of_a_model_finds_all_that_solve_refuses(tmp_path: Path) -> None:
    case = read_case(HAND)
    unready = case["readiness"].assign(ready_fraction=0.0)
    write_case(Problem({**case.tables, "readiness": unready}), tmp_path / "unready.json")
    for command in (("solve", "unready.json"), ("export", "unready.json", "--format", "mps")):
        run = posture(*command, folder=tmp_path)
        assert run.returncode == ExitCode.BAD_INPUT
        assert "REQUIREMENT_UNREACHABLE" in run.stderr


def test_help_lists_exit_codes(tmp_path: Path) -> None:
    run = process("--help", folder=tmp_path)
    assert run.returncode == 0
    assert all(re.search(rf"^ +{int(code)}  ", run.stdout, re.MULTILINE) for code in ExitCode)
