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
    """Whole brigades, and sites that cost something while open."""
    return read_case("hand", "whole")


def hand_command(is_freed: bool = True) -> Problem:
    """Seoul may take command, or, with the lever locked, may not."""
    problem = read_case("hand", "command")
    levers = problem["freed_levers"]
    return problem if is_freed else Problem({**problem.tables, "freed_levers": levers.head(0)})


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
    return read_case("hand", "five_years")
