"""Whether each requirement is met by what is deployed, or its shortfall said and priced."""

import numpy as np
import pandas as pd

from optimizer.audit.comparison import RELATIVE, at_most, equal, none, said
from optimizer.audit.nuclear import lowered_points
from optimizer.audit.once import once
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.tables.plan_tables import carried

_NEED = ["theater_id", "scenario_id", "phase_id", "capability_id"]
_KEY = [*_NEED, "year"]
_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "


def deterrence(plan: Plan) -> list[str]:
    """Findings about requirements and shortfalls."""
    shown = plan.table("requirement_results").rename(columns={"required_points": "shown_points"})
    drawn = needs(plan).drop(columns="bonus_points").rename(columns={"reduction_points": "lowered_points"})
    rows = drawn.merge(shown, on=_KEY, how="left")
    is_shown = rows["shown_points"].notna()
    other = ["shortfall_points", "bonus_points", "reduction_points"]
    rows[other] = rows[other].fillna(0.0)
    rows["met_points"] = rows["counted_supply"] + rows["allied_supply"] + rows["shortfall_points"]
    rows["met_points"] += rows["bonus_points"] + rows["lowered_points"]
    is_needed = rows["lowered_points"] < rows["required_points"]
    need = _ROW + "{required_points} points required but {counted_supply} of the lead actor, "
    need += "{allied_supply} of allies, {lowered_points} not needed and a shortfall of {shortfall_points}"
    rows["least_points"] = rows["minimum_lead_fraction"] * (
        rows["required_points"] - rows["shortfall_points"]
    )
    least = (
        _ROW
        + "{counted_supply} points of the lead actor, but its least part of what is met is {least_points}"
    )
    return [
        *said(rows[~is_shown & (rows["required_points"] > 0)], _ROW + "the requirement is not shown"),
        *at_most(rows[is_needed], "required_points", "met_points", "points", need),
        *at_most(rows, "least_points", "counted_supply", "points", least),
        *_shown(rows[is_shown]),
        *_hard(plan, rows),
        *_unknown(shown, rows),
    ]


@once
def needs(plan: Plan) -> pd.DataFrame:
    """Requirements of years 1…n with what meets them.

    _KEY, required_points, the lead actor's least and most part, counted_supply (of the lead actor), allied_supply,
    bonus_points (as decided), reduction_points, and missing_points: what all these leave, or what the lead actor's
    least part does not let count, whichever is more.
    """
    rows = requirements(plan).merge(_supply(plan), on=_KEY, how="left")
    bonus = plan.table("requirement_results")[[*_KEY, "bonus_points"]]
    rows = rows.merge(bonus, on=_KEY, how="left")
    numbers = ["lead_supply", "allied_supply", "bonus_points"]
    rows[numbers] = rows[numbers].fillna(0.0)
    rows["reduction_points"] = lowered_points(plan, rows)
    required = rows["required_points"]
    most = rows["maximum_lead_fraction"] * required
    rows["counted_supply"] = rows["lead_supply"].where(~(rows["lead_supply"] > most), most)
    met = rows["counted_supply"] + rows["allied_supply"] + rows["bonus_points"] + rows["reduction_points"]
    is_missing = (required - met > RELATIVE * required) & (rows["reduction_points"] < required)
    least = rows["minimum_lead_fraction"]
    lacking = least * required - rows["counted_supply"]
    uncounted = (lacking / least).where(lacking > RELATIVE * required, 0.0).fillna(0.0)
    missing = np.maximum((required - met).where(is_missing, 0.0), uncounted)
    return rows.drop(columns="lead_supply").assign(missing_points=missing)


def _shown(rows: pd.DataFrame) -> list[str]:
    stated = _ROW + "{shown_points} points said to be required but the tables say {required_points}"
    lead = _ROW + "{lead_points} points of the lead actor shown but {counted_supply} count"
    allied = _ROW + "{allied_points} points of allies shown but {allied_supply} deployed"
    lowered = (
        _ROW + "{reduction_points} points said not to be needed but options lower it by {lowered_points}"
    )
    missing = _ROW + "a shortfall of {shortfall_points} points shown but {missing_points} are missing"
    return [
        *equal(rows, "shown_points", "required_points", "points", stated),
        *equal(rows, "lead_points", "counted_supply", "points", lead),
        *equal(rows, "allied_points", "allied_supply", "points", allied),
        *equal(rows, "reduction_points", "lowered_points", "points", lowered),
        *equal(rows, "shortfall_points", "missing_points", "points", missing),
    ]


