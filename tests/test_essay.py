"""The case ``essay``: what each of its alternatives changes in ``reference``, and that it says where that is from."""

from functools import cache
from typing import Any

import pandas as pd
import pytest
from test_reference import figures, shipped, uncovered

from optimizer.cases.read import alternatives, shipped_cases
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.command_options import options, prerequisites
from optimizer.formulation.frames.index import build_index
from optimizer.tables.by_year import carried_forward
from optimizer.tables.defaults import complete
from optimizer.tables.keyed import values
from optimizer.tables.problem import Problem, Row, canonical_lines, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES
from optimizer.tables.site_groups import sites_of_groups

EUROPE = {"BALTIC", "CENTRAL_EUROPE", "BLACK_SEA"}

FREED = {
    "billing": {"BILLING"},
    "deterrents": {"NUCLEAR"},
    "eur_garrisons": {"GARRISON", "COMMAND", "PRESENCE"},
    "freed": {"FORCES", "PRESENCE"},
    "handover": {"GARRISON", "COMMAND", "PRESENCE"},
    "interest_zero_europe": {"FORCES", "PRESENCE"},
    "interest_zero_gulf": {"FORCES", "PRESENCE"},
    "interest_zero_japan": {"FORCES", "PRESENCE"},
    "interest_zero_korea": {"FORCES", "PRESENCE"},
    "okinawa_drawdown": {"CEILING", "PRESENCE"},
    "responsibility": {"GARRISON", "COMMAND", "PRESENCE", "FORCES"},
    "risk_high": set(),
    "risk_higher": set(),
    "risk_low": set(),
    "risk_lower": set(),
    "seoul_command": {"COMMAND"},
    "status_quo_more_spending": set(),
    "threat": {"PRESENCE"},
    "together": {"BILLING", "CEILING", "COMMAND", "GARRISON", "NUCLEAR", "PRESENCE"},
    "withdrawal": {"GARRISON", "COMMAND", "PRESENCE"},
}
"""By alternative, the levers that it frees."""

SIX = ("eur_garrisons", "seoul_command", "okinawa_drawdown", "deterrents", "billing", "handover")
"""What ``together`` puts together."""


@cache
def figures_of_the_essay() -> dict[tuple[str, str, str], float]:
    return figures(shipped("essay"))


def rules_of(problem: Problem) -> dict[str, Row]:
    return {row["policy_rule_id"]: row for row in problem.rows("policy_rules")}


def changed_rows(name: str) -> dict[tuple[str, str], dict[str, object]]:
    """By table and key, the cells of an alternative that differ from those of the case; sources and settings aside."""
    found = {}
    for table in PROBLEM_TABLES.values():
        if table.name in ("sources", "settings"):
            continue
        before, after = (
            {table.key_of(row): row for row in filled_rows(problem, table.name)}
            for problem in (shipped("essay"), shipped("essay", name))
        )
        for key, row in after.items():
            cells = {column: cell for column, cell in row.items() if before.get(key, {}).get(column) != cell}
            if cells:
                found[table.name, key] = cells
    return found


def test_the_essay_is_the_reference_under_another_title() -> None:
    def lines(problem: Problem) -> list[str]:
        return [line for line in canonical_lines(problem) if not line.startswith('["settings"')]

    essay, reference = shipped("essay"), shipped("reference")
    assert lines(essay) == lines(reference)
    assert list(alternatives(shipped_cases()["essay"])) == list(FREED)
    titles = {shipped("essay", name).settings["title"] for name in FREED}
    assert len(titles | {essay.settings["title"]}) == len(FREED) + 1


@pytest.mark.parametrize("name", FREED)
def test_alternatives_have_no_findings(name: str) -> None:
    problem = shipped("essay", name)
    assert problem.settings["description"] != shipped("essay").settings["description"]
    assert check(problem) == []
    assert model_findings(build_index(problem)) == []


@pytest.mark.parametrize("name", FREED)
def test_every_figure_of_an_alternative_has_a_source_of_its_own(name: str) -> None:
    before, after = shipped("essay"), shipped("essay", name)
    old = figures_of_the_essay()
    changed = {key: number for key, number in figures(after).items() if old.get(key) != number}
    was = set(before["sources"].itertuples(index=False, name=None))
    new = [row for row in after["sources"].itertuples(index=False, name=None) if row not in was]
    assert uncovered(changed, pd.DataFrame(new, columns=after["sources"].columns)) == []


