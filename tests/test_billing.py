"""What allies pay for troops: worked by hand, and ways to earn by it that do not pay."""

from typing import Any

import pandas as pd
import pytest
from hand_cases import changed, hand_tables, problem_of
from small_problem import Rows, rows
from test_hand_cases import owned, solved, stationed
from tiny_cases import optimum, tiny_problem

from optimizer.audit import audit
from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.errors import Finding
from optimizer.formulation.frames.index import build_index
from optimizer.tables.problem import Problem, filled_rows
from optimizer.tables.schema import PROBLEM_TABLES
from optimizer.tables.solution import Solution

FREED = [{"lever": "BILLING", "lever_key": "EUR"}]


def european_bill(**cells: Any) -> dict[str, Rows]:
    """The case ``hand``, EUR billed for U.S. brigades in its site."""
    return {**hand_tables(), "billing": [{"actor_id": "EUR", "host_actor_id": "EUR", **cells}]}


def few_europeans(**cells: Any) -> Problem:
    """The case ``hand_no_response``, EUR with at most 4 brigades, so that 1,000 of its 5,000 M$ are free."""
    case = read_case("hand_no_response")
    tables = {name: filled_rows(case, name) for name in PROBLEM_TABLES if name != "sources"}
    tables = {name: rows for name, rows in tables.items() if rows}
    tables["actor_unit_types"] = changed(
        tables["actor_unit_types"], {"actor_id": "EUR"}, maximum_owned_count=4
    )
    tables["billing"] = [{"actor_id": "EUR", "host_actor_id": "EUR", **cells}]
    return problem_of({**tables, "freed_levers": FREED})


def billed(solution: Solution, year: int = 2026) -> float:
    frame = solution.tables["billing_results"]
    return float(frame.loc[frame["year"] == year, "billed_usd_m"].sum())


def test_a_billed_dollar_displaces_allied_units() -> None:
    """x + 0.8(5 − 0.5x − b) = 7 gives x = 5 + 4/3·b: 2.6·4/3 = 3.4667 lost for each dollar billed, so b = 0."""
    solution = solved(problem_of({**european_bill(), "freed_levers": FREED}))
    assert solution.outcome["objective_usd_m"] == pytest.approx(18_100, rel=1e-9)
    assert billed(solution) == pytest.approx(0, abs=1e-6)


def test_a_floor_displaces_allied_units_all_the_same() -> None:
    """0.05 a brigade: x + 0.8(5 − 0.5x − 0.05x) = 7 gives x = 3/0.56; 2.55·3/0.56 + 5.1 = 18.7607."""
    tables = european_bill(floor_usd_m_per_person_yr=0.0125)
    solution = solved(problem_of({**tables, "freed_levers": FREED}))
    assert solution.outcome["objective_usd_m"] == pytest.approx(2550 * 3 / 0.56 + 5100, rel=1e-9)
    assert stationed(solution, "USA", "B_SITE") == pytest.approx(3 / 0.56)
    assert billed(solution) == pytest.approx(50 * 3 / 0.56)
    assert owned(solution, "EUR") == pytest.approx(5 - 0.55 * 3 / 0.56)


def todays_problem(is_freed: bool) -> Problem:
    """EUR pays 200 M$ today for 4 U.S. brigades in B."""
    tables = european_bill(billed_today_usd_m_per_yr=200)
    tables["owned_today"] = rows("actor_id unit_type_id owned_count", "USA BRIGADE 4")
    tables["stationed_today"] = rows(
        "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE B_SITE PERMANENT 4"
    )
    return problem_of({**tables, "freed_levers": FREED if is_freed else []})


def todays_bill(is_freed: bool) -> Solution:
    return solved(todays_problem(is_freed))


