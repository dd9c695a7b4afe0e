"""The plan under audit beside the input it answers, with what several rules look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from optimizer.objectives import Asked
from optimizer.tables.plan_tables import by_year, plan_table, site_places, with_people
from optimizer.tables.problem import Problem

FORCE_KEY = ["actor_id", "unit_type_id"]
SITE_KEY = ["actor_id", "site_id"]


@dataclass(frozen=True)
class Plan:
    """A plan and its problem.

    Attributes:
        problem: the problem, its defaults filled in.
        tables: the plan's tables by name.
        is_relaxed: whether counts need not be whole.
        asked: what was asked of the plan.
        drawn: what was drawn up of it already, by name.
    """

    problem: Problem
    tables: Mapping[str, pd.DataFrame]
    is_relaxed: bool
    asked: Asked
    drawn: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False)

    def shown(self, name: str) -> pd.DataFrame:
        """A table of the plan, as ``plan_table`` gives it."""
        if name not in self.drawn:
            self.drawn[name] = plan_table(self.tables, name)
        return self.drawn[name].copy(deep=False)

    def table(self, name: str) -> pd.DataFrame:
        """A table of the plan in years 1…n."""
        frame = self.shown(name)
        return frame[frame["year"] > self.problem.today].reset_index(drop=True)

    @property
    def all_years(self) -> list[int]:
        """Period 0 and the periods 1…n."""
        return [self.problem.today, *self.problem.years]

    @cached_property
    def calendar(self) -> pd.DataFrame:
        """calendar_year, year (the period that ends in it or next after it), span (years of that period), factor."""
        settings = self.problem.settings
        first, ends = int(settings["first_year"]), self.problem["periods"]["year"].astype("int64")
        if ends.empty:
            ends = pd.Series(range(first, first + int(settings["year_count"])))
        periods = pd.DataFrame({"year": ends.sort_values(), "calendar_year": ends.sort_values()})
        every = pd.DataFrame({"calendar_year": range(first, int(ends.max()) + 1)})
        rows = pd.merge_asof(every, periods, on="calendar_year", direction="forward")
        growth = 1.0 + float(settings["discount_rate_fraction"])
        return rows.assign(
            span=rows.groupby("year")["calendar_year"].transform("size"),
            factor=growth ** (first - rows["calendar_year"]).astype("float64"),
        )

    def periods_of(self, years: pd.Series) -> pd.Series:
        """The period of each calendar year; empty beyond the plan."""
        return years.map(self.calendar.set_index("calendar_year")["year"])

    def spans(self, rows: pd.DataFrame) -> pd.Series:
        """How many years the period of each row stands for; empty in period 0."""
        return rows["year"].map(self.calendar.groupby("year").size())

    def freed_years(self, lever: str) -> pd.Series:
        """By key of a freed lever, the first period all of whose years are at or after the year it is freed in."""
        levers = self.problem["freed_levers"]
        levers = levers[levers["lever"] == lever]
        begins = self.calendar.groupby("year")["calendar_year"].min()
        freed = [begins.index[begins >= year].min() for year in levers["first_year"]]
        return pd.Series(freed, index=levers["lever_key"], dtype="float64")

    @cached_property
    def forces(self) -> pd.DataFrame:
        """owned_forces with a row for every force and year, period 0 too, beside columns of actor_unit_types.

        ``may_own`` says whether actor_unit_types has a row.
        """
        owned = self.shown("owned_forces")
        rights = self.problem["actor_unit_types"].assign(may_own=True)
        keys = pd.concat([rights[FORCE_KEY], owned[FORCE_KEY]]).drop_duplicates()
        rows = by_year(keys, self.all_years).merge(owned, on=[*FORCE_KEY, "year"], how="left")
        counts = [name for name in owned.columns if name.endswith("_count")]
        rows[counts] = rows[counts].fillna(0.0)
        rows = rows.merge(rights, on=FORCE_KEY, how="left")
        rows["may_own"] = rows["may_own"].notna()
        for lead in ("lead_time_yr", "set_lead_time_yr"):
            rows[lead] = rows[lead].fillna(0).astype("int64")
        counted = self.problem["unit_types"][["unit_type_id", "is_counted"]]
        return rows.merge(counted, on="unit_type_id", how="left")

    @cached_property
    def stationed(self) -> pd.DataFrame:
        """stationed_forces with period 0, and with ``persons`` and ``rotation_ratio``."""
        return with_people(self.problem, self.shown("stationed_forces"))

    @cached_property
    def people(self) -> pd.DataFrame:
        """actor_id, site_id, year, persons of modeled units; period 0 too."""
        return self.stationed.groupby([*SITE_KEY, "year"])[["persons"]].sum().reset_index()

    @cached_property
    def places(self) -> pd.DataFrame:
        """By site_id: host_actor_id, staging_area_id, theater_id."""
        return site_places(self.problem)

    @cached_property
    def lead_places(self) -> pd.DataFrame:
        """Where and how the lead actor's units may stand: a row for each unit type, site and mode.

        With the columns of site_access, sites, actor_unit_types, unit_types and unit_type_modes; ``mode_persons``
        are the people of a unit in the mode.
        """
        p = self.problem
        forces = p["actor_unit_types"].merge(p["unit_types"], on="unit_type_id")
        sets = p["owned_today"][[*FORCE_KEY, "sets_owned_count"]]
        forces = forces.merge(sets, on=FORCE_KEY, how="left")
        modes = p["unit_type_modes"].rename(columns={"personnel_persons": "mode_persons"})
        access = p["site_access"].merge(p["sites"], on="site_id")
        rows = access[access["actor_id"] == p.settings["lead_actor_id"]]
        rows = rows.merge(forces, on="actor_id").merge(modes, on="unit_type_id")
        has_sets = rows["set_purchase_cost_usd_m_per_set"].notna() | (rows["sets_owned_count"] > 0)
        may_stand = has_sets | (rows["mode"] != "PREPOSITIONED")
        possible: pd.DataFrame = rows[may_stand & takes_domain(rows)].reset_index(drop=True)
        return possible

    @cached_property
    def points(self) -> pd.DataFrame:
        """actor_id, unit_type_id, capability_id and ``points``, those of one unit at its owner's quality."""
        forces = self.problem["actor_unit_types"][[*FORCE_KEY, "effect_factor"]]
        actors = self.problem["actors"][["actor_id", "quality_factor"]]
        rows = forces.merge(actors, on="actor_id").merge(self.problem["unit_capabilities"], on="unit_type_id")
        rows["points"] = rows["capability_points"] * rows["quality_factor"] * rows["effect_factor"]
        return rows[[*FORCE_KEY, "capability_id", "points"]]


def takes_domain(rows: pd.DataFrame) -> pd.Series:
    """Whether sites take units of a domain; ``rows`` have the columns of sites, and domain."""
    takes = rows["domain"] == "ANY"
    for domain in ("LAND", "AIR", "SEA"):
        takes |= (rows["domain"] == domain) & rows[f"accepts_{domain.lower()}"].astype(bool)
    return takes
