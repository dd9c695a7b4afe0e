"""What is shown of a plan whose ties are not broken: what the lead actor has and pays, and what needs lack."""

from collections.abc import Mapping

import pandas as pd

from optimizer.tables.schema import SOLUTION_TABLES

_KEPT = ("unmet_needs", "presence_results", "objective_results", "search_steps")
_SUPPLIED = ["lead_points", "allied_points", "bonus_points", "reduction_points"]


def without_allies(tables: Mapping[str, pd.DataFrame], lead: str) -> dict[str, pd.DataFrame]:
    """The tables of a solution with the lead actor's rows only; what allies have a part in is empty.

    Args:
        tables: every table of a solution.
        lead: the lead actor.
    """
    shown = {}
    for name, frame in tables.items():
        if "actor_id" in frame.columns:
            shown[name] = frame[frame["actor_id"] == lead].reset_index(drop=True)
        else:
            shown[name] = frame if name in _KEPT else SOLUTION_TABLES[name].empty()
    shown["requirement_results"] = tables["requirement_results"].drop(columns=_SUPPLIED)
    return {name: SOLUTION_TABLES[name].typed(frame) for name, frame in shown.items()}