def test_while_the_lever_is_locked_todays_rate_is_paid() -> None:
    """200 for 4 brigades are 50 a brigade, and the plan is that of such a floor; more brigades, a larger bill."""
    solution = todays_bill(is_freed=False)
    assert billed(solution, 2025) == 200
    assert billed(solution) == pytest.approx(50 * 3 / 0.56)
    assert solution.outcome["objective_usd_m"] == pytest.approx(2550 * 3 / 0.56 + 5100, rel=1e-9)
    ledger = solution.tables["ledger"]
    (paid,) = ledger[ledger["kind"] == "BILLED_PAID"].to_dict("records")
    (received,) = ledger[ledger["kind"] == "BILLED_RECEIVED"].to_dict("records")
    assert (paid["actor_id"], received["actor_id"]) == ("EUR", "USA")
    assert paid["usd_m"] == -received["usd_m"] == pytest.approx(50 * 3 / 0.56)
    assert paid["source_column"] == received["source_column"] == "billing.billed_today_usd_m_per_yr"
    assert (paid["theater_id"], pd.isna(paid["site_id"])) == ("B", True)


def test_freeing_a_bill_that_may_stay_as_it_is_never_costs() -> None:
    """Freed, EUR buys brigades instead: 18.1 against 18.7607."""
    assert todays_bill(is_freed=True).outcome["objective_usd_m"] == pytest.approx(18_100, rel=1e-9)


def test_what_cannot_be_spent_on_units_is_billed() -> None:
    """EUR's 4 brigades are 3.2 points, the U.S. has 3.8 in B and bills all of 0.1·3.8; 2.5·3.8 + 2.55 = 12.05."""
    solution = solved(few_europeans())
    assert solution.outcome["objective_usd_m"] == pytest.approx(12_050, rel=1e-9)
    assert billed(solution) == pytest.approx(380)
    # Bills are transfers: the alliance pays 3.8·2.6 + 4·1 in B, 2.55 + 5·0.8 in K.
    assert solution.outcome["alliance_cost_usd_m"] == pytest.approx(9880 + 4000 + 2550 + 4000, rel=1e-9)
    spending = solution.tables["spending_results"].set_index("actor_id")["spending_usd_m"]
    assert spending["EUR"] == pytest.approx(4380)


def test_billed_money_and_shares_of_gdp_can_be_ruled() -> None:
    """A bill of at most 100: 2.6·3.8 − 0.1 + 2.55 = 12.33; EUR at 1.62% of 250,000 M$ has 50 left: 12.38."""
    problem = few_europeans()
    rule = {"sentence": "A deal.", "actor_id": "EUR", "sense": "AT_MOST"}
    for quantity, value, cost in (("BILLED_USD_M", 100, 12_330), ("SPENDING_FRACTION", 0.0162, 12_380)):
        tables = {name: filled_rows(problem, name) for name in PROBLEM_TABLES}
        tables["policy_rules"] = [{**rule, "policy_rule_id": "DEAL", "quantity": quantity, "value": value}]
        solution = solved(problem_of({name: rows for name, rows in tables.items() if rows}))
        assert solution.outcome["objective_usd_m"] == pytest.approx(cost, rel=1e-9)
        (row,) = solution.tables["policy_rule_results"].to_dict("records")
        assert row["quantity"] == pytest.approx(value)


def test_no_ally_bears_more_than_standing_alone_would_cost() -> None:
    """ROK at 2.4 at most has 3 brigades, so that the U.S. has 3 in K: 13 + 2.55·3 = 20.65."""
    tables = hand_tables()
    tables["actors"] = changed(tables["actors"], {"actor_id": "ROK"}, stand_alone_cost_usd_m=2400)
    solution = solved(problem_of(tables))
    assert solution.outcome["objective_usd_m"] == pytest.approx(20_650, rel=1e-9)
    assert owned(solution, "ROK") == pytest.approx(3)


FORCE = (
    "actor_id unit_type_id own_cost_usd_m_per_unit_yr maximum_owned_count maximum_disbanded_count_per_yr"
    " readiness_class_id"
)


def camp(
    settings: dict[str, Any] | None = None, /, brigades: int = 5, there: int = 1, **tables: Rows
) -> Problem:
    """Brigades that cannot be disbanded and are not needed, so many of them in CAMP today; ALY's bill is free."""
    standing = rows(
        "actor_id unit_type_id site_id mode stationed_count", f"USA BRIGADE CAMP PERMANENT {there}"
    )
    base = {
        "requirements": rows(
            "theater_id scenario_id phase_id capability_id year required_points", "EAST WAR D30 GROUND 2026 0"
        ),
        "actor_unit_types": rows(FORCE, "USA BRIGADE 2500 20 0 READY"),
        "owned_today": rows("actor_id unit_type_id owned_count", f"USA BRIGADE {brigades}"),
        "stationed_today": standing if there else [],
        "freed_levers": rows("lever lever_key", "BILLING ALY"),
    }
    together = {**base, **tables}
    return tiny_problem(settings, **{name: table for name, table in together.items() if table})


