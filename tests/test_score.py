"""How today's posture stands: by hand, as laws, as text, as files and over the service."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import posture
from hand_cases import changed, hand_tables, problem_of
from random_problems import problem_of as random_problem_of
from random_problems import random_tables
from rich.console import Console
from served import serving
from small_problem import rows, small_problem
from tiny_cases import THOROUGH, handing_over, tiny_problem

from forceposture.client import BadProblemError, Client
from forceposture.report.score import margin_text, score_summary
from forceposture.v1 import score_pb2
from optimizer.cases.read import write_case
from optimizer.checks.admission import checked_index
from optimizer.errors import ProblemError
from optimizer.questions.score import score
from optimizer.questions.todays_posture import ASKED, KEPT, NOTHING, todays_posture
from optimizer.solver.compilation import compile_matrix
from optimizer.tables.problem import Problem, message_from_problem
from optimizer.tables.schema import SCORE_TABLES
from optimizer.tables.score import Score, json_from_score, message_from_score, score_from_message


def hand_today(**changes: Any) -> Problem:
    """The worked example, in which 10 brigades of the United States and 4 South Korean ones are there today.

    6 American ones stand in B and 1 in K, 3 are at home, from where they reach nothing; the South Koreans stand in K.
    A European one is on order.
    """
    tables = hand_tables()
    tables["owned_today"] = rows("actor_id unit_type_id owned_count", "USA BRIGADE 10", "ROK BRIGADE 4")
    tables["stationed_today"] = rows(
        "site_id actor_id unit_type_id mode stationed_count",
        "B_SITE USA BRIGADE PERMANENT 6",
        "K_SITE USA BRIGADE PERMANENT 1",
        "K_SITE ROK BRIGADE PERMANENT 4",
    )
    tables["on_order"] = rows("actor_id unit_type_id year arriving_count", "EUR BRIGADE 2026 5")
    return problem_of({**tables, **changes})


def by_theater(found: Score) -> pd.DataFrame:
    return found.tables["need_scores"].set_index("theater_id")


def test_the_worked_example_as_it_stands() -> None:
    """B: 6 of 7 brigades are there, all American. K: 5 of 6, of which 4 are South Korean. What is on order is not."""
    found = score(hand_today())
    assert found.audit_findings == ()
    needs = by_theater(found)
    assert needs["needed_points"].to_dict() == {"B": 7, "K": 6}
    assert needs["missing_points"].to_dict() == pytest.approx({"B": 1, "K": 1})
    assert needs["most_points"].to_dict() == pytest.approx({"B": 6, "K": 5})
    assert needs["margin_fraction"].to_dict() == pytest.approx({"B": 6 / 7 - 1, "K": 5 / 6 - 1})
    assert needs["most_lead_points"].to_dict() == pytest.approx({"B": 6, "K": 1})
    assert needs["least_lead_points"].to_dict() == pytest.approx({"B": 6, "K": 1})
    costs = found.tables["actor_costs"].set_index("actor_id")
    # 10 brigades at 2,500; of 4,000 people each, 6 at 0.025 and 1 at 0.0125 M$ a person; 4 at 800.
    assert costs["own_usd_m"].to_dict() == pytest.approx({"USA": 25_000, "ROK": 3_200})
    assert costs["stationing_usd_m"].to_dict() == pytest.approx({"USA": 650, "ROK": 0})
    assert costs["modeled_usd_m"].to_dict() == pytest.approx({"USA": 25_650, "ROK": 3_200})
    assert costs["spending_usd_m"].to_dict() == pytest.approx({"USA": 25_650, "ROK": 3_200})
    assert costs["spending_fraction"].isna().all()


def test_a_rule_that_is_broken_is_listed() -> None:
    """24,000 Americans in B where 20,000 may be; 3,200 M$ of South Korea, where 3% of its GDP are 3,000."""
    tables = hand_tables()
    limits = rows("site_group_id actor_id year maximum_persons", "B USA 2025 20000")
    spent = changed(
        tables["actor_years"], {"actor_id": "ROK"}, spending_ceiling_fraction=0.03, gdp_usd_m=100_000
    )
    found = score(hand_today(site_group_limits=limits, actor_years=spent))
    broken = found.tables["broken_rules"].set_index("row_name")
    assert broken[["has", "bound", "off_by"]].to_dict("index") == {
        "site_group_ceiling[B,USA,2026]": pytest.approx({"has": 24_000, "bound": 20_000, "off_by": 4_000}),
        "spending_ceiling[ROK,2026]": pytest.approx({"has": 3_200, "bound": 3_000, "off_by": 200}),
    }
    ceiling = broken["sentence"]["site_group_ceiling[B,USA,2026]"]
    assert ceiling == "People in a group of sites stay below its ceiling (Baltic, United States, 2026)"
    costs = found.tables["actor_costs"].set_index("actor_id")
    assert costs["spending_fraction"]["ROK"] == pytest.approx(0.032)


def test_a_garrison_short_of_people_is_listed() -> None:
    camp = rows("garrison_id site_group_id required_persons", "GATE CAMP 20000")
    found = score(
        handing_over(
            garrisons=camp, garrison_actors=rows("garrison_id actor_id today_fraction", "GATE USA 0")
        )
    )
    (row,) = found.tables["broken_rules"].to_dict("records")
    assert row["row_name"] == "garrison_requirement[GATE,2026]"
    assert (row["has"], row["bound"], row["off_by"]) == pytest.approx((16_000, 20_000, 4_000))
    needs = found.tables["need_scores"]
    assert needs["margin_fraction"].to_list() == pytest.approx([0.0])


def two_theaters(east: int, west: int) -> Problem:
    """Ten American brigades at home, which serve EAST or WEST; the ally has two in EAST."""
    return tiny_problem(
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY EAST_AREA"),
        theaters=rows("theater_id", "EAST", "WEST"),
        transit_times=rows(
            "staging_area_id theater_id unit_type_id transit_days",
            "AMERICA EAST BRIGADE 10",
            "AMERICA WEST BRIGADE 10",
        ),
        scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WAR WEST"),
        requirements=rows(
            "theater_id scenario_id phase_id capability_id year required_points",
            f"EAST WAR D30 GROUND 2026 {east}",
            f"WEST WAR D30 GROUND 2026 {west}",
        ),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 10", "ALY BRIGADE 2"),
    )


def test_a_margin_leaves_the_other_needs_as_well_met_as_they_are() -> None:
    """4 in EAST take 2 American ones beside the ally's; 5 are left for it if WEST keeps its 5: 7 in EAST, 8 in WEST."""
    needs = by_theater(score(two_theaters(4, 5)))
    assert needs["missing_points"].to_dict() == {"EAST": 0, "WEST": 0}
    assert needs["most_points"].to_dict() == pytest.approx({"EAST": 7, "WEST": 8})
    assert needs["margin_fraction"].to_dict() == pytest.approx({"EAST": 3 / 4, "WEST": 3 / 5})
    assert needs["most_lead_points"].to_dict() == pytest.approx({"EAST": 5, "WEST": 8})
    assert needs["least_lead_points"].to_dict() == pytest.approx({"EAST": 2, "WEST": 5})


