"""The reference case against figures typed in from the published tables, and against what it is said to hold."""

from functools import cache

import pandas as pd
import pytest

from optimizer.audit import audit
from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.allied_limits import limits
from optimizer.formulation.frames.index import build_index
from optimizer.formulation.frames.responses import floors, published, speeds
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.defaults import complete
from optimizer.tables.problem import Problem
from optimizer.tables.schema import PROBLEM_TABLES

US_PRESENCE = {"DEU": 36_436, "ITA": 12_662, "JPN": 54_288, "GBR": 10_156, "KOR": 28_500}
"""Active duty by country: DMDC, 31 December 2025; Korea with rotations: USFK, Korea Herald, 29 January 2026."""

BATTLEGROUPS = {
    "BGR": 968,
    "EST": 1_430,
    "HUN": 900,
    "LVA": 1_887,
    "LTU": 1_632,
    "POL": 1_033,
    "ROU": 1_148,
    "SVK": 643,
}
"""People in the eight battlegroups by host: NATO press office, 28 June 2022."""

FRAMEWORK_NATIONS = {
    "BGR": "ITA",
    "EST": "GBR",
    "HUN": "HUN",
    "LVA": "CAN",
    "LTU": "DEU",
    "POL": "USA",
    "ROU": "FRA",
    "SVK": "ESP",
}
"""Who leads the battlegroups by host: NATO and press, 2024 and 2025; Spain followed Czechia in Slovakia."""

HOST_SUPPORT_USD_M = {"JPN": 12_600, "KOR": 5_800}
"""Direct financial support of hosts, 2016 to 2019: GAO-21-270."""

NATO = [
    "ALB",
    "BEL",
    "BGR",
    "CAN",
    "HRV",
    "CZE",
    "DNK",
    "EST",
    "FIN",
    "FRA",
    "DEU",
    "GRC",
    "HUN",
    "ISL",
    "ITA",
    "LVA",
    "LTU",
    "LUX",
    "MNE",
    "NLD",
    "MKD",
    "NOR",
    "POL",
    "PRT",
    "ROU",
    "SVK",
    "SVN",
    "ESP",
    "SWE",
    "TUR",
    "GBR",
]


@cache
def shipped(name: str, alternative: str | None = None) -> Problem:
    return read_case(name, alternative)


@pytest.fixture(scope="module")
def reference() -> Problem:
    return complete(shipped("reference")).problem


@pytest.fixture(scope="module")
def present(reference: Problem) -> pd.DataFrame:
    """People of period 0 by actor and site: modeled units and the rest."""
    modes = reference["unit_type_modes"][["unit_type_id", "mode", "personnel_persons"]]
    units = reference["stationed_today"].merge(modes, on=["unit_type_id", "mode"])
    units["modeled"] = units["stationed_count"] * units["personnel_persons"]
    modeled = units.groupby(["actor_id", "site_id"])["modeled"].sum().reset_index()
    frame = reference["site_access"][["actor_id", "site_id", "unassigned_persons"]]
    frame = frame.merge(modeled, on=["actor_id", "site_id"], how="left").fillna({"modeled": 0.0})
    return frame.merge(reference["sites"][["site_id", "host_actor_id"]], on="site_id")


@pytest.mark.parametrize("host", US_PRESENCE)
def test_us_presence_is_that_of_the_published_tables(present: pd.DataFrame, host: str) -> None:
    here = present[(present["actor_id"] == "USA") & (present["host_actor_id"] == host)]
    people = here["modeled"].sum() + here["unassigned_persons"].sum()
    assert people == pytest.approx(US_PRESENCE[host], rel=0.05)


def test_at_most_a_fifth_of_any_country_is_unassigned(present: pd.DataFrame) -> None:
    by_host = (
        present[present["actor_id"] == "USA"]
        .groupby("host_actor_id")[["modeled", "unassigned_persons"]]
        .sum()
    )
    share = by_host["unassigned_persons"] / by_host.sum(axis="columns").where(by_host.sum(axis="columns") > 0)
    assert (share.fillna(0.0) <= 0.2).all()


