"""What is found in the reference: the file is of today's problems, and the tables say what it says."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hand_cases import hand_five_years
from tiny_cases import THOROUGH, needed, tiny_problem

from optimizer.cases.read import read_case
from optimizer.solve_options import SolveOptions

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "data" / "findings.json"
RELAXED = SolveOptions(relax=True)


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    for folder in ("benchmarks", "protos"):
        monkeypatch.syspath_prepend(ROOT / folder)
    import reference_findings

    yield reference_findings
    for name in (
        "reference_findings",
        "published_figures",
        "plans_of_alternatives",
        "todays_costs",
        "findings_tables",
    ):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def findings() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def test_the_file_is_of_todays_problems(scripts: ModuleType, findings: dict[str, Any]) -> None:
    """Where it is not: python benchmarks/reference_findings.py."""
    digests = {name: problem.digest for name, problem in scripts.problems().items()}
    assert {name: found["digest"] for name, found in findings["problems"].items()} == digests


def test_published_figures_follow_from_tables_and_plans(
    scripts: ModuleType, findings: dict[str, Any]
) -> None:
    again = scripts.findings(findings["problems"], read_case("reference"), findings["software_version"])
    assert json.loads(json.dumps(again["published"])) == findings["published"]


@pytest.mark.usefixtures("scripts")
def test_the_tables_of_the_readme_are_those_of_the_file() -> None:
    from findings_tables import findings_tables

    text = (ROOT / "data" / "README.md").read_text(encoding="utf-8")
    assert findings_tables(FILE.read_text(encoding="utf-8")) in text


@pytest.mark.skipif(THOROUGH == 1, reason="solves every alternative; set THOROUGH_TESTS")
def test_everything_is_found_again(scripts: ModuleType, findings: dict[str, Any]) -> None:
    for name, problem in scripts.problems().items():
        again = scripts.found_of(problem, RELAXED, name == scripts.BASELINE)
        assert again.keys() == findings["problems"][name].keys(), name
        if "row" in again:
            before = findings["problems"][name]["row"]
            for column in ("lead_cost_usd_m", "penalty_usd_m", "exposure_points", "unmet_needs"):
                assert again["row"][column] == pytest.approx(before[column], rel=1e-6, abs=1e-3), (
                    name,
                    column,
                )


def test_a_plan_is_summed_up(scripts: ModuleType) -> None:
    """The U.S. brigades in the Baltic go from 5 to none in five years; in the last there are two in Korea alone."""
    problem = hand_five_years()
    found = scripts.found_of(problem, RELAXED, is_baseline=True)
    assert found["row"]["lead_cost_usd_m"] == pytest.approx(56_700)
    assert (found["row"]["unmet_needs"], found["audit_findings"]) == (0, [])
    assert found["measures"]["lead_last_usd_m_per_yr"] == pytest.approx(2 * 2550)
    assert sum(found["today"]["people"].values()) == 0


def test_a_problem_without_a_plan_says_so(scripts: ModuleType) -> None:
    from findings_tables import findings_tables

    found = scripts.found_of(tiny_problem(requirements=needed("2026 21")), RELAXED, is_baseline=False)
    assert found["termination"] == "INFEASIBLE"
    assert "needs" in found["why"]
    solved = scripts.found_of(hand_five_years(), RELAXED, is_baseline=True)
    text = findings_tables(json.dumps({"published": [], "problems": {"reference": solved, "other": found}}))
    (line,) = [line for line in text.splitlines() if line.startswith("| `other`")]
    assert line.startswith("| `other` | no plan: INFEASIBLE. Not all needs can be met.")


@pytest.mark.usefixtures("scripts")
def test_figures_of_plans_are_differences_to_todays_course() -> None:
    """75 B$ a year of 2021, 300 B$ once, and 2 M$ a person on Guam; without the plan of one, its row is empty."""
    from published_figures import BASELINE, rows

    zero = dict.fromkeys(
        ("lead_last_usd_m_per_yr", "european_forces_usd_m", "guam_once_usd_m", "guam_persons"), 0.0
    )
    measures = {
        BASELINE: {**zero, "lead_last_usd_m_per_yr": 200_000.0, "european_forces_usd_m": 50_000.0},
        "interest_zero_europe": {**zero, "lead_last_usd_m_per_yr": 200_000.0 - 1.17412 * 75_000},
        "handover": {**zero, "european_forces_usd_m": 350_000.0},
        "okinawa_drawdown": {**zero, "guam_once_usd_m": 10_000.0, "guam_persons": 5_000.0},
    }

    def found(measures: dict[str, dict[str, float]]) -> dict[str, tuple[float | None, float | None]]:
        return {row["name"]: (row["value"], row["factor"]) for row in rows(read_case("reference"), measures)}

    every = found(measures)
    assert every["European division of labor"] == pytest.approx((1.17412 * 75, 1))
    assert every["Replacing the United States in Europe"] == pytest.approx((300, 1))
    assert every["From Okinawa to Guam"] == pytest.approx((2, 2 / (1.16 * 1.37606)))
    del measures["handover"]
    assert found(measures) == {**every, "Replacing the United States in Europe": (None, None)}


@pytest.mark.usefixtures("scripts")
def test_a_figure_says_how_near_it_comes() -> None:
    from published_figures import Published

    published = Published("Name", "70 to 80", "What.", "B$", 70, 80, 0.5, 1.5, outside="Since.")
    assert [published.row(value)["factor"] for value in (35, 75, 160)] == [0.5, 1, 2]
    assert [published.row(value)["is_inside"] for value in (34, 35, 120, 121)] == [False, True, True, False]
    assert published.row(None)["is_inside"] is None
    share = Published("Name", "37.6%", "What.", "%", 37.6, 37.6, points=2)
    assert [share.row(value)["is_inside"] for value in (35.5, 35.7, 39.5, 39.7)] == [False, True, True, False]
    inside = Published("Name", "1 to 2", "What.", "$", 1, 2)
    assert [inside.row(value)["is_inside"] for value in (0.9, 1, 2, 2.1)] == [False, True, True, False]
