"""How exposed a plan leaves the lead actor, today and in every year, part by part."""

from collections.abc import Mapping

import pandas as pd

from optimizer.formulation.families.exposure import (
    exposed_commands,
    exposed_umbrellas,
    exposed_units,
    exposed_years,
)
from optimizer.formulation.frames.index import PLACE, Index
from optimizer.formulation.frames.nuclear_options import CHOICE


def exposure_results(index: Index, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The columns of ExposureResult for period 0 and every year; no row where exposure is not counted.

    Args:
        index: the index of the problem.
        tables: stationed_forces, command_results and nuclear_results of the plan.
    """
    years = index.periods if exposed_years(index) else []
    frame = pd.DataFrame({"year": pd.Series(years, dtype="int64")})
    for column, points, key, table, quantity in (
        ("presence", exposed_units(index), PLACE, "stationed_forces", "stationed_count"),
        ("command", exposed_commands(index), ["command_id", "actor_id"], "command_results", "held_fraction"),
        ("umbrella", exposed_umbrellas(index), CHOICE, "nuclear_results", "chosen_fraction"),
    ):
        borne = points.merge(tables[table], on=key)
        by_year = (borne["points"] * borne[quantity]).groupby(borne["year"]).sum()
        frame[f"{column}_exposure_points"] = frame["year"].map(by_year).fillna(0.0)
    total = frame.drop(columns="year").sum(axis="columns")
    return frame.assign(exposure_points=total)