@pytest.mark.parametrize("host", BATTLEGROUPS)
def test_battlegroups_have_their_published_people(
    reference: Problem, present: pd.DataFrame, host: str
) -> None:
    sites = reference["sites"].set_index("site_id")["host_actor_id"]
    garrisons = reference["garrisons"]
    (garrison,) = garrisons[garrisons["site_group_id"].map(sites) == host].to_dict("records")
    assert garrison["required_persons"] == pytest.approx(BATTLEGROUPS[host], rel=0.05)
    eligible = reference["garrison_actors"]
    suppliers = eligible[eligible["garrison_id"] == garrison["garrison_id"]]["actor_id"]
    here = present[(present["site_id"] == garrison["site_group_id"]) & present["actor_id"].isin(suppliers)]
    assert here["modeled"].sum() + here["unassigned_persons"].sum() == pytest.approx(
        BATTLEGROUPS[host], rel=0.05
    )


def test_nothing_that_was_asked_for_is_missing(reference: Problem) -> None:
    actors = set(reference["actors"]["actor_id"])
    assert {"USA", *NATO, "KOR", "JPN", "AUS", "SAU", "ARE", "QAT", "KWT", "BHR"} <= actors
    assert len(NATO) == 31
    assert "UKR" not in actors
    assert len(reference["theaters"]) >= 6
    assert len(reference["sites"]) >= 60
    assert reference["sites"][["latitude_degrees", "longitude_degrees"]].notna().all(axis=None)
    assert len(reference["unit_types"]) >= 12
    assert set(reference["unit_types"]["domain"]) >= {"LAND", "AIR", "SEA"}
    assert set(reference["phases"]["days"]) >= {0, 10, 30, 180}
    assert set(reference["phases"]["kind"]) == {"DETER", "WIN"}
    theaters = reference["scenario_theaters"].groupby("scenario_id").size()
    assert theaters.min() == 1
    assert theaters.max() >= 2
    assert (reference.today, reference.years) == (2025, [2026, 2027, 2028, 2030, 2032, 2035, 2040])


def figures(problem: Problem) -> dict[tuple[str, str, str], float]:
    """Each number that the case gives, by table, row key and column."""
    given: dict[tuple[str, str, str], float] = {}
    for name, table in PROBLEM_TABLES.items():
        if name == "sources" or problem[name].empty:
            continue
        keys = table.row_keys(problem[name])
        for column in table.columns:
            if column.type == "number" and not column.is_key:
                filled = problem[name][column.name].dropna()
                filled_keys = keys[filled.index]
                given |= {(name, key, column.name): n for key, n in zip(filled_keys, filled, strict=True)}
    return given


def uncovered(given: dict[tuple[str, str, str], float], sources: pd.DataFrame) -> list[str]:
    """The figures to which no row of ``sources`` belongs: their own, a prefix, or the column's."""
    rows = {(row.table_name, row.row_key, row.column_name) for row in sources.itertuples()}
    return [
        f"{name}[{key}].{column}"
        for name, key, column in given
        if (name, key, column) not in rows
        and not any((name, f"{key[:length]}*", column) in rows for length in range(len(key) + 1))
    ]


def test_every_figure_has_a_source() -> None:
    given = shipped("reference")
    assert uncovered(figures(given), given["sources"]) == []


def test_what_is_known_from_memory_says_so(reference: Problem) -> None:
    sources = reference["sources"]
    from_memory = sources["source"].str.startswith("unverified:")
    assert from_memory.any()
    assert not sources.loc[from_memory, "verified"].any()
    assert sources["verified"].any()


