"""Where results are kept: each question has a folder of its own, and no plan is lost."""

from pathlib import Path

import pandas as pd
import pytest
from commands import infeasible_case, posture

from forceposture.command.exit_codes import ExitCode
from optimizer.cases.read import read_case, write_case
from optimizer.tables.problem import Problem

HAND = "hand_no_response"


def scored(folder: Path) -> str:
    """The worked example with its needs given as the opponent's score, as a file in a folder."""
    problem = read_case(HAND)
    needs = problem["requirements"]
    ratio = float(problem.settings["break_even_ratio"])
    scores = needs.assign(red_score_points=needs["required_points"] * ratio, required_points=float("nan"))
    path = folder / "scored.json"
    write_case(
        Problem({**problem.tables, "requirements": scores, "sources": problem["sources"].iloc[:0]}), path
    )
    return str(path)


def test_each_question_has_a_folder_of_its_own(tmp_path: Path) -> None:
    case = scored(tmp_path)
    asked = {
        "-relax": ["solve", case, "--relax"],
        "-lead-cost-shortfall": ["solve", case, "--objective", "lead-cost", "--objective", "shortfall"],
        "-budget-9000": ["solve", case, "--budget", "9000"],
        "-break-even-1.2": ["solve", case, "--break-even", "1.20"],
        "-require-deter": ["solve", case, "--require", "deter"],
        "-relax-budget-12000.5-break-even-2": [
            "solve",
            case,
            "--relax",
            "--budget",
            "12000.5",
            "--break-even",
            "2",
        ],
        "-beside": ["solve", case, "--beside", "alliance"],
        "-relax-break-even": ["solve", case, "--break-even", "all", "--relax"],
        "-stand-alone": ["stand-alone", case],
        "": ["solve", case, "--gap", "0.001", "--require", "both"],
    }
    digest, before = read_case(case).digest[:8], set[str]()
    for suffix, arguments in asked.items():
        run = posture(*arguments, "--time-limit", "0", folder=tmp_path)
        assert run.returncode == ExitCode.NO_PLAN_IN_TIME, run.stderr
        now = {path.name for path in (tmp_path / "posture-results").iterdir()}
        assert now - before == {f"scored-{digest}{suffix}"}
        before = now


def test_a_result_says_what_was_asked(tmp_path: Path) -> None:
    case = scored(tmp_path)
    digest = read_case(case).digest[:8]
    title = "Worked example without allied response"
    order = ["--objective", "alliance-cost", "--objective", "lead-cost"]
    for options, first, second in (
        ([], f"{title} (2026", f"Problem {digest}"),
        (
            [*order, "--budget", "12000.5", "--relax"],
            f"{title} (2026",
            f"Problem {digest}; least alliance cost, then least lead cost; at most 12,000.5 M$ for the lead actor; "
            "relaxed",
        ),
        (["--budget", "9000"], f"{title} (2026", "at most 9,000 M$ for the lead actor"),
        (["--break-even", "1.2"], f"{title} (break-even 1.2) (2026", "Problem "),
        (["--require", "deter"], f"{title} (only needs to deter) (2026", "Problem "),
    ):
        run = posture(
            "solve", case, *options, "--time-limit", "0", "--json", "--out", "result", folder=tmp_path
        )
        assert run.returncode == ExitCode.NO_PLAN_IN_TIME, run.stderr
        heading, *lines = (tmp_path / "result" / "summary.txt").read_text(encoding="utf-8").splitlines()
        assert heading.startswith(first)
        assert second in " ".join(line.strip() for line in lines[:2])


@pytest.mark.parametrize("options", [[], ["--out", "result"]])
def test_a_result_without_a_plan_leaves_an_earlier_plan_in_place(tmp_path: Path, options: list[str]) -> None:
    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    nothing = posture("solve", HAND, "--time-limit", "0", *options, folder=tmp_path)
    assert "The full result is in" in nothing.stderr
    empty = files()
    assert posture("solve", HAND, *options, folder=tmp_path).returncode == ExitCode.DONE
    planned = files()
    assert planned.keys() == empty.keys()
    assert planned != empty
    again = posture("solve", HAND, "--time-limit", "0", *options, folder=tmp_path)
    assert again.returncode == ExitCode.NO_PLAN_IN_TIME
    assert "is left in place, nothing is written" in again.stderr
    assert "The full result is in" not in again.stderr
    assert files() == planned


def test_an_infeasible_case_leaves_the_plan_of_another_in_place(tmp_path: Path) -> None:
    assert posture("solve", HAND, "--out", "result", folder=tmp_path).returncode == ExitCode.DONE
    run = posture("solve", infeasible_case(tmp_path), "--out", "result", folder=tmp_path)
    assert run.returncode == ExitCode.INFEASIBLE
    assert "is left in place" in run.stderr
    assert pd.read_csv(tmp_path / "result" / "ledger.csv")["usd_m"].sum() > 0


@pytest.mark.parametrize("command", [("solve",), ("solve", "--break-even", "all"), ("avoidable",)])
def test_a_case_folder_takes_no_result(tmp_path: Path, command: tuple[str, ...]) -> None:
    write_case(read_case(HAND), tmp_path / "base")
    before = sorted(path.name for path in (tmp_path / "base").iterdir())
    run = posture(*command, "base", "--out", "base", folder=tmp_path)
    assert run.returncode == ExitCode.BAD_INPUT
    assert "this folder is a case" in run.stderr
    assert "name another folder" in run.stderr
    assert sorted(path.name for path in (tmp_path / "base").iterdir()) == before