def test_what_is_missing_is_missing_where_its_part_is_least() -> None:
    """A point is a greater part of EAST's 8 than of WEST's 10: EAST has its 8, and 4 of 12 brigades are left."""
    needs = by_theater(score(two_theaters(8, 10)))
    assert needs["missing_points"].to_dict() == pytest.approx({"EAST": 0, "WEST": 6})
    assert needs["margin_fraction"].to_dict() == pytest.approx({"EAST": 0, "WEST": -0.6})


def test_whatever_is_there_today_is_kept() -> None:
    """A family that gives something a value in period 0 says here whether it is kept or follows from the rest."""
    follows = {"spending", "incremental", "willingness"}
    matrix = compile_matrix(checked_index(small_problem(), ASKED))
    today = small_problem().today
    stocks = {name for name, block in matrix.columns.items() if any(key[-1] == today for key in block.keys)}
    assert stocks - follows == set(KEPT)
    assert set(NOTHING) <= set(matrix.columns)


def test_no_bill_is_raised_to_keep_a_rule_of_spending() -> None:
    """Poland is to spend 39,000 M$ a year, and is billed 60 today: it spends less, and pays no more."""
    broken = score(small_problem()).tables["broken_rules"]
    assert broken["row_name"].str.startswith("bill_").sum() == 0
    assert not broken["sentence"].str.contains("POLISH_BILLS").any()
    assert broken["sentence"].str.contains("POLAND_SPENDS").any()


def test_whatever_changes_what_is_there_is_nothing() -> None:
    """Every column of a balance is kept, or is nothing: a conversion and one back would balance, too."""
    matrix = compile_matrix(checked_index(small_problem(), ASKED))
    balances = [rows.positions for name, rows in matrix.rows.items() if name.endswith("_balance")]
    is_in_balance = abs(matrix.coefficients[np.concatenate(balances)]).sum(axis=0) > 0
    changing = {name for name, block in matrix.columns.items() if is_in_balance[block.positions].any()}
    assert len(balances) == 5
    assert "converted" in changing
    assert changing <= {*KEPT, *NOTHING}


def test_the_small_problem_passes_its_audit() -> None:
    found = score(small_problem())
    assert found.audit_findings == ()
    assert all(list(found.tables[name]) == list(table.by_name) for name, table in SCORE_TABLES.items())