def bill(*cells: str) -> Rows:
    columns = "actor_id host_actor_id maximum_multiple_ratio allows_more_presence"
    return rows(columns, *(f"ALY ALY {line}" for line in cells))


def test_a_free_multiple_attracts_no_idle_troops() -> None:
    """At three times its 100 each brigade brings 200, but only today's one may be there; all five if allowed."""
    found = optimum(camp(billing=bill("3 -")))
    assert found.objective == pytest.approx(5 * 2500 - 200)
    assert found.of("people") == pytest.approx({"USA,CAMP,2025": 4000, "USA,CAMP,2026": 4000})
    assert optimum(camp(billing=bill("3 true"))).objective == pytest.approx(5 * 2500 - 5 * 200)


@pytest.mark.parametrize(("allows", "billed_groups"), [("-", 2), ("true", 6)])
def test_nobody_is_kept_for_rent_in_the_place_of_those_who_left(allows: str, billed_groups: int) -> None:
    """At three times their cost of 25 groups of 1,000 people bring 50 each, but two stand there today, not six.

    The brigade of today, 4,000 people, is dear and not needed, so it is disbanded. Without it there is room for four
    more groups among today's people; they are of another kind.
    """
    base: dict[str, Any] = {
        "unit_types": rows("unit_type_id personnel_persons", "BRIGADE 4000", "GROUP 1000"),
        "unit_type_modes": rows("unit_type_id mode", "BRIGADE PERMANENT", "GROUP PERMANENT"),
        "actor_unit_types": rows(FORCE, "USA BRIGADE 2500 20 - READY", "USA GROUP 10 6 0 READY"),
        "owned_today": rows("actor_id unit_type_id owned_count", "USA BRIGADE 1", "USA GROUP 6"),
        "stationed_today": rows(
            "actor_id unit_type_id site_id mode stationed_count",
            "USA BRIGADE CAMP PERMANENT 1",
            "USA GROUP CAMP PERMANENT 2",
        ),
    }
    found = optimum(camp(billing=bill(f"3 {allows}"), **base))
    assert found.of("stationed")["USA,GROUP,CAMP,PERMANENT,2026"] == pytest.approx(billed_groups)
    assert found.objective == pytest.approx(6 * 10 - billed_groups * 50)


def test_a_dear_rate_of_today_attracts_no_idle_troops() -> None:
    """300 for the brigade of today would be 300 for each of five."""
    columns = "actor_id host_actor_id billed_today_usd_m_per_yr"
    problem = camp(billing=rows(columns, "ALY ALY 300"), freed_levers=[])
    assert optimum(problem).objective == pytest.approx(5 * 2500 - 200)


def test_sets_beyond_the_units_are_not_put_there_for_their_bill() -> None:
    """At three times its cost of 20 a set that is free brings 40 for its keepers; two brigades take up two sets."""
    forces = {**rows(FORCE, "USA BRIGADE 2500 2 0 READY")[0], "set_purchase_cost_usd_m_per_set": 0}
    problem = camp(
        brigades=2,
        there=0,
        billing=bill("3 true"),
        actor_unit_types=[forces],
        unit_type_modes=rows(
            "unit_type_id mode personnel_persons mode_cost_usd_m_per_unit_yr", "BRIGADE PREPOSITIONED 100 20"
        ),
        site_access=rows("site_id actor_id stationing_cost_usd_m_per_person_yr", "CAMP USA 0"),
    )
    found = optimum(problem)
    assert found.of("stationed") == pytest.approx({"USA,BRIGADE,CAMP,PREPOSITIONED,2026": 2})
    assert found.objective == pytest.approx(2 * 2500 - 2 * 40)


