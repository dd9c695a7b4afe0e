"""What every part of a summary needs: a plan's tables as plain numbers, and the names of things."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from forceposture.report.numbers import NOTHING
from optimizer.plan.ledger import nuclear_running_costs, running_costs
from optimizer.tables.defaults import complete
from optimizer.tables.names import names
from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem
from optimizer.tables.solution import Solution


class View:
    """A solution beside its problem.

    Attributes:
        problem: with its defaults filled in.
        solution: the solution.
        lead: the lead actor's identifier.
        today: the year before year 1.
        end: the last year.
    """

    def __init__(self, problem: Problem, solution: Solution) -> None:
        self.problem = complete(problem).problem
        self.solution = solution
        self.lead: str = problem.settings["lead_actor_id"]
        self.today = problem.today
        self.end = problem.years[-1]
        self._names: dict[str, Mapping[str, str]] = {}

    def name(self, table: str, identifier: str) -> str:
        """The name, for people, of a row of a table with one key column; with the identifier where others share it."""
        if table not in self._names:
            self._names[table] = names(self.problem, table)
        return self._names[table].get(identifier, identifier)

    @property
    def lead_name(self) -> str:
        """The lead actor's name."""
        return self.name("actors", self.lead)

    def rows(self, table: str) -> pd.DataFrame:
        """A table of the plan; empty numbers are 0."""
        return plan_table(self.solution.tables, table)

    @cached_property
    def owned(self) -> pd.DataFrame:
        """By actor and unit type: today, end, change and flows in between (units), and people of a unit."""
        key = ["actor_id", "unit_type_id"]
        rows = self.rows("owned_forces")
        counts = rows.pivot_table(index=key, columns="year", values="owned_count", aggfunc="sum")
        counts = counts.reindex(columns=[self.today, self.end]).fillna(0.0)
        flows = ["arrived_count", "disbanded_count", "converted_in_count", "converted_out_count"]
        sums = rows[rows["year"] > self.today].groupby(key)[flows].sum()
        frame = counts.set_axis(["today", "end"], axis="columns").join(sums).fillna(0.0).reset_index()
        types = self.problem["unit_types"][["unit_type_id", "personnel_persons"]]
        frame = frame.merge(types, on="unit_type_id", how="left")
        return frame.assign(change=frame["end"] - frame["today"])

    @cached_property
    def needs(self) -> pd.DataFrame:
        """Requirements that ask for something, with kind of phase, points needed and supplied, and the part met."""
        rows = self.rows("requirement_results")
        phases = self.problem["phases"][["phase_id", "kind"]].astype({"kind": "str"})
        rows = rows.merge(phases, on="phase_id", how="left")
        rows["supplied_points"] = rows["lead_points"] + rows["allied_points"] + rows["bonus_points"]
        rows["needed_points"] = rows["required_points"] - rows["reduction_points"]
        rows = rows[rows["needed_points"] > NOTHING]
        return rows.assign(met=(rows["supplied_points"] / rows["needed_points"]).round(6))

    @cached_property
    def sites(self) -> pd.DataFrame:
        """By actor and site: host, whether that is another actor, people and use, today and at the end."""
        key = ["actor_id", "site_id"]
        rows = self.rows("site_uses")
        access = self.problem["site_access"][[*key, "open_today"]]
        rows = rows.merge(access, on=key, how="left")
        is_today = rows["year"] == self.today
        rows["is_used"] = (rows["open_fraction"] > 0.5) | (rows["stationed_persons"] > 0.5)
        rows["is_used"] |= is_today & rows["open_today"].fillna(False).astype(bool)
        frame = access[key]
        for name, year in (("today", self.today), ("end", self.end)):
            part = rows.loc[rows["year"] == year, [*key, "stationed_persons", "is_used"]]
            part = part.rename(columns={"stationed_persons": f"people_{name}", "is_used": f"used_{name}"})
            frame = frame.merge(part, on=key, how="left")
        frame = frame.astype({"used_today": "boolean", "used_end": "boolean"})
        frame[["used_today", "used_end"]] = frame[["used_today", "used_end"]].fillna(False).astype(bool)
        frame[["people_today", "people_end"]] = frame[["people_today", "people_end"]].fillna(0.0)
        frame = frame.merge(self.problem["sites"][["site_id", "host_actor_id"]], on="site_id")
        return frame.assign(is_abroad=frame["host_actor_id"] != frame["actor_id"])

    @cached_property
    def yearly_costs(self) -> pd.DataFrame:
        """What a year of today's posture, and one of the end, costs each actor as long as nothing changes, M$.

        Returns:
            One row for each actor_id and kind of cost that has any, with today and end; what is received is below 0.
        """
        owned, stationed, uses = (
            self.rows(name) for name in ("owned_forces", "stationed_forces", "site_uses")
        )
        opened_today = self.problem["site_access"][["actor_id", "site_id", "open_today"]]
        uses = uses.merge(opened_today, on=["actor_id", "site_id"], how="left")
        is_open = uses["open_today"].astype("boolean").fillna(False).astype("float64")
        uses["open_fraction"] = uses["open_fraction"].where(uses["year"] != self.today, is_open)
        rows: list[Any] = [frame.to_dict("records") for frame in (owned, stationed, uses)]
        chosen: list[Any] = self.rows("nuclear_results").to_dict("records")
        lines = [*running_costs(self.problem, *rows), *nuclear_running_costs(self.problem, chosen)]
        costs_of = [(actor, year, kind, usd_m) for (actor, year, kind, *_), usd_m in lines]
        parts = [pd.DataFrame(costs_of, columns=["actor_id", "year", "kind", "usd_m"])]
        held = self.rows("command_results").merge(
            self.problem["command_options"], on=["command_id", "actor_id"]
        )
        command_cost = held["held_fraction"] * held["lead_cost_usd_m_per_yr"]
        parts.append(held.assign(actor_id=self.lead, kind="COMMAND", usd_m=command_cost))
        bills = self.rows("billing_results")
        parts.append(bills.assign(kind="BILLED_PAID", usd_m=bills["billed_usd_m"]))
        parts.append(bills.assign(actor_id=self.lead, kind="BILLED_RECEIVED", usd_m=-bills["billed_usd_m"]))
        every = pd.concat([part[["actor_id", "year", "kind", "usd_m"]] for part in parts], ignore_index=True)
        every = every.astype({"actor_id": "str", "kind": "str"})
        sums = every.pivot_table(index=["actor_id", "kind"], columns="year", values="usd_m", aggfunc="sum")
        costs = sums.reindex(columns=[self.today, self.end]).fillna(0.0)
        return costs.set_axis(["today", "end"], axis="columns").reset_index()
