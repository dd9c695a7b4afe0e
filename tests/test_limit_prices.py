"""What limits cost the lead actor: hand cases, and what a little more, or less, of a limit makes of the cost.

In the hand cases a brigade of 4,000 people costs 2,600 M$ a year at the site, 2,500 at home, and a point that is
missing of seven 4,000 where it may be.
"""

from typing import Any

import numpy as np
import pytest
from random_problems import Tables, random_tables
from small_problem import Rows, rows
from test_laws import cost, law, not_above, solved
from test_levers import locked
from tiny_cases import INTEREST, NEED, american, from_home, in_periods, needed, priced, rule, tiny_problem

from optimizer.audit import audit
from optimizer.cases.read import read_case
from optimizer.errors import SolverError
from optimizer.plan.limit_prices import SIZES, limit_prices
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

MISSING = {"interests": priced(4000)}


def prices(problem: Problem, **options: Any) -> dict[tuple[str, ...], float]:
    """By kind of limit, what it is on and year, the prices of a plan that passes its audit."""
    solution = solve(problem, SolveOptions(**options))
    assert solution.outcome["audit_findings"] == []
    found = solution.tables["limit_prices"]
    keys = found[found.columns[:-2]].astype("object").fillna("").itertuples(index=False, name=None)
    return {
        tuple(part for part in map(str, key) if part): price
        for key, price in zip(keys, found["price_usd_m_per_unit"].to_list(), strict=True)
    }


def test_a_billion_that_an_ally_is_willing_to_spend() -> None:
    """The example of the formulation: one more allied dollar saves 3.4667 and 6.375."""
    assert prices(read_case("hand")) == pytest.approx(
        {("WILL", "EUR", "2026"): 1000 * 2.6 / 0.6 * 0.8, ("WILL", "ROK", "2026"): 6375}
    )


ROOM = "CAMP ALY EAST_AREA 12000"
ACCESS = "site_id actor_id stationing_cost_usd_m_per_person_yr"
A_QUARTER = 0.25 * (4000 - 2600)
"""What room for 1,000 more people saves: a quarter of a brigade in place of a quarter of a point missing."""


@pytest.mark.parametrize(
    ("tables", "limit", "usd_m"),
    [
        (
            {"sites": rows("site_id host_actor_id staging_area_id capacity_persons", ROOM)},
            ("CAPACITY", "CAMP"),
            A_QUARTER,
        ),
        (
            {"site_access": rows(f"{ACCESS} limit_persons", "CAMP USA 0.025 12000")},
            ("HOUSING", "USA", "CAMP"),
            A_QUARTER,
        ),
        (
            {
                "site_group_limits": rows(
                    "site_group_id actor_id year maximum_persons", "EAST FOREIGN 2026 8000"
                ),
                "freed_levers": rows("lever lever_key", "CEILING EAST"),
            },
            ("CEILING", "FOREIGN", "EAST"),
            A_QUARTER,
        ),
        ({"actor_unit_types": american(maximum_owned_count=5)}, ("OWNING", "USA", "BRIGADE"), 1400),
        (
            {"actor_unit_types": american(maximum_raised_count_per_yr=3)},
            ("RAISING", "USA", "BRIGADE"),
            1400,
        ),
        (
            {
                "actor_unit_types": american(reserved_count=2),
                "owned_today": rows("actor_id unit_type_id owned_count", "USA BRIGADE 2"),
            },
            ("RESERVE", "USA", "BRIGADE"),
            2500,
        ),
        (
            {"policy_rules": rule("STATIONED_PERSONS", "AT_MOST", 8000, site_group_id="CAMP")},
            ("RULE", "RULE"),
            A_QUARTER,
        ),
        ({"policy_rules": rule("OWNED_COUNT", "AT_LEAST", 9)}, ("RULE", "RULE"), 2500),
        (
            {
                "facilities": rows("facility_id", "RANGE"),
                "unit_types": rows("unit_type_id personnel_persons facility_id", "BRIGADE 4000 RANGE"),
                "site_facilities": rows("site_id facility_id capacity_count", "CAMP RANGE 3"),
            },
            ("FACILITY", "RANGE", "CAMP"),
            1400,
        ),
        (
            {
                "readiness": rows("readiness_class_id mode phase_id ready_fraction", "READY HOME D30 1"),
                "transit_times": from_home(),
                "lift": rows("lift_pool_id scenario_id phase_id capacity_points", "SHIPS WAR D30 6"),
                "lift_actors": rows("lift_pool_id actor_id", "SHIPS USA"),
                "lift_unit_types": rows("lift_pool_id unit_type_id lift_points", "SHIPS BRIGADE 2"),
            },
            ("LIFT", "SHIPS", "WAR", "D30"),
            0.5 * (4000 - 2500),
        ),
        (
            {
                "garrisons": rows("garrison_id site_group_id required_persons", "GUARD CAMP 8000"),
                "garrison_actors": rows("garrison_id actor_id", "GUARD USA"),
                "requirements": needed("2026 0"),
            },
            ("GARRISON", "GUARD"),
            0.25 * 2600,
        ),
    ],
    ids=lambda part: part[0].lower() if isinstance(part, tuple) else None,
)
def test_a_limit_that_binds_has_its_price(
    tables: dict[str, Rows], limit: tuple[str, ...], usd_m: float
) -> None:
    assert prices(tiny_problem(**{**MISSING, **tables})) == pytest.approx({(*limit, "2026"): usd_m})


