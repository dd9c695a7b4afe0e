"""A plan's tables as plain numbers, what stands behind their rows, and tables by year carried forward."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from optimizer.tables.keyed import values
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES


def plan_table(tables: Mapping[str, pd.DataFrame], name: str) -> pd.DataFrame:
    """A table of a plan with all its columns; an empty number is 0, an absent table has no rows."""
    table = SOLUTION_TABLES[name]
    frame = table.typed(tables.get(name, table.empty())).reset_index(drop=True)
    plain: dict[str, np.ndarray] = {}
    for column in table.columns:
        if column.type == "number":
            numbers = frame[column.name].to_numpy()
            plain[column.name] = np.where(np.isnan(numbers), 0.0, numbers)
        elif column.type == "integer":
            plain[column.name] = frame[column.name].to_numpy(dtype=np.int64)
    return frame.assign(**plain)


def plan_rows(tables: Mapping[str, pd.DataFrame], name: str) -> list[dict[str, Any]]:
    """The rows of a table of a plan; an empty number is 0, another empty cell None."""
    frame = tables.get(name)
    if frame is None or frame.empty:
        return []
    cells = []
    for column in frame.columns:
        empty = 0.0 if SOLUTION_TABLES[name].by_name[column].type == "number" else None
        cells.append([cell if cell == cell else empty for cell in frame[column].to_list()])
    return [dict(zip(frame.columns, row, strict=True)) for row in zip(*cells, strict=True)]


def by_year(keys: pd.DataFrame, years: Sequence[int]) -> pd.DataFrame:
    """Every row of ``keys`` in every one of the years, in that order."""
    rows = keys.take(np.repeat(np.arange(len(keys)), len(years)))
    rows = rows.assign(year=np.tile(np.asarray(years, dtype=np.int64), len(keys)))
    return rows.reset_index(drop=True)


def site_places(problem: Problem) -> pd.DataFrame:
    """By site_id: host_actor_id, staging_area_id, and the theater_id the area lies in, if any."""
    areas = problem["staging_areas"][["staging_area_id", "theater_id"]]
    sites = problem["sites"][["site_id", "host_actor_id", "staging_area_id"]]
    return sites.merge(areas, on="staging_area_id", how="left")


def site_theaters(problem: Problem) -> dict[str, str | None]:
    """By site, the theater in which it lies, if any."""
    theaters = values(problem["staging_areas"], ["staging_area_id"], "theater_id")
    areas = values(problem["sites"], ["site_id"], "staging_area_id")
    found = {site: theaters.get(area) for site, area in areas.items()}
    return {site: theater if isinstance(theater, str) else None for site, theater in found.items()}


def with_people(problem: Problem, stationed: pd.DataFrame) -> pd.DataFrame:
    """Stationed units with ``persons``, the people present for them, and their ``rotation_ratio``."""
    modes = problem["unit_type_modes"][["unit_type_id", "mode", "personnel_persons", "rotation_ratio"]]
    rows = stationed.merge(modes, on=["unit_type_id", "mode"], how="left")
    return rows.assign(persons=rows["stationed_count"] * rows["personnel_persons"].fillna(0.0))


def sites_to_open(problem: Problem) -> pd.DataFrame:
    """The rows of site_access for which it matters whether the site is open."""
    access = problem["site_access"]
    columns = [
        "open_cost_usd_m_per_yr",
        "opening_cost_usd_m",
        "closing_cost_usd_m",
        "minimum_garrison_persons",
    ]
    return access[(access[columns] > 0).any(axis="columns")].reset_index(drop=True)


def carried(frame: pd.DataFrame, key: list[str], years: Sequence[int]) -> pd.DataFrame:
    """For each key and year the row of that year or of the last one before it.

    Args:
        frame: key, year and other columns.
        key: names of the key columns.
        years: the years wanted.

    Returns:
        One row for each key and year; the other columns are empty before a key's first year.
    """
    rows = frame.astype({"year": "int64"}).sort_values("year", kind="stable")
    if rows.empty:
        return rows[[*key, "year", *rows.columns.difference([*key, "year"], sort=False)]]
    wanted = by_year(frame[key].drop_duplicates(), years).sort_values("year", kind="stable")
    return pd.merge_asof(wanted, rows, on="year", by=key)


def filled(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """A table by year whose empty cells take the last earlier value of their column."""
    if frame.empty:
        return frame.copy(deep=False)
    rows = frame.sort_values([*key, "year"], ignore_index=True)
    columns = [name for name in rows.columns if name not in (*key, "year")]
    rows[columns] = rows.groupby(key)[columns].ffill()
    return rows
