"""Which combinations exist: the sparse frames from which every family takes its sets and values.

A frame has one row for each combination that access, domain, mode and time allow; nothing is built as a
Cartesian product and thrown away. Columns carry the names of the input tables. Deployment has frames of its own
in ``reach``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, wraps
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from optimizer.formulation.frames.conversions import most_converted
from optimizer.formulation.frames.theater_reserves import reserves_by_year
from optimizer.objectives import Asked
from optimizer.tables.by_year import with_years
from optimizer.tables.defaults import complete
from optimizer.tables.keyed import is_among, joined, keys, looked_up, values
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import members

FORCE = ["actor_id", "unit_type_id"]
CONVERSION = ["actor_id", "from_unit_type_id", "to_unit_type_id"]
PLACE = ["actor_id", "unit_type_id", "site_id", "mode"]
ACCESS = ["actor_id", "site_id"]

Frame = TypeVar("Frame", pd.DataFrame, pd.Series)


@dataclass(frozen=True)
class Index:
    """The sparse frames of a problem; each is computed when first asked for.

    Attributes:
        problem: the problem with its defaults filled in.
        asked: what is asked of its plan.
        computed: frames of the functions that are marked ``once``, by name.
    """

    problem: Problem
    asked: Asked = field(default_factory=Asked)
    computed: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    @property
    def today(self) -> int:
        """Calendar year of period 0."""
        return self.problem.today

    @property
    def years(self) -> list[int]:
        """The periods 1…n, each by its last calendar year."""
        return self.problem.years

    @property
    def periods(self) -> list[int]:
        """Period 0 and the periods 1…n."""
        return [self.today, *self.years]

    @property
    def lead(self) -> str:
        """The lead actor."""
        return str(self.problem.settings["lead_actor_id"])

    @property
    def discount_rate(self) -> float:
        """The discount rate, a fraction a year."""
        return float(self.problem.settings["discount_rate_fraction"])

    @cached_property
    def factors(self) -> dict[int, float]:
        """Discount factor of each calendar year of the plan; 1 in year 1."""
        return self.problem.calendar.factors(self.discount_rate)

    @cached_property
    def discount(self) -> dict[int, float]:
        """By period, the sum of the discount factors of its years; 1 in year 1."""
        return self.problem.calendar.discount(self.discount_rate)

    def spans(self, frame: pd.DataFrame) -> pd.Series:
        """How many years the period in the column ``year`` stands for, by row."""
        return frame["year"].map(self.problem.calendar.spans)

    @cached_property
    def forces(self) -> pd.DataFrame:
        """One row for each actor and unit type it may own.

        The columns of actor_unit_types, with owned_count and sets_owned_count of today, personnel_persons,
        domain and facility_id of the type, is_counted (whether this actor's units are whole), home_staging_area_id
        of the actor, and quality_factor, the product of the actor's and the force's.
        """
        p = self.problem
        forces = p["actor_unit_types"].sort_values(FORCE, ignore_index=True)
        for column in ("owned_count", "sets_owned_count"):
            forces[column] = looked_up(forces, FORCE, values(p["owned_today"], FORCE, column), 0.0)
        type_columns = [
            "domain",
            "personnel_persons",
            "facility_id",
            "is_counted",
            "is_counted_for_lead_only",
        ]
        forces = joined(forces, p["unit_types"][["unit_type_id", *type_columns]], ["unit_type_id"])
        actors = p["actors"][["actor_id", "home_staging_area_id", "quality_factor"]]
        forces = joined(forces, actors, ["actor_id"])
        forces["quality_factor"] *= forces["effect_factor"]
        for column in ("lead_time_yr", "set_lead_time_yr"):
            forces[column] = forces[column].astype("int64")
        may_be_parts = forces.pop("is_counted_for_lead_only").astype(bool) & (forces["actor_id"] != self.lead)
        forces["is_counted"] = forces["is_counted"].astype(bool) & ~may_be_parts
        return forces

    @cached_property
    def on_order(self) -> pd.DataFrame:
        """Units arriving from orders before year 1, for each force and period: FORCE, year, arriving_count.

        With arrived_count, those that have arrived by then.
        """
        frame, key = with_years(self.forces[FORCE], self.years), [*FORCE, "year"]
        orders = self.problem["on_order"]
        orders = orders.assign(year=self.problem.calendar.periods_of(orders["year"]))
        arriving = orders.groupby(key)["arriving_count"].sum().to_dict()
        frame["arriving_count"] = looked_up(frame, key, arriving, 0.0)
        frame["arrived_count"] = frame.groupby(FORCE)["arriving_count"].cumsum()
        return frame

    def _orders(self, lead_time: str, life: str, cost: str) -> pd.DataFrame:
        frame = self.forces[[*FORCE, lead_time, life, cost, "maximum_raised_count_per_yr"]]
        frame = self._placed(frame, lead_time, life, cost)
        return frame.assign(maximum_raised_count=frame["maximum_raised_count_per_yr"] * self.spans(frame))

    def _placed(self, frame: pd.DataFrame, lead_time: str, life: str, cost: str) -> pd.DataFrame:
        """What can be ordered, in every period from which it arrives in time, with arrival_year and its salvage."""
        frame = with_years(frame, self.years)
        arrival = frame["year"] + frame[lead_time]
        served = self.years[-1] - arrival + 1
        frame["arrival_year"] = self.problem.calendar.periods_of(arrival)
        frame["salvage_usd_m_per_unit"] = frame[cost] * (1 - served / frame[life]).clip(lower=0)
        return frame[served >= 1].reset_index(drop=True)

    @cached_property
    def orders(self) -> pd.DataFrame:
        """Orders of units that arrive inside the horizon, placed in the last year of each period.

        FORCE, year, arrival_year (the period to which the year of arrival belongs), salvage_usd_m_per_unit (of the
        years served since that year), maximum_raised_count (in the whole period).
        """
        orders = self._orders("lead_time_yr", "life_yr", "raise_cost_usd_m_per_unit")
        return orders[orders["maximum_raised_count_per_yr"].fillna(np.inf) > 0].reset_index(drop=True)

    @cached_property
    def set_orders(self) -> pd.DataFrame:
        """Orders of sets that arrive inside the horizon, with the columns of ``orders``."""
        orders = self._orders("set_lead_time_yr", "set_life_yr", "set_purchase_cost_usd_m_per_set")
        return orders[orders["set_purchase_cost_usd_m_per_set"].notna()].reset_index(drop=True)

    @cached_property
    def conversion_orders(self) -> pd.DataFrame:
        """Conversions that arrive inside the horizon, placed in the last year of each period: CONVERSION, year.

        With arrival_year (the period to which the year of arrival belongs), the other columns of the table,
        maximum_converted_count (in the whole period), salvage_usd_m_per_unit, and is_whole: whether either kind is
        counted.
        """
        frame = self.problem["conversions"]
        if frame.empty:
            nothing = dict.fromkeys(("maximum_converted_count", "salvage_usd_m_per_unit"), 0.0)
            return frame.assign(year=0, arrival_year=0, is_whole=False, **nothing)
        counted = set(keys(self.forces[self.forces["is_counted"]], FORCE))
        frame = frame.sort_values(CONVERSION)
        is_whole = [
            (actor, before) in counted or (actor, after) in counted
            for actor, before, after in frame[CONVERSION].itertuples(index=False)
        ]
        frame = frame.assign(
            lead_time_yr=frame["lead_time_yr"].astype("int64"), is_whole=np.asarray(is_whole, dtype=bool)
        )
        frame = self._placed(frame, "lead_time_yr", "life_yr", "conversion_cost_usd_m_per_unit")
        return frame.assign(
            maximum_converted_count=frame["maximum_converted_count_per_yr"] * self.spans(frame),
            salvage_usd_m_per_unit=frame["salvage_usd_m_per_unit"].fillna(0.0),
        )

    @cached_property
    def set_forces(self) -> pd.DataFrame:
        """The rows of ``forces`` that have sets, or can buy them."""
        f = self.forces
        return f[(f["sets_owned_count"] > 0) | f["set_purchase_cost_usd_m_per_set"].notna()]

    @cached_property
    def owned_bounds(self) -> pd.DataFrame:
        """Least and most units owned by force and period: FORCE, year, least, most (infinite if unlimited).

        Today is fixed. Later the least is what is reserved, for home and for theaters, the most what the force's
        limit, or today's units with all that is on order and all that can be raised and converted by then, allow.
        Also ``reached``, the latter alone, and ``grown``, that without what is converted.
        """
        frame, key = with_years(self.forces, self.periods), [*FORCE, "year"]
        arrived = looked_up(frame, key, values(self.on_order, key, "arrived_count"), 0.0)
        placed = self.problem.calendar.periods_until(frame["year"] - frame["lead_time_yr"])
        orders = placed - self.today
        raised = (frame["maximum_raised_count_per_yr"] * orders).where(orders > 0, 0.0).fillna(np.inf)
        frame["grown"] = frame["owned_count"] + arrived + raised
        converted = most_converted(self.conversion_orders, frame[[*key, "grown"]])
        frame["reached"] = frame["grown"] + looked_up(frame, key, converted, 0.0)
        most = np.minimum(frame["reached"], frame["maximum_owned_count"].fillna(np.inf))
        is_today = frame["year"] == self.today
        reserved = frame["reserved_count"] + looked_up(frame, key, self.kept_for_theaters.to_dict(), 0.0)
        frame["least"] = frame["owned_count"].where(is_today, reserved)
        frame["most"] = frame["owned_count"].where(is_today, most)
        return frame[[*key, "least", "most", "reached", "grown"]]

    @cached_property
    def most_owned(self) -> dict[Any, float]:
        """The most units ever owned, by FORCE; infinite if unlimited."""
        most: dict[Any, float] = {}
        for force, units in zip(
            keys(self.owned_bounds, FORCE), keys(self.owned_bounds, ["most"]), strict=True
        ):
            most[force] = max(units, most.get(force, units))
        return most

    @cached_property
    def theater_reserves(self) -> pd.DataFrame:
        """What is kept for theaters by year; see ``reserves_by_year``."""
        return reserves_by_year(self.problem)

    @cached_property
    def kept_for_theaters(self) -> pd.Series:
        """Units of a force kept for all theaters together, by FORCE and year."""
        return self.theater_reserves.groupby([*FORCE, "year"])["reserved_count"].sum()

    @cached_property
    def access(self) -> pd.DataFrame:
        """One row for each actor and site it may use.

        The columns of site_access, with host_actor_id, staging_area_id, what the site accepts,
        housing_limit_persons (the own limit or the site's capacity, whichever is less; infinite if neither) and
        has_opening (whether being open costs or demands anything).
        """
        p = self.problem
        sites = p["sites"].drop(columns=["name", "latitude_degrees", "longitude_degrees"])
        access = joined(p["site_access"], sites, ["site_id"])
        access["housing_limit_persons"] = np.minimum(
            access["limit_persons"].fillna(np.inf), access["capacity_persons"].fillna(np.inf)
        )
        demands = [
            "open_cost_usd_m_per_yr",
            "opening_cost_usd_m",
            "closing_cost_usd_m",
            "minimum_garrison_persons",
        ]
        access["has_opening"] = (access[demands] > 0).any(axis="columns")
        return access.sort_values(ACCESS, ignore_index=True)

    @cached_property
    def places(self) -> pd.DataFrame:
        """One row for each force, site and mode in which it can be stationed there.

        PLACE with host_actor_id, staging_area_id, rotation_ratio, personnel_persons and presence_points (of the mode),
        stationed_count (today), is_counted, readiness_class_id, stationing_cost_usd_m_per_unit_yr, and facility_id,
        what a unit takes up there; a set takes up none.
        """
        p = self.problem
        force_columns = [*FORCE, "domain", "facility_id", "is_counted", "readiness_class_id"]
        forces = self.forces[[*force_columns, "sets_owned_count", "set_purchase_cost_usd_m_per_set"]]
        places = joined(joined(self.access, forces, ["actor_id"]), p["unit_type_modes"], ["unit_type_id"])
        accepted = places["domain"] == "ANY"
        for domain in ("LAND", "AIR", "SEA"):
            accepted |= (places["domain"] == domain) & places[f"accepts_{domain.lower()}"].astype(bool)
        has_sets = (places["sets_owned_count"] > 0) | places["set_purchase_cost_usd_m_per_set"].notna()
        is_set = places["mode"] == "PREPOSITIONED"
        places["facility_id"] = places["facility_id"].where(~is_set)
        facility = ["site_id", "facility_id"]
        there = set(keys(p["site_facilities"], facility))
        accepted &= places["facility_id"].isna() | is_among(places, facility, there)
        places = places[accepted & (has_sets | ~is_set)]
        stationed = values(p["stationed_today"], PLACE, "stationed_count")
        places["stationed_count"] = looked_up(places, PLACE, stationed, 0.0)
        places["stationing_cost_usd_m_per_unit_yr"] = (
            places["stationing_cost_usd_m_per_person_yr"] * places["personnel_persons"]
            + places["mode_cost_usd_m_per_unit_yr"]
        )
        columns = [
            *PLACE,
            "host_actor_id",
            "staging_area_id",
            "rotation_ratio",
            "personnel_persons",
            "presence_points",
            "stationed_count",
            "is_counted",
            "readiness_class_id",
            "stationing_cost_usd_m_per_unit_yr",
            "facility_id",
        ]
        return places[columns].sort_values(PLACE, ignore_index=True)

    @cached_property
    def group_sites(self) -> pd.DataFrame:
        """site_group_id and site_id of every group, the implicit ones included."""
        return members(self.problem)


def build_index(problem: Problem, asked: Asked | None = None) -> Index:
    """The index of a problem as it was given; fills in its defaults."""
    return Index(complete(problem).problem, asked or Asked())


def once(function: Callable[[Index], Frame]) -> Callable[[Index], Frame]:
    """Makes a function of an index compute its frame once; each caller gets a copy that it may change."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembering(index: Index) -> Frame:
        if name not in index.computed:
            index.computed[name] = function(index)
        frame: Frame = index.computed[name].copy(deep=False)
        return frame

    return remembering


def no_rows(columns: Sequence[str]) -> pd.DataFrame:
    """A frame of some columns without rows; what names a year is whole, so that it merges with other years."""
    return pd.DataFrame(
        {name: np.empty(0, np.int64 if name.endswith("year") else object) for name in columns}
    )


def with_periods(index: Index, frame: pd.DataFrame, today: str, most: str | None = None) -> pd.DataFrame:
    """Every row of a frame once for each period, with bounds that fix period 0.

    Args:
        index: the index of the problem.
        frame: a row for each key without its year.
        today: column of the value in period 0.
        most: column of the most in later years; by default there is no limit.

    Returns:
        The frame's columns with year, least and most; later the least is 0.
    """
    rows = with_years(frame, index.periods)
    is_today = rows["year"] == index.today
    later = np.inf if most is None else rows[most]
    least, highest = np.where(is_today, rows[today], 0.0), np.where(is_today, rows[today], later)
    return rows.assign(least=least, most=highest)
