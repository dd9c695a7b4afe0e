"""Programs: how many units each force is kept at, year by year."""

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index, once
from optimizer.tables.by_year import carried_forward, with_years
from optimizer.tables.keyed import looked_up, values


@once
def programs(index: Index) -> pd.DataFrame:
    """The program of every force that has one in force: FORCE, year, program_count and is_given.

    Given by programmed_forces; before its first row, and without one, today's units and what is on order by then, as
    far as so many may be owned. The lead actor has none where its lever FORCES is freed; while it is for some kinds
    only, they have a program of 0, so that what comes to them of other kinds' programs is kept.
    """
    key = [*FORCE, "year"]
    frame = with_years(index.forces[[*FORCE, "owned_count", "maximum_owned_count"]], index.years)
    arrived = looked_up(frame, key, values(index.on_order, key, "arrived_count"), 0.0)
    as_today = np.minimum(frame["owned_count"] + arrived, frame["maximum_owned_count"].fillna(np.inf))
    given = carried_forward(index.problem["programmed_forces"], FORCE, index.years)
    frame["programmed_count"] = looked_up(frame, key, values(given, key, "programmed_count"), np.nan)
    frame["is_given"] = frame["programmed_count"].notna()
    frame["program_count"] = frame["programmed_count"].where(frame["is_given"], as_today)
    freed = index.problem.freed_years("FORCES")
    first = np.minimum(freed.get(index.lead, np.inf), frame["unit_type_id"].map(freed).fillna(np.inf))
    is_freed = (frame["actor_id"] == index.lead) & (frame["year"] >= first)
    frame.loc[is_freed, "program_count"], frame.loc[is_freed, "is_given"] = 0.0, False
    is_all_freed = is_freed.groupby([frame["actor_id"], frame["year"]]).transform("all")
    kept: pd.DataFrame = frame.loc[~is_all_freed, [*FORCE, "year", "program_count", "is_given"]]
    return kept.reset_index(drop=True)