def test_a_program_and_presence_cost_what_one_unit_less_would_save() -> None:
    standing = "actor_id unit_type_id site_id mode stationed_count"
    problem = tiny_problem(
        requirements=needed("2026 1"),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 3"),
        stationed_today=rows(standing, "USA BRIGADE CAMP PERMANENT 2"),
    )
    assert prices(locked(problem)) == pytest.approx(
        {
            ("PROGRAM", "USA", "BRIGADE", "2026"): 2500,
            ("PRESENCE", "PERMANENT", "USA", "BRIGADE", "CAMP", "2026"): 100,
        }
    )


def test_a_unit_kept_for_a_theater_costs_what_it_would_save_elsewhere() -> None:
    """Three brigades may be owned, of which one is kept for WEST, where half a point is needed."""
    problem = tiny_problem(
        theaters=rows("theater_id", "EAST", "WEST"),
        scenario_theaters=rows("scenario_id theater_id", "WAR EAST", "WAR WEST"),
        actor_unit_types=american(maximum_owned_count=3),
        transit_times=rows("staging_area_id theater_id unit_type_id transit_days", "AMERICA WEST BRIGADE 20"),
        requirements=[*needed("2026 7"), *rows(NEED, "WEST WAR D30 GROUND 2026 0.5")],
        interests=rows(INTEREST, "EAST GROUND 4000", "WEST GROUND 9000"),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 3"),
        theater_reserves=rows("actor_id unit_type_id theater_id reserved_count", "USA BRIGADE WEST 1"),
    )
    found = prices(problem)
    # Half of it is used in WEST, and would be without a reserve; in EAST it would save 4,000 for 100 of its place.
    assert found["THEATER_RESERVE", "WEST", "USA", "BRIGADE", "2026"] == pytest.approx(3900)


def test_a_limit_by_the_year_counts_for_every_year_of_a_period() -> None:
    """Three brigades a year may be raised, so nine in 2027 to 2029, when 20 are needed.

    A brigade more in each of these years is three more, of which each saves 1,400 in each. One more in 2026 saves as
    much in three years, and costs 2,500 in 2026.
    """
    problem = tiny_problem(
        {"year_count": 4},
        requirements=needed("2026 0", "2029 20"),
        actor_unit_types=american(maximum_raised_count_per_yr=3),
        **MISSING,
    )
    assert prices(in_periods(problem, [2026, 2029])) == pytest.approx(
        {
            ("RAISING", "USA", "BRIGADE", "2026"): 3 * 1400 - 2500,
            ("RAISING", "USA", "BRIGADE", "2029"): 3 * 1400,
        }
    )


def test_no_limit_has_a_price_where_the_objective_is_no_money() -> None:
    problem = tiny_problem(actor_unit_types=american(maximum_owned_count=5), **MISSING)
    assert prices(problem, objectives=("SHORTFALL",)) == {}


def test_the_audit_sees_a_price_of_a_limit_that_leaves_room() -> None:
    solution = solve(
        tiny_problem(actor_unit_types=american(maximum_owned_count=5), **MISSING), SolveOptions()
    )
    roomy = tiny_problem(actor_unit_types=american(maximum_owned_count=6), **MISSING)
    (found,) = audit(roomy, solution.tables, False, solution.outcome["objective_usd_m"])
    assert found == "limit_prices: OWNING  USA BRIGADE  2026: a price of 1400 M$ though there is room"