@pytest.mark.parametrize("seed", range(2 * THOROUGH))
def test_a_need_can_grow_to_its_most_and_no_further(seed: int) -> None:
    """Law: with most_points asked for, nothing is missing that was not; with a tenth more, something is."""
    problem = random_problem_of(random_tables(seed))
    free = {name: problem[name].head(0) for name in ("commands", "command_options", "command_prerequisites")}
    free |= {
        name: problem[name].head(0) for name in ("command_actors", "nuclear_options", "nuclear_reductions")
    }
    free |= {"freed_levers": problem["freed_levers"].head(0), "exposure": problem["exposure"].head(0)}
    needs = problem["requirements"].assign(maximum_lead_fraction=np.nan)
    problem = Problem({**problem.tables, **free, "requirements": needs})
    found = score(problem)
    assert found.audit_findings == ()
    scores = found.tables["need_scores"]
    assert (scores["least_lead_points"] <= scores["most_lead_points"] + 1e-6).all()
    assert (scores["most_lead_points"] <= scores["most_points"] + 1e-6).all()
    assert (scores["most_points"] >= scores["needed_points"] - scores["missing_points"] - 1e-6).all()
    met = scores[(scores["missing_points"] == 0) & (scores["needed_points"] > 0)]
    key = ["theater_id", "scenario_id", "phase_id", "capability_id"]
    for _, need in met.iloc[:3].iterrows():
        is_it = (needs[key] == need[key].to_numpy()).all(axis="columns")
        for factor in (1.0, 1.1):
            asked = needs.assign(
                required_points=needs["required_points"].mask(is_it, need["most_points"] * factor),
                red_score_points=needs["red_score_points"].mask(is_it),
            )
            grown = score(Problem({**problem.tables, "requirements": asked})).tables["need_scores"]
            parts = (grown["missing_points"] / grown["needed_points"]).sum()
            before = (scores["missing_points"] / scores["needed_points"]).sum()
            assert (parts > before + 1e-6) == (factor > 1), (seed, dict(need[key]))


def test_a_score_survives_the_wire() -> None:
    found = score(hand_today())
    there = score_pb2.Score.FromString(message_from_score(found).SerializeToString())
    assert json_from_score(score_from_message(there)) == json_from_score(found)


def test_the_service_scores_and_refuses(tmp_path: Path) -> None:
    with serving() as served, Client(served.address) as client:
        answer = score_from_message(client.score(message_from_problem(hand_today())))
        assert json_from_score(answer) == json_from_score(score(hand_today()))
        lacking = hand_today(owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 1"))
        with pytest.raises(BadProblemError):
            client.score(message_from_problem(lacking))
        write_case(hand_today(), tmp_path / "today.json")
        run = posture("score", "today.json", "--server", served.address, "--json", folder=tmp_path)
        assert json.loads(run.stdout) == json_from_score(score(hand_today()))


def test_a_case_with_findings_is_refused() -> None:
    with pytest.raises(ProblemError, match="OWNED_TOO_FEW"):
        score(hand_today(owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 1")))


def test_the_command_prints_and_writes(tmp_path: Path) -> None:
    write_case(hand_today(), tmp_path / "today.json")
    run = posture("score", "today.json", "--out", "shown", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    assert "0 of 2 needs are met, and every rule is kept." in run.stdout
    shown = tmp_path / "shown"
    assert (shown / "summary.txt").read_text(encoding="utf-8") == run.stdout
    document = json.loads((shown / "score.json").read_text(encoding="utf-8"))
    assert document == json.loads(posture("score", "today.json", "--json", folder=tmp_path).stdout)
    for name, table in SCORE_TABLES.items():
        assert list(pd.read_csv(shown / f"{name}.csv")) == list(table.by_name)
    message = score_pb2.Score.FromString((shown / "score.binpb").read_bytes())
    assert json_from_score(score_from_message(message)) == document
    assert posture("score", "today.json", "--server", "127.0.0.1:1", folder=tmp_path).returncode == 6


def test_the_text_names_what_is_missed_broken_and_american() -> None:
    limits = rows("site_group_id actor_id year maximum_persons", "B USA 2025 20000")
    problem = hand_today(site_group_limits=limits)
    page = StringIO()
    Console(file=page, width=100).print(*score_summary(problem, score(problem)), sep="\n")
    text = page.getvalue()
    assert "0 of 2 needs are met, and 1 rule is broken." in text
    assert "Rules that today's posture breaks" in text
    assert "≤ 20,000" in text
    assert "What only United States brings" in text
    assert text.count("-14%") == 2


@pytest.mark.parametrize(
    ("margin", "text"),
    [(0.0, "0%"), (0.004, "<+1%"), (-0.001, ">-1%"), (1.5, "+150%"), (-0.5, "-50%"), (np.nan, "")],
)
def test_margins_are_never_written_as_none(margin: float, text: str) -> None:
    assert margin_text(margin) == text


def test_the_posture_is_its_own_solution() -> None:
    """The tables of the posture show today's forces in year 1, as a plan's tables would."""
    tables = todays_posture(hand_today()).solution.tables
    owned = tables["owned_forces"]
    assert owned.groupby(["actor_id", "year"])["owned_count"].sum().to_dict() == {
        ("USA", 2025): 10,
        ("USA", 2026): 10,
        ("ROK", 2025): 4,
        ("ROK", 2026): 4,
    }
    assert owned[["raised_count", "disbanded_count", "arrived_count"]].sum().sum() == 0
