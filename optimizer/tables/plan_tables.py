"""A plan's tables as plain numbers, and what stands behind their rows."""

from collections.abc import Mapping
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
