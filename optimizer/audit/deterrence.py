"""Whether each requirement is met by what is deployed, or its shortfall said and priced."""

import pandas as pd

from optimizer.audit.comparison import at_most, equal, none, said
from optimizer.audit.nuclear import lowered_points
from optimizer.audit.plan import FORCE_KEY, Plan
from optimizer.plan.unmet_needs import NEED_YEAR, unmet_needs
from optimizer.tables.plan_tables import carried

_NEED = ["theater_id", "scenario_id", "phase_id", "capability_id"]
_KEY = [*_NEED, "year"]
_ROW = "requirement_results: {theater_id} {scenario_id} {phase_id} {capability_id} {year}: "


def deterrence(plan: Plan) -> list[str]:
    """Findings about requirements and shortfalls."""
    rows = requirements(plan)
    supply = _supply(plan)
    rows = rows.merge(supply, on=_KEY, how="left").fillna({"lead_supply": 0.0, "allied_supply": 0.0})
    shown = plan.table("requirement_results").rename(columns={"required_points": "shown_points"})
    rows = rows.merge(shown, on=_KEY, how="left")
    is_shown = rows["shown_points"].notna()
    rows["lowered_points"] = lowered_points(plan, rows)
    other = ["shortfall_points", "bonus_points", "reduction_points"]
    rows[other] = rows[other].fillna(0.0)
    most = rows["maximum_lead_fraction"] * rows["required_points"]
    rows["counted_supply"] = rows["lead_supply"].where(~(rows["lead_supply"] > most), most)
    rows["met_points"] = rows["counted_supply"] + rows["allied_supply"] + rows["shortfall_points"]
    rows["met_points"] += rows["bonus_points"] + rows["lowered_points"]
    rows["shown_met_points"] = rows["lead_points"] + rows["allied_points"] + rows["shortfall_points"]
    rows["shown_met_points"] += rows["bonus_points"] + rows["reduction_points"]
    is_needed = rows["lowered_points"] < rows["required_points"]
    return [
        *said(rows[~is_shown & (rows["required_points"] > 0)], _ROW + "the requirement is not shown"),
        *_met(rows[is_needed], rows[is_shown & is_needed]),
        *_shortfalls(plan, rows),
        *_unknown(shown, rows),
    ]


def _met(rows: pd.DataFrame, shown: pd.DataFrame) -> list[str]:
    need = _ROW + "{required_points} points required but {counted_supply} of the lead actor, "
    need += "{allied_supply} of allies, {lowered_points} not needed and a shortfall of {shortfall_points}"
    stated = _ROW + "{shown_points} points said to be required but the tables say {required_points}"
    lead = _ROW + "{lead_points} points of the lead actor shown but {counted_supply} count"
    allied = _ROW + "{allied_points} points of allies shown but {allied_supply} deployed"
    lowered = (
        _ROW + "{reduction_points} points said not to be needed but options lower it by {lowered_points}"
    )
    together = _ROW + "{required_points} points required but {shown_met_points} shown"
    return [
        *at_most(rows, "required_points", "met_points", "points", need),
        *equal(shown, "shown_points", "required_points", "points", stated),
        *at_most(shown, "lead_points", "counted_supply", "points", lead),
        *equal(shown, "allied_points", "allied_supply", "points", allied),
        *equal(shown, "reduction_points", "lowered_points", "points", lowered),
        *at_most(shown, "required_points", "shown_met_points", "points", together),
    ]


def _shortfalls(plan: Plan, rows: pd.DataFrame) -> list[str]:
    interests = plan.problem["interests"].assign(is_priced=True)
    rows = rows.merge(interests, on=["theater_id", "capability_id"], how="left")
    unmet = plan.table("unmet_needs")
    hard = rows[rows["is_priced"].isna()]
    if plan.asked.lets_every_need_go_short:
        hard = hard.head(0)
    needed = rows[rows["required_points"] > 0]
    measured = unmet_needs(plan.problem, needed).rename(columns={"unmet_points": "measured_points"})
    priced = measured.merge(unmet, on=NEED_YEAR, how="outer")
    priced = priced.fillna({"measured_points": 0.0, "unmet_points": 0.0})
    sentence = "unmet_needs: {theater_id} {capability_id} {year}: {measured_points} points missing but "
    sentence += "unmet_needs says {unmet_points}"
    return [
        *none(hard, "shortfall_points", "points", _ROW + "{shortfall_points} points missing of a hard need"),
        *equal(priced, "measured_points", "unmet_points", "points", sentence),
    ]


def _unknown(shown: pd.DataFrame, rows: pd.DataFrame) -> list[str]:
    extra = shown.merge(rows[_KEY].assign(is_known=True), on=_KEY, how="left")
    extra = extra[extra["is_known"].isna()]
    return none(extra, "shown_points", "points", _ROW + "there is no such requirement")


def requirements(plan: Plan) -> pd.DataFrame:
    """Requirements of years 1…n: _KEY, required_points and maximum_lead_fraction."""
    rows = carried(plan.problem["requirements"], _NEED, plan.problem.years)
    rows = rows.merge(plan.problem["phases"][["phase_id", "kind"]], on="phase_id")
    settings = plan.problem.settings
    deter = rows["red_score_points"] / float(settings["break_even_ratio"])
    win = rows["red_score_points"] * float(settings["win_ratio"])
    from_red = deter.where(rows["kind"] == "DETER", win)
    rows["required_points"] = rows["required_points"].fillna(from_red)
    return rows.dropna(subset=["required_points"])[[*_KEY, "required_points", "maximum_lead_fraction"]]


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