@pytest.mark.parametrize("name", FREED)
def test_alternatives_free_what_they_are_about(name: str) -> None:
    assert set(shipped("essay", name)["freed_levers"]["lever"]) == FREED[name]


@pytest.mark.parametrize("name", ["eur_garrisons", "handover", "withdrawal"])
def test_the_united_states_supplies_no_battlegroup(name: str) -> None:
    garrisons = shipped("essay", name)["garrison_actors"]
    american = garrisons[garrisons["actor_id"] == "USA"]
    assert len(american) == 3
    assert (american["maximum_fraction"] == 0).all()


def test_europeans_relieve_the_rotational_brigade() -> None:
    problem = complete(shipped("essay", "eur_garrisons")).problem
    flank = sites_of_groups(problem)["EASTERN_FLANK"]
    stationed = problem["stationed_today"]
    american = stationed[(stationed["actor_id"] == "USA") & stationed["site_id"].isin(flank)]
    brigade = american[(american["unit_type_id"] == "ARMORED_BRIGADE") & (american["mode"] == "ROTATIONAL")]
    assert brigade["stationed_count"].to_list() == [1]
    last = rules_of(problem)["FLANK_FROM_2030"]
    persons = values(problem["unit_types"], ["unit_type_id"], "personnel_persons")
    assert last["value"] < persons["ARMORED_BRIGADE"]
    least = complete(problem).problem["requirements"]
    least = least[least["theater_id"].isin(["BALTIC", "BLACK_SEA"]) & (least["year"] >= 2028)]
    assert (least["minimum_lead_fraction"].fillna(0.0) == 0).all()


def test_seoul_may_take_command_once_it_has_raised_what_is_asked_for() -> None:
    """In the period that holds 2030: 2029 is the year that the commander of U.S. Forces Korea named."""
    problem = complete(shipped("essay", "seoul_command")).problem
    index = build_index(problem)
    held = options(index)
    korea = held[(held["command_id"] == "WARTIME_COMMAND_KOREA") & (held["actor_id"] == "KOR")]
    after = [year for year in problem.years if year >= 2030]
    assert sorted(korea.loc[korea["may_hold"], "year"]) == after
    asked = prerequisites(index)
    asked = asked[(asked["command_id"] == "WARTIME_COMMAND_KOREA") & (asked["year"] == 2030)]
    asked = asked.merge(problem["owned_today"], on=["actor_id", "unit_type_id"])
    assert (asked["threshold_count"] > asked["owned_count"]).any(), "it asks for more than there is today"
    key = ["actor_id", "unit_type_id"]
    most = index.owned_bounds[[*key, "year", "most"]].rename(columns={"year": "owned_year"})
    asked = asked.merge(most, on=[*key, "owned_year"])
    assert (asked["threshold_count"] <= asked["most"]).all()


def test_okinawa_is_left_for_guam_and_elsewhere() -> None:
    problem = shipped("essay", "okinawa_drawdown")
    limits = problem["site_group_limits"]
    path = limits[limits["site_group_id"] == "OKINAWA"].sort_values("year")["maximum_persons"]
    assert path.is_monotonic_decreasing
    assert path.iloc[-1] == 8_000
    rules = rules_of(problem)
    assert rules["MARINES_TO_GUAM"]["value"] <= rules["ROOM_ON_GUAM"]["value"]


def test_the_bill_is_cost_plus_half() -> None:
    assert (shipped("essay", "billing")["billing"]["maximum_multiple_ratio"] == 1.5).all()


@pytest.mark.parametrize("name", ["handover", "responsibility", "together"])
def test_the_united_states_counts_for_nothing_in_europe_from_2035(name: str) -> None:
    problem = complete(shipped("essay", name)).problem
    by = ["theater_id", "scenario_id", "phase_id", "capability_id"]
    needs = carried_forward(problem["requirements"], by, [2028, 2030, 2032, 2035, 2040])
    european = needs["theater_id"].isin(EUROPE)
    for year, most in ((2030, 0.5), (2032, 0.25), (2035, 0), (2040, 0)):
        assert (needs.loc[european & (needs["year"] == year), "maximum_lead_fraction"] == most).all()
    assert (needs.loc[european & (needs["year"] >= 2035), "minimum_lead_fraction"].fillna(0.0) == 0).all()
    assert needs.loc[~european, "maximum_lead_fraction"].isna().all()
    assert set(problem["handovers"]["theater_id"]) == EUROPE