def test_the_eight_battlegroups_have_their_framework_nations(reference: Problem) -> None:
    sites = reference["sites"].set_index("site_id")["host_actor_id"]
    leads = reference["commands"].set_index("command_id")["today_actor_id"]
    shares = reference["garrison_actors"].sort_values("today_fraction").groupby("garrison_id").last()
    found = {}
    for garrison in reference["garrisons"].to_dict("records"):
        country = garrison["garrison_id"].removeprefix("BATTLEGROUP_")
        lead = leads[f"BATTLEGROUP_LEAD_{country}"]
        assert lead == shares["actor_id"][garrison["garrison_id"]], "it supplies most"
        found[sites[garrison["site_group_id"]]] = lead
    assert found == FRAMEWORK_NATIONS


@pytest.mark.parametrize("host", HOST_SUPPORT_USD_M)
def test_host_support_is_billed_and_part_of_the_cost(reference: Problem, host: str) -> None:
    """A quarter a year, in dollars of 2018; without it, a person costs what RAND RR-201 says: 10,000 to 40,000."""
    conversions = reference["money_conversions"].set_index(["currency", "year"])["base_year_usd"]
    (billed,) = reference["billing"].loc[
        reference["billing"]["actor_id"] == host, "billed_today_usd_m_per_yr"
    ]
    assert billed == pytest.approx(HOST_SUPPORT_USD_M[host] / 4 * conversions["USD", 2018], rel=1e-3)
    index = build_index(reference)
    places = index.places[(index.places["actor_id"] == "USA") & (index.places["host_actor_id"] == host)]
    people = (places["stationed_count"] * places["personnel_persons"]).sum()
    access = reference["site_access"].merge(reference["sites"], on="site_id")
    access = access[(access["actor_id"] == "USA") & (access["host_actor_id"] == host)]
    paid = access["stationing_cost_usd_m_per_person_yr"] - billed / people
    assert paid.between(0.01, 0.04).all()


def test_allies_answer_presence_in_both_ways(reference: Problem) -> None:
    """Hosts in the Gulf and behind the front do less where there is more of it, those on the front line more."""
    responses = reference["responses"].set_index("actor_id")
    central = responses["response_usd_m_per_point_yr"]
    assert (central[["EST", "LVA", "LTU", "POL", "ROU", "BGR"]] < 0).all()
    assert (central[["CZE", "SVK", "HUN"]] == 0).all()
    assert (central[["DEU", "KOR", "JPN", "SAU", "ARE", "QAT", "KWT", "BHR"]] > 0).all()
    low, high = (responses[f"{end}_response_usd_m_per_point_yr"] for end in ("low", "high"))
    assert ((low <= 0) & (low <= central) & (central <= high) & (high > 0)).all()


def test_allies_are_willing_to_spend_what_they_pledge_or_a_little_less(reference: Problem) -> None:
    """At today's presence and in the last year; South Korea and some others not all of it."""
    index = build_index(reference)
    willing = published(index).set_index("actor_id")["spending_usd_m"].to_dict()
    speed = speeds(index).set_index(["actor_id", "year"])["speed_fraction"]
    asked = floors(index).set_index(["actor_id", "year"])["reference_spending_usd_m_per_yr"].dropna()
    for actor, year in sorted(asked.index):
        willing[actor] += speed[actor, year] * (asked[actor, year] - willing[actor])
    ceilings = limits(index)
    last = ceilings[ceilings["year"] == index.years[-1]]
    pledged = (last["spending_ceiling_fraction"] * last["gdp_usd_m"]).set_axis(last["actor_id"]).to_dict()
    assert set(willing) == set(reference["responses"]["actor_id"])
    for actor, usd_m in willing.items():
        assert 0.9 * pledged[actor] <= usd_m <= 1.005 * pledged[actor], actor
    assert willing["KOR"] < 0.98 * pledged["KOR"]