def _hard(plan: Plan, rows: pd.DataFrame) -> list[str]:
    if plan.asked.lets_every_need_go_short:
        return []
    interests = plan.problem["interests"].assign(is_priced=True)
    rows = rows.merge(interests, on=["theater_id", "capability_id"], how="left")
    hard = rows[rows["is_priced"].isna()]
    words = _ROW + "{missing_points} points missing of a hard need"
    return none(hard, "missing_points", "points", words)


def _unknown(shown: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    extra = shown.merge(rows[_KEY].assign(is_known=True), on=_KEY, how="left")
    return said(extra[extra["is_known"].isna()], _ROW + "there is no such requirement")


def requirements(plan: Plan) -> pd.DataFrame:
    """Requirements of years 1…n: _KEY, required_points, and the lead actor's least and most part."""
    rows = carried(plan.problem["requirements"], _NEED, plan.problem.years)
    rows = rows.merge(plan.problem["phases"][["phase_id", "kind"]], on="phase_id")
    settings = plan.problem.settings
    deter = rows["red_score_points"] / float(settings["break_even_ratio"])
    win = rows["red_score_points"] * float(settings["win_ratio"])
    from_red = deter.where(rows["kind"] == "DETER", win)
    rows["required_points"] = rows["required_points"].fillna(from_red)
    columns = [*_KEY, "required_points", "maximum_lead_fraction", "minimum_lead_fraction"]
    return rows.dropna(subset=["required_points"])[columns]


def _supply(plan: Plan) -> pd.DataFrame:
    """By requirement and year: lead_supply and allied_supply, points of what is left of deployed units."""
    rows = _points(plan)
    is_lead = rows["actor_id"] == plan.problem.settings["lead_actor_id"]
    rows["lead_supply"] = rows["gained_points"].where(is_lead, 0.0)
    rows["allied_supply"] = rows["gained_points"].where(~is_lead, 0.0)
    return rows.groupby(_KEY)[["lead_supply", "allied_supply"]].sum().reset_index()


def supply_by_actor(plan: Plan) -> pd.DataFrame:
    """By actor, requirement and year: gained_points, points of what is left of deployed units."""
    rows = _points(plan)
    return rows.groupby(["actor_id", *_KEY])[["gained_points"]].sum().reset_index()


def _points(plan: Plan) -> pd.DataFrame:
    """What is left of deployed units by force, requirement and year, with their gained_points."""
    rows = _left(plan).merge(plan.points, on=FORCE_KEY)
    rows = rows.merge(plan.problem["unit_type_theaters"], on=["unit_type_id", "theater_id"], how="left")
    rows["gained_points"] = rows["left_count"] * rows["points"] * rows["theater_factor"].fillna(1.0)
    return rows


def _left(plan: Plan) -> pd.DataFrame:
    """By force, theater, scenario, phase and year: left_count, in a phase of winning what earlier ones left.

    Goes through the phases in their order: each adds what is newly deployed, and takes its losses from all there.
    """
    series = [*FORCE_KEY, "theater_id", "scenario_id", "year"]
    deployed = plan.table("deployments").groupby([*series, "phase_id"])["deployed_count"].sum()
    by_phase = deployed.unstack("phase_id").fillna(0.0)
    types = by_phase.index.get_level_values("unit_type_id")
    lost = plan.problem["attrition"].set_index(["unit_type_id", "phase_id"])["attrition_fraction"]
    before = pd.Series(0.0, index=by_phase.index)
    survivors, left = before, {}
    for phase in plan.problem["phases"].sort_values(["days", "kind", "phase_id"]).itertuples():
        if phase.phase_id not in by_phase:
            continue
        there = by_phase[phase.phase_id]
        survivors = survivors + (there - before)
        before = there
        left[str(phase.phase_id)] = survivors if phase.kind == "WIN" else there
        in_phase = pd.MultiIndex.from_arrays([types, [phase.phase_id] * len(types)])
        survivors = survivors * (1.0 - lost.reindex(in_phase).fillna(0.0).to_numpy())
    columns = [*series, "phase_id", "left_count"]
    parts = [part.rename("left_count").reset_index().assign(phase_id=name) for name, part in left.items()]
    return pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