def test_no_troops_no_bill() -> None:
    """An empty site kept open for 10, since closing it costs 50, is not billed."""
    access = "site_id actor_id limit_persons open_today open_cost_usd_m_per_yr closing_cost_usd_m"
    problem = camp(
        brigades=0,
        there=0,
        billing=bill("10 true"),
        site_access=rows(access, "CAMP USA 9000 true 10 50"),
        actor_unit_types=rows(FORCE, "USA BRIGADE 2500 0 0 READY"),
        owned_today=[],
    )
    found = optimum(problem, relax=False)
    assert found.objective == pytest.approx(10)
    assert found.of("billed") == {}


def test_no_site_is_opened_for_its_bill_where_people_cost_nothing() -> None:
    """FORT costs 30 once and 5 a year, of which a bill of three times as much would leave 70."""
    problem = camp(
        billing=bill("3 -"),
        sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY EAST_AREA"),
        site_access=rows(
            "site_id actor_id limit_persons opening_cost_usd_m open_cost_usd_m_per_yr",
            "CAMP USA - - -",
            "FORT USA 4000 30 5",
        ),
    )
    solution = solved(problem)
    assert solution.outcome["objective_usd_m"] == pytest.approx(5 * 2500)
    assert billed(solution) == 0


@pytest.mark.parametrize(("multiple", "surplus"), [("1", 0), ("3", 200)])
def test_nothing_is_built_or_opened_for_its_bill(multiple: str, surplus: int) -> None:
    """Idle rooms have a salvage value, and a bill would pay for them again, or three times."""
    access = {
        "site_id": "CAMP",
        "actor_id": "USA",
        "stationing_cost_usd_m_per_person_yr": 0.025,
        "housing_build_cost_usd_m_per_person": 1,
        "limit_persons": 20000,
    }
    other = {**access, "site_id": "FORT", "opening_cost_usd_m": 30, "open_cost_usd_m_per_yr": 5}
    problem = camp(
        {"year_count": 2, "discount_rate_fraction": 0.05},
        billing=bill(f"{multiple} -"),
        site_access=[access, other],
        sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY EAST_AREA", "FORT ALY EAST_AREA"),
    )
    solution = solved(problem)
    assert solution.outcome["objective_usd_m"] == pytest.approx((5 * 2500 - surplus) * (1 + 1 / 1.05))
    assert solution.tables["site_uses"]["housing_built_persons"].sum() == 0
    assert set(solution.tables["site_uses"]["site_id"]) == {"CAMP"}


def test_nobody_is_stationed_dearly_for_the_bill() -> None:
    """Turns of duty at 1,000 more a brigade, billed three times over, would bring 2,200."""
    problem = camp(
        billing=bill("3 -"),
        unit_type_modes=rows(
            "unit_type_id mode rotation_ratio mode_cost_usd_m_per_unit_yr",
            "BRIGADE PERMANENT - -",
            "BRIGADE ROTATIONAL 1 1000",
        ),
        readiness_classes=rows(
            "readiness_class_id mode notice_to_move_days",
            "READY PERMANENT 0",
            "READY HOME 0",
            "READY ROTATIONAL 0",
        ),
    )
    assert optimum(problem).objective == pytest.approx(5 * 2500 - 200)


def test_several_payers_pay_a_cost_once() -> None:
    """Two allies at a multiple of 1 pay 100 together for today's brigade, not 200, and no more brigades come."""
    problem = camp(
        actors=rows("actor_id home_staging_area_id", "USA AMERICA", "ALY ALYLAND", "BEA ALYLAND"),
        billing=rows("actor_id host_actor_id", "ALY ALY", "BEA ALY"),
        freed_levers=rows("lever lever_key", "BILLING ALY", "BILLING BEA"),
    )
    found = optimum(problem)
    assert found.objective == pytest.approx(5 * 2500)
    assert sum(found.of("billed").values()) == pytest.approx(found.of("incremental").get("ALY,2026", 0.0))


def test_bills_cancel_in_the_cost_of_the_alliance() -> None:
    found = optimum(camp(billing=bill("3 -")))
    positions = found.matrix.columns["billed"].positions
    assert found.matrix.costs["alliance_cost"][positions].tolist() == [0.0, 0.0]
    assert found.matrix.costs["lead_cost"][positions].tolist() == [0.0, -1.0]


