"""The example of the formulation in its variants, each a few cells away from the case ``hand``."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from optimizer.cases.read import read_case
from optimizer.tables.problem import Problem, filled_rows, problem_from_tables
from optimizer.tables.schema import PROBLEM_TABLES

Rows = list[dict[str, Any]]


def hand_tables() -> dict[str, Rows]:
    """The tables of the case ``hand``, without its sources."""
    problem = read_case("hand")
    tables = {name: filled_rows(problem, name) for name in PROBLEM_TABLES if name != "sources"}
    return {name: rows for name, rows in tables.items() if rows}


def problem_of(tables: Mapping[str, Rows]) -> Problem:
    cells = {
        name: pd.DataFrame(
            {column: [row.get(column) for row in rows] for column in _columns(rows)}, dtype="object"
        )
        for name, rows in tables.items()
    }
    return problem_from_tables(cells)


def _columns(rows: Rows) -> list[str]:
    return list(dict.fromkeys(column for row in rows for column in row))


def changed(rows: Rows, where: dict[str, Any], **cells: Any) -> Rows:
    """The rows, with other cells in those that match."""
    return [{**row, **cells} if all(row.get(k) == v for k, v in where.items()) else row for row in rows]


def hand_whole() -> Problem:
    """Whole brigades; a site costs the United States 200 M$ a year in B and 100 in K while open."""
    tables = hand_tables()
    tables["unit_types"] = changed(tables["unit_types"], {}, is_counted=True)
    access = changed(
        tables["site_access"], {"site_id": "B_SITE", "actor_id": "USA"}, open_cost_usd_m_per_yr=200
    )
    tables["site_access"] = changed(
        access, {"site_id": "K_SITE", "actor_id": "USA"}, open_cost_usd_m_per_yr=100
    )
    return problem_of(tables)


def hand_command(is_freed: bool = True) -> Problem:
    """Seoul may take command: its units count 1.1 times, the United States saves 400; it must own 4.4 brigades."""
    tables = hand_tables()
    tables["commands"] = [{"command_id": "OPCON", "theater_id": "K", "today_actor_id": "USA"}]
    tables["command_actors"] = [{"command_id": "OPCON", "actor_id": "ROK"}]
    tables["command_options"] = [
        {"command_id": "OPCON", "actor_id": "USA"},
        {"command_id": "OPCON", "actor_id": "ROK", "lead_cost_usd_m_per_yr": -400, "bonus_fraction": 0.1},
    ]
    tables["command_prerequisites"] = [
        {"command_id": "OPCON", "actor_id": "ROK", "unit_type_id": "BRIGADE", "threshold_count": 4.4}
    ]
    if is_freed:
        tables["freed_levers"] = [{"lever": "COMMAND", "lever_key": "OPCON"}]
    return problem_of(tables)


def hand_interest() -> Problem:
    """The United States would pay at most 4,000 M$ a year for a point in B."""
    tables = hand_tables()
    tables["interests"] = [
        {"theater_id": "B", "capability_id": "GROUND", "interest_usd_m_per_point_yr": 4000}
    ]
    return problem_of(tables)


def hand_weak_allies() -> Problem:
    """European brigades count only 0.3 points, so that a point of theirs costs more than one of the United States."""
    tables = hand_tables()
    tables["actors"] = changed(tables["actors"], {"actor_id": "EUR"}, quality_factor=0.3)
    return problem_of(tables)


def hand_with_gdp() -> Problem:
    """GDP of 250,000 M$ in Europe and 100,000 in South Korea."""
    tables = hand_tables()
    for actor, gdp in (("EUR", 250_000), ("ROK", 100_000)):
        tables["actor_years"] = changed(tables["actor_years"], {"actor_id": actor}, gdp_usd_m=gdp)
    return problem_of(tables)


def hand_five_years() -> Problem:
    """Five years in which EUR would spend 5,000, 6,000 … 9,000 M$."""
    tables = hand_tables()
    tables["settings"] = [{**tables["settings"][0], "year_count": 5}]
    tables["actor_years"] += [
        {"actor_id": "EUR", "year": 2026 + n, "reference_spending_usd_m_per_yr": 5000 + 1000 * n}
        for n in range(1, 5)
    ]
    return problem_of(tables)
