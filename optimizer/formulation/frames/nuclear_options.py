"""Which nuclear option each threatened ally may have when, which programs may start, and what each costs whom."""

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import Index, no_rows, once
from optimizer.formulation.frames.paths import NEED
from optimizer.formulation.frames.payments import in_equal_parts
from optimizer.tables.by_year import with_years

CHOICE = ["actor_id", "nuclear_posture"]


@once
def options(index: Index) -> pd.DataFrame:
    """Options by year: CHOICE, year, needs_program, earliest_start_year, may_change, may_hold and the option's columns.

    A program may start once the lever is freed; earliest_start_year is empty where it never is.
    """
    frame = index.problem["nuclear_options"].copy()
    frame["holds_today"] = frame["holds_today"].astype(bool)
    frame["lead_time_yr"] = frame["lead_time_yr"].astype("int64")
    has_program = (frame["lead_time_yr"] > 0) | (frame["program_cost_usd_m"] > 0)
    frame["needs_program"] = has_program & ~frame["holds_today"]
    freed = frame["actor_id"].map(index.problem.freed_years("NUCLEAR"))
    frame["earliest_start_year"] = freed.clip(lower=index.years[0])
    frame = with_years(frame, index.years)
    frame["may_change"] = frame["year"] >= frame["earliest_start_year"]
    first_held = frame["earliest_start_year"] + frame["lead_time_yr"].where(frame["needs_program"], 0)
    frame["may_hold"] = frame["holds_today"] | (frame["year"] >= first_held)
    return frame.sort_values([*CHOICE, "year"], ignore_index=True)


def starts(index: Index) -> pd.DataFrame:
    """Programs that may start and finish inside the horizon: the rows of ``options``, with finish_year.

    A program starts in the last year of a period; finish_year is the period to which the year of its end belongs.
    """
    frame = options(index)
    end = frame["year"] + frame["lead_time_yr"]
    frame["finish_year"] = index.problem.calendar.periods_of(end)
    can_finish = end <= index.years[-1]
    return frame[frame["needs_program"] & frame["may_change"] & can_finish].reset_index(drop=True)


def running(index: Index) -> pd.DataFrame:
    """Periods in which a program that may start would run, before it is finished: CHOICE, start_year and year."""
    frame = starts(index).rename(columns={"year": "start_year"})
    frame = with_years(frame, index.years)
    frame = frame[(frame["start_year"] <= frame["year"]) & (frame["year"] < frame["finish_year"])]
    return frame[[*CHOICE, "start_year", "year"]].sort_values(
        [*CHOICE, "year", "start_year"], ignore_index=True
    )


def payments(index: Index) -> pd.DataFrame:
    """What a program that starts in a year costs in which period: see ``in_equal_parts``."""
    if index.problem["nuclear_options"].empty:
        return no_rows([*CHOICE, "year", "paid_year", "average_usd_m", "worth_usd_m"])
    return in_equal_parts(index, starts(index), "program_cost_usd_m", "lead_time_yr")


def yearly_costs(index: Index) -> pd.DataFrame:
    """What an option costs whom while it holds: CHOICE, payer_id and usd_m, only above 0."""
    frame = index.problem["nuclear_options"]
    if frame.empty:
        return no_rows(["payer_id", *CHOICE, "usd_m"])
    own = frame.assign(payer_id=frame["actor_id"], usd_m=frame["own_cost_usd_m_per_yr"])
    lead = frame.assign(payer_id=index.lead, usd_m=frame["lead_cost_usd_m_per_yr"])
    both = pd.concat([own, lead])
    return both.loc[both["usd_m"] > 0, ["payer_id", *CHOICE, "usd_m"]].reset_index(drop=True)


def reductions(index: Index, needs: pd.DataFrame) -> pd.DataFrame:
    """By how much an option lowers a need: CHOICE, the columns of ``needs``, and lowered_points, only above 0.

    Args:
        index: the index of the problem.
        needs: theater_id, capability_id, required_points and other columns.
    """
    frame = index.problem["nuclear_reductions"].merge(needs, on=["theater_id", "capability_id"])
    frame["lowered_points"] = np.minimum(frame["reduction_points"], frame["required_points"])
    return frame[frame["lowered_points"] > 0].drop(columns="reduction_points").reset_index(drop=True)


def dispensable_needs(index: Index, needs: pd.DataFrame) -> set[tuple[str, ...]]:
    """Needs that options can lower to nothing in every year, by NEED."""
    if index.problem["nuclear_reductions"].empty:
        return set()
    may_hold = options(index)
    may_hold = may_hold.loc[may_hold["may_hold"], [*CHOICE, "year"]]
    lowered = reductions(index, needs).merge(may_hold, on=[*CHOICE, "year"])
    by_ally = lowered.groupby([*NEED, "year", "actor_id"])["lowered_points"].max()
    most = by_ally.groupby([*NEED, "year"]).sum().rename("most").reset_index()
    rows = needs.merge(most, on=[*NEED, "year"], how="left").fillna({"most": 0.0})
    is_met = (rows["most"] >= rows["required_points"]).groupby([rows[name] for name in NEED]).all()
    return set(is_met[is_met].index)
