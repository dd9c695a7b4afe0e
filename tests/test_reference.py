"""The reference case against figures typed in from the published tables, and against what it is said to hold."""

import pandas as pd
import pytest

from optimizer.audit import audit
from optimizer.cases import read_case
from optimizer.checks import check
from optimizer.defaults import complete
from optimizer.formulation.index import build_index
from optimizer.model_checks import model_findings
from optimizer.problem import Problem
from optimizer.run import solve
from optimizer.schema import PROBLEM_TABLES
from optimizer.solve_settings import SolveSettings

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


@pytest.fixture(scope="module")
def reference() -> Problem:
    return complete(read_case("reference")).problem


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
    assert (reference.today, len(reference.years)) == (2025, 5)


def test_every_figure_has_a_source(reference: Problem) -> None:
    """Each number that the case gives is covered by a row of ``sources``: its own, a prefix, or the column's."""
    given = read_case("reference")
    sources = given["sources"]
    uncovered = []
    for name, table in PROBLEM_TABLES.items():
        if name == "sources" or given[name].empty:
            continue
        keys = table.row_keys(given[name])
        for column in table.columns:
            if column.type != "number" or column.is_key:
                continue
            filled = keys[given[name][column.name].notna()]
            rows = sources[(sources["table_name"] == name) & (sources["column_name"] == column.name)][
                "row_key"
            ]
            prefixes = tuple(row.removesuffix("*") for row in rows if row.endswith("*"))
            exact = set(rows)
            uncovered += [
                f"{name}[{key}].{column.name}"
                for key in filled
                if key not in exact and not (prefixes and key.startswith(prefixes))
            ]
    assert uncovered == []


def test_what_is_known_from_memory_says_so(reference: Problem) -> None:
    sources = reference["sources"]
    from_memory = sources["source"].str.startswith("unverified:")
    assert from_memory.any()
    assert not sources.loc[from_memory, "verified"].any()
    assert sources["verified"].any()


def test_the_reference_has_no_findings() -> None:
    problem = read_case("reference")
    assert check(problem) == []
    assert model_findings(build_index(problem)) == []


def test_the_relaxation_is_solved_and_passes_its_audit() -> None:
    """Without limits tight enough to fail on a busy machine."""
    problem = read_case("reference")
    solution = solve(problem, SolveSettings(relax=True, time_limit_seconds=600))
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []
    assert audit(problem, solution.tables, True, solution.outcome["objective_usd_m"] * 1.01) != []
    requirements = solution.tables["requirement_results"]
    assert (requirements["price_usd_m_per_point"] > 0).any()
