"""What is missing of each theater's capability in a year, over scenarios and phases, as the settings measure it."""

import numpy as np
import pandas as pd

from optimizer.tables.problem import Problem

NEED_YEAR = ["theater_id", "capability_id", "year"]


def unmet_needs(problem: Problem, shortfalls: pd.DataFrame) -> pd.DataFrame:
    """The priced shortfall of every need with an interest.

    Each scenario counts with its worst phase. ROBUST takes the worst scenario, EXPECTED the mean by weight, CVAR
    the mean of the worst scenarios that make up 1 − tail level of the weight. Weights are parts of their sum over
    the scenarios that need the theater's capability in the year.

    Args:
        problem: the problem, its defaults filled in.
        shortfalls: every need of a year, met or not: theater_id, capability_id, scenario_id, year and
            shortfall_points.

    Returns:
        NEED_YEAR and unmet_points.
    """
    priced = shortfalls.merge(problem["interests"][["theater_id", "capability_id"]])
    worst = priced.groupby([*NEED_YEAR, "scenario_id"])["shortfall_points"].max().reset_index()
    measure = problem.settings["shortfall_measure"]
    if measure == "ROBUST":
        found = worst.groupby(NEED_YEAR)["shortfall_points"].max()
        return found.rename("unmet_points").reset_index()
    tail = 1.0 if measure == "EXPECTED" else 1.0 - float(problem.settings["tail_level_fraction"])
    rows = worst.merge(problem["scenarios"][["scenario_id", "weight_fraction"]], on="scenario_id")
    rows = rows.sort_values("shortfall_points", ascending=False, kind="stable")
    weight = rows["weight_fraction"] / rows.groupby(NEED_YEAR)["weight_fraction"].transform("sum")
    by_need = weight.groupby([rows[name] for name in NEED_YEAR])
    worse = by_need.cumsum() - weight
    in_tail = np.minimum(weight, (tail - worse).clip(lower=0.0)) / tail
    rows["unmet_points"] = in_tail * rows["shortfall_points"]
    return rows.groupby(NEED_YEAR)["unmet_points"].sum().reset_index()
