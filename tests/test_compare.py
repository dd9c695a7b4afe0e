"""Alternatives beside today's posture and the baseline, and what is said of those that change nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from commands import posture
from hand_cases import changed, hand_command, hand_tables, problem_of
from small_problem import rows

from optimizer.cases.read import write_case
from optimizer.errors import Finding, ProblemError
from optimizer.questions.already_so import already_so
from optimizer.questions.runs import alternative_runs
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

LIMIT = "site_group_id actor_id year maximum_persons"
RULE = "policy_rule_id quantity actor_id site_group_id sense value"


def hand(**tables: Any) -> Problem:
    return problem_of({**hand_tables(), **tables})


def rule(line: str) -> list[dict[str, Any]]:
    return [{**row, "sentence": "Why not."} for row in rows(RULE, line)]


def doubts(baseline: Problem, other: Problem) -> list[Finding]:
    runs = alternative_runs(baseline, {"other": other}, SolveOptions())
    found = [(run, solve(run.problem, run.options)) for run in runs]
    assert all(run.name == "other" for run, _ in already_so(found))
    return [finding for _, finding in already_so(found)]


def of_limits(baseline: Problem, other: Problem) -> list[str]:
    """What is said of limits, and not of the whole plan."""
    return [finding.message for finding in doubts(baseline, other) if finding.table_name]


def test_a_ceiling_above_what_is_there_changes_nothing() -> None:
    """The baseline has 5 brigades of 4,000 in B."""
    finding, whole = doubts(hand(), hand(site_group_limits=rows(LIMIT, "B USA 2025 25000")))
    assert finding.code == whole.code == "ALREADY_SO"
    assert finding.severity == "warning"
    assert finding.path == "site_group_limits[B/USA].maximum_persons"
    assert finding.message == (
        "people of United States in Baltic: at most 25,000, and the baseline's plan has 20,000 in 2026"
    )
    assert whole.message.startswith("the plan is the baseline's")
    assert whole.message.endswith("differs by 0.0 M$")


def test_a_ceiling_below_what_is_there_is_worth_asking() -> None:
    limits = rows(LIMIT, "B USA 2025 16000")
    interests = rows("theater_id capability_id interest_usd_m_per_point_yr", "B GROUND 9000")
    assert doubts(hand(interests=interests), hand(interests=interests, site_group_limits=limits)) == []


def test_a_ceiling_that_is_raised_changes_nothing_only_if_it_did_not_bind() -> None:
    """20,000 binds, as 5 brigades are wanted; from 22,000 to 24,000 nothing changes."""
    at = {
        most: hand(site_group_limits=rows(LIMIT, f"B USA 2025 {most}")) for most in (20_000, 22_000, 24_000)
    }
    assert of_limits(at[20_000], at[24_000]) == []
    assert of_limits(at[20_000], hand()) == []
    (said,) = of_limits(at[22_000], at[24_000])
    assert "at most 24,000, and the baseline's plan has 20,000" in said
    (said,) = of_limits(at[22_000], hand())
    assert "at most 22,000 is not asked for any more, and the baseline's plan has 20,000" in said


@pytest.mark.parametrize(
    ("line", "is_so"),
    [
        ("STAY STATIONED_PERSONS USA B AT_LEAST 20000", True),
        ("STAY STATIONED_PERSONS USA B AT_LEAST 20001", False),
        ("LEAVE STATIONED_PERSONS USA B AT_MOST 19999", False),
        ("ONE STATIONED_COUNT USA K EQUAL 2", True),
    ],
)
def test_rules_that_hold_in_the_baseline(line: str, is_so: bool) -> None:
    interests = rows("theater_id capability_id interest_usd_m_per_point_yr", "B GROUND 9000")
    said = of_limits(hand(interests=interests), hand(interests=interests, policy_rules=rule(line)))
    assert bool(said) == is_so
    assert all(f"rule {line.split()[0]}: Why not.:" in words for words in said)


def test_of_two_rules_the_one_that_holds_is_told() -> None:
    """Nobody leaves, but South Korea spends 3,200 M$ anyway: 4 brigades at 800."""
    pair = [
        *rule("SPEND SPENDING_USD_M ROK - AT_LEAST 3000"),
        *rule("LEAVE STATIONED_PERSONS USA K AT_MOST 0"),
    ]
    pair[0]["or_policy_rule_id"] = "LEAVE"
    years = changed(
        hand_tables()["actor_years"], {"actor_id": "ROK"}, spending_ceiling_fraction=0.05, gdp_usd_m=1e5
    )
    (said,) = of_limits(hand(actor_years=years), hand(actor_years=years, policy_rules=pair))
    assert said.startswith("rule SPEND: Why not.: at least 3,000, and the baseline's plan has 3,200")


def test_a_lever_that_nobody_moves_is_told() -> None:
    """Seoul may take command if it owns 30 brigades, which it may not; it may own 20."""
    locked, freed = (
        Problem(
            {
                **problem.tables,
                "command_prerequisites": problem["command_prerequisites"].assign(threshold_count=30),
            }
        )
        for problem in (hand_command(is_freed=False), hand_command())
    )
    lever, whole = doubts(locked, freed)
    assert (lever.table_name, lever.column_name) == ("freed_levers", "lever_key")
    assert lever.row_key == "COMMAND/" + freed["commands"]["command_id"].iloc[0]
    assert lever.message.startswith("who holds Wartime command in Korea may change, and does not")
    assert whole.message.startswith("the plan is the baseline's")


@pytest.mark.parametrize(
    ("lever", "key", "words"),
    [
        ("FORCES", "USA", "how many units of every kind the lead actor owns"),
        ("FORCES", "BRIGADE", "how many units of Brigade the lead actor owns"),
        ("PRESENCE", "B", "which units of the lead actor stand in Baltic"),
    ],
)
def test_levers_of_forces_and_presence_move_only_what_stands_above_its_need(
    lever: str, key: str, words: str
) -> None:
    """5 and 2 brigades are wanted in B and K; with 13 owned, of which 6 stand in B, what is freed is used."""
    locked: list[dict[str, Any]] = []
    freed = rows("lever lever_key", f"{lever} {key}")
    said = of_limits(hand(freed_levers=locked), hand(freed_levers=freed))
    assert said == [f"{words} may change, and does not: the plan has what the baseline's has"]
    today = {
        "owned_today": rows("actor_id unit_type_id owned_count", "USA BRIGADE 13"),
        "stationed_today": rows(
            "site_id actor_id unit_type_id mode stationed_count", "B_SITE USA BRIGADE PERMANENT 6"
        ),
    }
    assert of_limits(hand(**today, freed_levers=locked), hand(**today, freed_levers=freed)) == []


def test_a_lever_that_is_used_is_not() -> None:
    assert doubts(hand_command(is_freed=False), hand_command()) == []


def test_a_spending_ceiling_nobody_reaches_is_told() -> None:
    years = {
        share: changed(
            hand_tables()["actor_years"], {"actor_id": "ROK"}, gdp_usd_m=1e5, spending_ceiling_fraction=share
        )
        for share in (0.04, 0.05)
    }
    (said,) = of_limits(hand(actor_years=years[0.04]), hand(actor_years=years[0.05]))
    assert said == "percent of GDP spent by South Korea: at most 5, and the baseline's plan has 3.2 in 2026"


def test_alternatives_are_shown_beside_today_and_the_baseline(tmp_path: Path) -> None:
    today = {
        "owned_today": rows("actor_id unit_type_id owned_count", "USA BRIGADE 3"),
        "stationed_today": rows(
            "site_id actor_id unit_type_id mode stationed_count", "B_SITE USA BRIGADE PERMANENT 3"
        ),
    }
    write_case(hand(**today), tmp_path / "case")
    folder = tmp_path / "case" / "alternatives" / "roof"
    folder.mkdir(parents=True)
    (folder / "settings.yaml").write_text("title: No more than 25,000\n", encoding="utf-8")
    (folder / "site_group_limits.csv").write_text(
        LIMIT.replace(" ", ",") + "\nB,USA,2025,25000\n", encoding="utf-8"
    )
    run = posture("compare", "case", "--out", "shown", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    heading = next(line for line in run.stdout.splitlines() if "Quantity" in line)
    assert heading.index("Today") < heading.index("Baseline")
    assert "No more than 25,000: people of United States in Baltic: at most 25,000" in run.stdout
    document = json.loads((tmp_path / "shown" / "comparison.json").read_text(encoding="utf-8"))
    cells = {row["quantity"]: row for row in document["comparison"]}
    assert list(cells["Needs missed"]) == ["quantity", "today", "baseline", "roof"]
    assert cells["Needs missed"] | {"quantity": ""} == {
        "quantity": "",
        "today": "2 of 2",
        "baseline": "0 of 2",
        "roof": "0 of 2",
    }
    # 3 brigades at 2,500, and 12,000 people at 0.025.
    assert cells["Lead's cost of keeping it a year (M$)"]["today"] == "7,800"
    assert cells["Lead's units, land"]["today"] == "3"
    assert cells["Lead's people hosted by European allies"] | {"quantity": ""} == {
        "quantity": "",
        "today": "12,000",
        "baseline": "20,000",
        "roof": "20,000",
    }
    assert "today" not in cells["Lead actor's cost (M$)"]
    assert {warning["code"] for warning in document["warnings"]} == {"ALREADY_SO"}
    assert {warning["run"] for warning in document["warnings"]} == {"roof"}
    named = posture("compare", "case", "roof", "--json", folder=tmp_path)
    assert json.loads(named.stdout)["comparison"] == document["comparison"]
    assert posture("compare", "case", "rof", folder=tmp_path).returncode == 2


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(ProblemError, match="QUESTION_POINTLESS"):
        alternative_runs(hand(), {}, SolveOptions())
    with pytest.raises(ProblemError, match="QUESTION_CONFLICT"):
        alternative_runs(hand(), {"today": hand()}, SolveOptions())


def test_a_baseline_without_a_plan_warns_of_nothing() -> None:
    forces = changed(hand_tables()["actor_unit_types"], {}, maximum_owned_count=1)
    assert doubts(hand(actor_unit_types=forces), hand()) == []
