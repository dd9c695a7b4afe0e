"""What only shows once it is known which combinations exist."""

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.families import (
    allied_response,
    billing,
    command,
    conditional_rules,
    deterrence,
    exposure,
    goals,
)
from optimizer.formulation.frames.allied_limits import negative_other_spending
from optimizer.formulation.frames.index import ACCESS, Index
from optimizer.formulation.frames.nuclear_options import CHOICE, options, reductions
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.reach import Reach, reach_of


def model_findings(index: Index) -> list[Finding]:
    """Findings of an index: spending that does not add up; bills, needs and exposure that no plan can meet."""
    return [
        *negative_other_spending(index),
        *unusable_access(index),
        *billing.findings(index),
        *allied_response.findings(index),
        *exposure.findings(index),
        *unavoidable_exposure(index),
        *conditional_rules.findings(index),
        *goals.findings(index),
        *unreachable_needs(index),
        *weightless_needs(index),
    ]


def unusable_access(index: Index) -> list[Finding]:
    """Findings for sites that an actor keeps open, or has room in, where none of its units can be stationed."""
    access = index.access.merge(
        index.places[ACCESS].drop_duplicates().assign(is_usable=True), on=ACCESS, how="left"
    )
    is_kept = access["open_today"].astype(bool) | (access["housing_today_persons"] > 0)
    return [
        Finding(
            "ACCESS_UNUSABLE",
            "site_access",
            f"{row.site_id}/{row.actor_id}",
            "",
            "",
            "the site is open, or has room, but none of the actor's units can be stationed there",
            "Let the site accept a domain of its units, give them a mode, or leave open_today and "
            "housing_today_persons empty.",
        )
        for row in access[is_kept & access["is_usable"].isna()].itertuples()
    ]


def weightless_needs(index: Index) -> list[Finding]:
    """Findings for priced needs whose shortfall has no weight in any scenario."""
    return [
        Finding(
            "WEIGHTS_MISSING",
            "interests",
            f"{row.theater_id}/{row.capability_id}",
            "",
            "",
            f"no scenario that needs it in {row.year} has a weight, so its shortfall would count for nothing",
            "Give one of the scenarios a weight_fraction, or take the shortfall_measure ROBUST.",
        )
        for row in deterrence.weightless_needs(index)
        .drop_duplicates(["theater_id", "capability_id"])
        .itertuples()
    ]


def unreachable_needs(index: Index) -> list[Finding]:
    """Findings for needs to which no unit of anybody adds, no nuclear option lowers to nothing, and no price is set."""
    if index.asked.lets_every_need_go_short:
        return []
    reach = reach_of(index)
    needs = reach.needs.drop_duplicates(NEED)
    priced = pd.MultiIndex.from_frame(index.problem["interests"][["theater_id", "capability_id"]])
    supplied = pd.MultiIndex.from_frame(reach.supply[NEED].drop_duplicates())
    lost = ~pd.MultiIndex.from_frame(needs[NEED]).isin(supplied)
    lost &= ~pd.MultiIndex.from_frame(needs[["theater_id", "capability_id"]]).isin(priced)
    lost &= ~pd.MultiIndex.from_frame(needs[NEED]).isin(_not_needed(index, reach))
    return [
        Finding(
            "REQUIREMENT_UNREACHABLE",
            "requirements",
            f"{row.theater_id}/{row.scenario_id}/{row.phase_id}/{row.capability_id}/{row.year}",
            "required_points",
            f"{row.required_points:g}",
            "nobody owns or may own a unit with this capability that can be there in time",
            "Check readiness, notice and transit times, or give the theater an interest.",
        )
        for row in needs[lost].itertuples()
    ]


def _not_needed(index: Index, reach: Reach) -> pd.MultiIndex:
    """Needs that nuclear options can lower to nothing in every year."""
    may_hold = options(index)
    may_hold = may_hold.loc[may_hold["may_hold"], [*CHOICE, "year"]]
    lowered = reductions(index, reach.needs).merge(may_hold, on=[*CHOICE, "year"])
    by_ally = lowered.groupby([*NEED, "year", "actor_id"])["lowered_points"].max()
    most = by_ally.groupby([*NEED, "year"]).sum().rename("most").reset_index()
    rows = reach.needs.merge(most, on=[*NEED, "year"], how="left").fillna({"most": 0.0})
    is_met = (rows["most"] >= rows["required_points"]).groupby([rows[name] for name in NEED]).all()
    return pd.MultiIndex.from_frame(is_met[is_met].reset_index()[NEED])


def unavoidable_exposure(index: Index) -> list[Finding]:
    """Findings for years in which commands and umbrellas, whatever levers allow, expose more than is borne."""
    limits = exposure.limits(index)
    held = command.options(index).merge(exposure.exposed_commands(index), on=command.OPTION, how="left")
    covered = options(index).merge(exposure.exposed_umbrellas(index), on=CHOICE, how="left")
    limits["least_points"] = 0.0
    for frame, key in ((held, "command_id"), (covered, "actor_id")):
        limits["least_points"] += limits["year"].map(_least_points(frame, key)).fillna(0.0)
    beyond = limits[limits["least_points"] > limits["maximum_exposure_points"] * (1 + 1e-9)]
    return [
        Finding(
            "EXPOSURE_IMPOSSIBLE",
            "exposure_limits",
            str(row.limit_year),
            "maximum_exposure_points",
            f"{row.maximum_exposure_points:g}",
            f"commands and umbrellas that no lever can move in time cause {row.least_points:g} points in {row.year}",
            "Raise the limit, or free the levers COMMAND and NUCLEAR early enough.",
        )
        for row in beyond.drop_duplicates("limit_year").itertuples()
    ]


def _least_points(options_by_year: pd.DataFrame, key: str) -> pd.Series:
    """By year, the points that are left if every command or ally has its least exposing option."""
    frame = options_by_year[options_by_year["may_hold"]].fillna({"points": 0.0})
    return frame.groupby([key, "year"])["points"].min().groupby("year").sum()