BREACHES = [
    ({"billed_usd_m": 390.0}, {}, "390 M$, above 380"),
    ({"incremental_usd_m": 370.0}, {}, "a cost of 370 M$ shown but it is 380"),
    ({"stationed_persons": 9000.0}, {}, "9000 people shown but there are 15200"),
    ({}, {"floor_usd_m_per_person_yr": 0.03}, "below the floor"),
    (
        {},
        {"maximum_multiple_ratio": 1.5},
        "15200 people bring more than they cost, but there are 0 of this kind today",
    ),
]


@pytest.mark.parametrize(("shown", "cells", "words"), BREACHES)
def test_the_audit_sees_bills_that_break_their_rules(
    shown: dict[str, float], cells: dict[str, float], words: str
) -> None:
    solution = solved(few_europeans())
    results = solution.tables["billing_results"].assign(**shown)
    tables = {**solution.tables, "billing_results": results}
    said = audit(few_europeans(**cells), tables, False, solution.outcome["objective_usd_m"])
    assert any(words in finding for finding in said), said


def test_the_audit_sees_locked_bills_and_those_who_bear_too_much() -> None:
    solution = todays_bill(is_freed=False)
    tables = european_bill(billed_today_usd_m_per_yr=220)
    for name in ("owned_today", "stationed_today"):
        tables[name] = filled_rows(todays_problem(is_freed=False), name)
    tables["actors"] = changed(tables["actors"], {"actor_id": "ROK"}, stand_alone_cost_usd_m=2400)
    said = audit(problem_of(tables), solution.tables, False, solution.outcome["objective_usd_m"])
    assert any("billing_results: EUR EUR 2026: 267.857143 M$, not 294.642857" in line for line in said), said
    assert any("ROK: a cost of 3200 M$ but standing alone would cost 2400" in line for line in said), said


def findings(problem: Problem) -> list[Finding]:
    return check(problem) or model_findings(build_index(problem))


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ("ALY ALY - 0.05 1.5", "floor_usd_m_per_person_yr", "above the most, 0.0375 M$"),
        ("USA ALY - - -", "actor_id", "cannot be billed for its own troops"),
        ("ALY USA - - -", "host_actor_id", "may use no site in USA"),
    ],
)
def test_a_bill_that_cannot_be_is_a_finding(cells: str, column: str, words: str) -> None:
    columns = "actor_id host_actor_id billed_today_usd_m_per_yr floor_usd_m_per_person_yr"
    table = rows(f"{columns} maximum_multiple_ratio", cells)
    levers = rows("lever lever_key", f"BILLING {cells[:3]}")
    (finding,) = findings(camp(billing=table, freed_levers=levers))
    assert (finding.code, finding.column_name) == ("BILL_UNCLEAR", column)
    assert words in finding.message


def test_a_bill_of_today_without_troops_is_a_finding() -> None:
    table = rows("actor_id host_actor_id billed_today_usd_m_per_yr", "ALY ALY 30")
    (finding,) = findings(camp(there=0, billing=table))
    assert (finding.code, finding.row_key) == ("BILL_UNCLEAR", "ALY/ALY")
    assert "none of the modeled units there" in finding.message


def test_a_lever_without_a_bill_is_a_finding() -> None:
    (finding,) = findings(camp())
    assert (finding.code, finding.row_key) == ("LEVER_UNKNOWN", "BILLING/ALY")


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ("SPENDING_FRACTION - -", "whose spending and GDP are meant"),
        ("SPENDING_FRACTION EUR -", "is not known in 2026, or is 0"),
        ("BILLED_USD_M ROK -", "billing has no such row"),
        ("BILLED_USD_M EUR BRIGADE", "cannot be told apart by unit_type_id"),
    ],
)
def test_rules_on_money_need_what_they_measure(cells: str, words: str) -> None:
    tables = european_bill()
    rule = rows("quantity actor_id unit_type_id", cells)[0]
    rule |= {"policy_rule_id": "DEAL", "sentence": "A deal.", "sense": "AT_MOST", "value": 1}
    messages = [finding.message for finding in check(problem_of({**tables, "policy_rules": [rule]}))]
    assert any(words in message for message in messages), messages