@pytest.mark.parametrize("name", ["handover", "status_quo_more_spending"])
def test_european_ceilings_reach_the_share_of_the_hague_in_2030(name: str) -> None:
    def ceilings(problem: Problem) -> dict[Any, float]:
        frame = problem["actor_years"][["actor_id", "year", "spending_ceiling_fraction"]].dropna()
        by_year = carried_forward(frame, ["actor_id"], problem.years)
        return values(by_year, ["actor_id", "year"], "spending_ceiling_fraction")

    before, after = ceilings(shipped("essay")), ceilings(shipped("essay", name))
    assert all(after[key] >= share for key, share in before.items())
    raised = {actor for table, key in changed_rows(name) if table == "actor_years" for actor in [key[:3]]}
    assert len(raised) >= 20
    assert all(after[actor, 2030] >= 0.035 for actor in raised)


def test_responsibility_is_the_handover_with_forces_freed() -> None:
    handover, whole = changed_rows("handover"), changed_rows("responsibility")
    assert {key: cells for key, cells in whole.items() if key not in handover} == {
        ("freed_levers", "FORCES/USA"): {"lever": "FORCES", "lever_key": "USA"}
    }
    assert {key: whole[key] for key in handover} == handover


def test_together_puts_the_six_together() -> None:
    """A cell that two of them change is the same in both, but for the year in which a lever is freed."""
    together = changed_rows("together")
    parts = [changed_rows(name) for name in SIX]
    assert set(together) == {key for part in parts for key in part}
    for key, cells in together.items():
        for part in parts:
            for column, cell in part.get(key, {}).items():
                assert cells[column] == cell or column == "first_year", (key, column)


def test_who_withdraws_is_gone_and_does_not_come_back() -> None:
    problem = complete(shipped("essay", "withdrawal")).problem
    rules = rules_of(problem)
    assert rules["KOREA_LEFT"]["value"] == 0
    assert rules["EUROPE_LEFT"]["value"] < 2_000
    assert {rules[f"STATUTORY_FLOOR_{place}"]["last_year"] for place in ("EUROPE", "KOREA")} == {2026}
    needs = problem["requirements"]
    left = needs[needs["theater_id"].isin(EUROPE | {"KOREA"}) & (needs["year"] >= 2030)]
    assert (left["maximum_lead_fraction"] == 0).all()
    assert not any(table == "actor_years" for table, _ in changed_rows("withdrawal"))


def test_threats_leave_the_choice() -> None:
    rules = rules_of(shipped("essay", "threat"))
    pairs = [(rule, rules[rule["or_policy_rule_id"]]) for rule in rules.values() if rule["or_policy_rule_id"]]
    assert len(pairs) == 3
    for one, other in pairs:
        assert (one["quantity"], other["quantity"]) == ("SPENDING_FRACTION", "STATIONED_PERSONS")


@pytest.mark.parametrize(
    ("name", "theaters"),
    [
        ("europe", EUROPE),
        ("korea", {"KOREA"}),
        ("japan", {"JAPAN_FIRST_ISLAND_CHAIN"}),
        ("gulf", {"GULF"}),
    ],
)
def test_a_region_without_interest(name: str, theaters: set[str]) -> None:
    interests = shipped("essay", f"interest_zero_{name}")["interests"]
    is_zero = interests["interest_usd_m_per_point_yr"] == 0
    assert (is_zero == interests["theater_id"].isin(theaters)).all()


@pytest.mark.parametrize(("name", "factor"), [("lower", 0.75), ("low", 0.9), ("high", 1.1), ("higher", 1.25)])
def test_risks_scale_every_need(name: str, factor: float) -> None:
    before, after = (complete(shipped("essay", which)).problem for which in (None, f"risk_{name}"))
    points = ["required_points", "red_score_points"]
    assert after["requirements"][points].equals(before["requirements"][points] * factor)
