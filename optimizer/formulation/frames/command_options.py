"""Which actor may hold which command when, and what it has to own for it."""

import pandas as pd

from optimizer.formulation.frames.index import Index, once
from optimizer.tables.by_year import with_years

OPTION = ["command_id", "actor_id"]


@once
def options(index: Index) -> pd.DataFrame:
    """Possible holders by year: OPTION, year, is_today, may_change, gain_fraction and the option's columns."""
    p = index.problem
    frame = p["command_options"].merge(p["commands"], on="command_id")
    frame["is_today"] = frame["actor_id"] == frame["today_actor_id"]
    least = frame.groupby("command_id")["bonus_fraction"].transform("min")
    frame["gain_fraction"] = frame["bonus_fraction"] - least
    frame = with_years(frame, index.years)
    met = prerequisites(index)
    unmet = met[met["is_before"] & ~met["is_met"]][[*OPTION, "year"]].drop_duplicates().assign(unmet=True)
    frame = frame.merge(unmet, on=[*OPTION, "year"], how="left")
    frame["may_change"] = frame["year"] >= frame["command_id"].map(p.freed_years("COMMAND"))
    frame["may_hold"] = frame["is_today"] | (frame["may_change"] & frame["unmet"].isna())
    return frame.sort_values([*OPTION, "year"], ignore_index=True)


@once
def prerequisites(index: Index) -> pd.DataFrame:
    """Prerequisites by period and period looked at: OPTION, unit_type_id, year, owned_year, is_before, is_met.

    A holder of a period looks back from each of its years, so from the first of them. is_before tells calendar years
    before year 1, for which is_met says whether the table counts them as met.
    """
    calendar = index.problem.calendar
    frame = with_years(index.problem["command_prerequisites"], index.years)
    back = frame["years_before_count"].astype("int64") + index.spans(frame) - 1
    frame = frame.loc[frame.index.repeat(back + 1)].reset_index(drop=True)
    by = [*OPTION, "unit_type_id", "year"]
    looked_at = frame["year"] - frame.groupby(by).cumcount()
    frame["is_before"] = looked_at < index.years[0]
    frame["is_met"] = index.years[0] - looked_at <= frame["years_already_met_count"]
    frame["owned_year"] = looked_at.where(frame["is_before"], calendar.periods_of(looked_at))
    return frame.drop_duplicates([*by, "owned_year"], ignore_index=True)