def test_the_audit_sees_a_rule_that_costs_more_than_breaking_it_and_a_limit_of_nobody() -> None:
    """Nine brigades are asked for where seven are needed, at 300 M$ for each that lacks."""
    problem = tiny_problem(policy_rules=rule("OWNED_COUNT", "AT_LEAST", 9, penalty_usd_m=300))
    solution = solve(problem, SolveOptions())
    assert prices(problem) == pytest.approx({("RULE", "RULE", "2026"): 300})
    shown = solution.tables["limit_prices"]
    for changed, words in (
        (
            shown.assign(price_usd_m_per_unit=301.0),
            "RULE RULE    2026: a price of 301 M$, above what breaking",
        ),
        (shown.assign(limit_id="LAW"), "there is no such limit"),
        (shown.assign(unit="1 point"), "a price of 1 point, which is not what the limit is on"),
    ):
        tables = {**solution.tables, "limit_prices": changed}
        (finding,) = audit(problem, tables, False, solution.outcome["objective_usd_m"])
        assert words in finding


_INPUTS = {
    "OWNING": ("actor_unit_types", "maximum_owned_count", -1),
    "RAISING": ("actor_unit_types", "maximum_raised_count_per_yr", -1),
    "DISBANDING": ("actor_unit_types", "maximum_disbanded_count_per_yr", -1),
    "RESERVE": ("actor_unit_types", "reserved_count", 1),
    "CAPACITY": ("sites", "capacity_persons", -1),
    "FACILITY": ("site_facilities", "capacity_count", -1),
    "LIFT": ("lift", "capacity_points", -1),
    "GARRISON": ("garrisons", "required_persons", 1),
    "RULE": ("policy_rules", "value", 0),
}
"""By kind of limit, where it stands in the input, and whether more of it costs (1) or saves (−1); 0 where either."""


@law(10)
def test_a_price_lies_between_what_more_of_a_limit_saves_and_less_of_it_costs(seed: int) -> None:
    tables = random_tables(seed)
    found = solved(tables)
    if found is None:
        return
    assert found.answer.values is not None
    table = limit_prices(found.index, found.matrix, found.answer.values, found.answer.row_duals)
    table = table[table["limit_kind"].astype("str").isin(list(_INPUTS))]
    # What is exactly a value may save if it is more, or less, by year.
    exact = [row["policy_rule_id"] for row in tables["policy_rules"] if row["sense"] == "EQUAL"]
    table = table[~table["limit_id"].isin(exact)]
    if table.empty:
        return
    discounted = (
        table["price_usd_m_per_unit"] / table["unit"].map(SIZES) * table["year"].map(found.index.discount)
    )
    names = ["limit_kind", "limit_id", "actor_id", "unit_type_id", "site_group_id", "scenario_id", "phase_id"]
    sums = discounted.groupby([table[name].astype("object").fillna("") for name in names]).sum()
    key = sums.index[seed % len(sums)]
    kind, price = str(key[0]), float(sums[key])
    name, column, sign = _INPUTS[kind]
    row = _row_of(tables, name, dict(zip(names[1:], key[1:], strict=True)))
    limit = float(row[column])
    sign = sign or (1 if row["sense"] == "AT_LEAST" else -1)
    step = 0.01 * max(limit, 1.0)

    def cost_of(limit: float) -> float:
        changed = [{**one, column: limit} if one is row else one for one in tables[name]]
        try:
            return cost({**tables, name: changed})
        except SolverError:
            # A bound that crosses its twin is no program: more is reserved than may be owned.
            return np.inf

    assert not_above(found.objective + price * step, cost_of(limit + sign * step))
    if sign < 0 or limit >= step:
        assert not_above(found.objective - price * step, cost_of(limit - sign * step))


_NAMED_BY = {
    "actor_unit_types": ("actor_id", "unit_type_id"),
    "sites": ("site_id",),
    "site_facilities": ("site_id", "facility_id"),
    "lift": ("lift_pool_id", "scenario_id", "phase_id"),
    "garrisons": ("garrison_id",),
    "policy_rules": ("policy_rule_id",),
}


def _row_of(tables: Tables, name: str, key: dict[str, str]) -> dict[str, Any]:
    """The row of an input table to which the key of a price belongs."""
    wanted = {part for part in key.values() if part}
    (row,) = (row for row in tables[name] if {row[part] for part in _NAMED_BY[name]} == wanted)
    return row