def test_nine_tenths_of_what_is_pledged_go_elsewhere(reference: Problem) -> None:
    """Germany goes from 2.22% to 3.5% of GDP; a tenth of the growth is room for what is modeled."""
    frame = limits(build_index(reference))
    frame = frame[frame["actor_id"] == "DEU"].set_index("year")
    share = (frame["other_spending_usd_m"] / frame["gdp_usd_m"]).to_dict()
    spent = (frame["spending_usd_m"] / frame["gdp_usd_m"]).to_dict()
    assert share[2030] - share[2025] == pytest.approx(0.9 * (0.035 - spent[2025]), rel=1e-9)


def test_costs_stand_on_one_basis(reference: Problem) -> None:
    """What is owned and its overhead are 35 to 50% of U.S. spending, and no ally's forces above 60% of its own."""
    forces = reference["actor_unit_types"].merge(reference["owned_today"], on=["actor_id", "unit_type_id"])
    both = forces["own_cost_usd_m_per_unit_yr"] + forces["overhead_usd_m_per_unit_yr"].fillna(0.0)
    by_actor = (forces["owned_count"] * both).groupby(forces["actor_id"]).sum()
    spent = reference["actor_years"].set_index("actor_id")["spending_usd_m_per_yr"].dropna()
    assert 0.35 <= by_actor["USA"] / spent["USA"] <= 0.5
    assert (by_actor.drop("USA") / spent.drop("USA")).max() <= 0.605
    american = forces[forces["actor_id"] == "USA"].set_index("unit_type_id")["own_cost_usd_m_per_unit_yr"]
    assert american["SUBMARINE"] > american["SURFACE_COMBATANT"]
    guard = american.index[american.index.str.startswith("GUARD_")]
    active = american[guard.str.removeprefix("GUARD_")].to_numpy()
    assert (american[guard] / active).between(0.25, 0.35).all()


def test_four_allies_are_under_the_umbrella_and_may_leave_it(reference: Problem) -> None:
    nuclear = reference["nuclear_options"]
    today = nuclear[nuclear["holds_today"].astype(bool)]
    assert sorted(today["actor_id"]) == ["DEU", "JPN", "KOR", "POL"]
    assert set(today["nuclear_posture"]) == {"UMBRELLA"}
    alone = nuclear[nuclear["nuclear_posture"] == "INDEPENDENT"]
    assert sorted(alone["actor_id"]) == ["DEU", "JPN", "KOR", "POL"]
    assert (alone[["own_cost_usd_m_per_yr", "program_cost_usd_m", "lead_time_yr"]] > 0).all(axis=None)
    assert "NONE" not in set(nuclear["nuclear_posture"])


def test_every_need_has_a_finite_interest(reference: Problem) -> None:
    needs = reference["requirements"][["theater_id", "capability_id"]].drop_duplicates()
    priced = needs.merge(reference["interests"], on=["theater_id", "capability_id"])
    assert len(priced) == len(needs) == len(reference["interests"])
    assert (priced["interest_usd_m_per_point_yr"] > 0).all()


def test_the_reference_frees_nothing(reference: Problem) -> None:
    assert reference["freed_levers"].empty
    for name in ("handovers", "stability_limits"):
        assert reference[name].empty, name
    assert reference["exposure_limits"]["maximum_exposure_points"].isna().all()
    assert (reference["exposure_limits"]["exposure_price_usd_m_per_point_yr"] == 0).all()


def test_the_reference_has_no_findings() -> None:
    problem = shipped("reference")
    assert check(problem) == []
    assert model_findings(build_index(problem)) == []


def test_the_relaxation_is_solved_and_passes_its_audit() -> None:
    """Without limits tight enough to fail on a busy machine."""
    problem = shipped("reference")
    solution = solve(problem, SolveOptions(relax=True, time_limit_seconds=600))
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    assert audit(problem, solution.tables, True, solution.outcome["objective_usd_m"] * 1.01) != []
    requirements = solution.tables["requirement_results"]
    assert (requirements["price_usd_m_per_point"] > 0).any()
