"""Whether what is deployed gives as much support as it needs, and the table shows how much."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal
from optimizer.audit.plan import Plan

_KEY = ["support_group_id", "capability_id", "theater_id", "scenario_id", "phase_id", "year"]
_POINTS = ["needed_points", "provided_points"]
_ROW = "support_results: {support_group_id} {capability_id} {theater_id} {scenario_id} {phase_id} {year}: "


def support(plan: Plan) -> list[str]:
    """Findings about support; a row that is not there shows 0."""
    drawn = _support(plan)
    short = _ROW + "{needed_points} points of support needed but {provided_points} deployed"
    findings = at_most(drawn, "needed_points", "provided_points", "points", short)
    rows = plan.table("support_results").merge(
        drawn[drawn["needed_points"] > 0], on=_KEY, how="outer", suffixes=("_shown", "")
    )
    for name in _POINTS:
        both = rows.fillna({name: 0.0, f"{name}_shown": 0.0})
        words = f"{_ROW}{name} of {{{name}_shown}} shown but {{{name}}} follows from the deployments"
        findings += equal(both, f"{name}_shown", name, "points", words)
    return findings


def _support(plan: Plan) -> pd.DataFrame:
    """_KEY and _POINTS of what is deployed; an actor outside of all groups is one of its own."""
    sharing = plan.problem["support_sharing"].set_index("actor_id")["support_group_id"]
    rows = plan.table("deployments").merge(plan.problem["unit_support"], on="unit_type_id")
    alone = rows["actor_id"].astype("str")
    group = rows["actor_id"].map(sharing).astype("str").fillna(alone) if len(sharing) else "ALL"
    rows = rows.assign(support_group_id=group)
    for name in _POINTS:
        rows[name] *= rows["deployed_count"]
    return rows.groupby(_KEY)[_POINTS].sum().reset_index()
