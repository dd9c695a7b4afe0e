"""Which kinds of units conversions connect, and how many units they can bring."""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.tables.keyed import keys, values

_STEP = ["actor_id", "from_unit_type_id", "to_unit_type_id"]
_ORIGIN = ["actor_id", "unit_type_id", "origin_id"]


def most_converted(orders: pd.DataFrame, grown: pd.DataFrame) -> dict[Any, float]:
    """The most units that conversions can have brought by each period.

    No more than may be ordered in time, and no more than there can be, without conversions, of all kinds from which
    the kind can come over one conversion or several.

    Args:
        orders: actor_id, from_unit_type_id, to_unit_type_id, year, arrival_year, maximum_converted_count (empty
            without a limit).
        grown: actor_id, unit_type_id, year and grown, the most units that can have been there without conversions.

    Returns:
        The most by actor_id, unit_type_id and year; none where nothing is converted.
    """
    if orders.empty:
        return {}
    force_year = ["actor_id", "unit_type_id", "year"]
    limit = orders["maximum_converted_count"]
    arriving = orders.assign(paced=limit.fillna(0.0), is_free=limit.isna().astype("float64"))
    arriving = arriving.groupby(["actor_id", "to_unit_type_id", "arrival_year"])[["paced", "is_free"]].sum()
    arriving = arriving.rename_axis(force_year).reset_index()
    paced = (
        grown[force_year].merge(arriving, on=force_year, how="left").fillna({"paced": 0.0, "is_free": 0.0})
    )
    paced = paced.sort_values(force_year, ignore_index=True)
    # pandas takes a running sum from infinity on for unknown.
    sums = paced.groupby(force_year[:2])[["paced", "is_free"]].cumsum()
    paced["paced"] = sums["paced"].where(sums["is_free"] == 0, np.inf)
    there = grown.rename(columns={"unit_type_id": "origin_id"})
    there = _origins(orders).merge(there, on=["actor_id", "origin_id"])
    there = there.groupby(force_year)["grown"].sum().reset_index()
    frame = there.merge(paced, on=force_year)
    frame["converted_most"] = np.minimum(frame["grown"], frame["paced"])
    return values(frame, force_year, "converted_most")


def related_kinds(orders: pd.DataFrame) -> pd.DataFrame:
    """Kinds that conversions connect: actor_id, unit_type_id and kinds, the first of them by name.

    Args:
        orders: actor_id, from_unit_type_id, to_unit_type_id.
    """
    named: dict[Any, Any] = {}
    steps = keys(orders.drop_duplicates(_STEP), _STEP)
    for actor, *pair in steps:
        named |= {(actor, kind): kind for kind in pair}
    for _ in named:  # a name needs at most so many steps to reach all
        for actor, *pair in steps:
            first = min(named[actor, kind] for kind in pair)
            named |= {(actor, kind): first for kind in pair}
    rows = [(*force, kinds) for force, kinds in named.items()]
    return pd.DataFrame(rows, columns=["actor_id", "unit_type_id", "kinds"], dtype="str")


def _origins(orders: pd.DataFrame) -> pd.DataFrame:
    """All other kinds from which a kind can come: _ORIGIN."""
    steps = orders[["actor_id", "to_unit_type_id", "from_unit_type_id"]].drop_duplicates()
    steps = found = steps.set_axis(_ORIGIN, axis="columns")
    while True:
        further = steps.rename(columns={"unit_type_id": "origin_id", "origin_id": "first_id"})
        further = found.merge(further, on=["actor_id", "origin_id"]).drop(columns="origin_id")
        further = further.rename(columns={"first_id": "origin_id"})
        both = pd.concat([found, further])[_ORIGIN].drop_duplicates(ignore_index=True)
        both = both[both["origin_id"] != both["unit_type_id"]]
        if len(both) == len(found):
            return both
        found = both
