"""What the lead actor's posture of today costs a year at some sites, out of a problem's tables alone."""

from collections.abc import Mapping
from typing import Any

from optimizer.plan.ledger import running_costs
from optimizer.tables.defaults import complete
from optimizer.tables.keyed import values
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import sites_of_groups

PAY_USD_M = 0.1
"""Pay of a person and year in dollars of 2025, judged: with it, obligations a person in Japan and South Korea are those
of GAO-21-270."""

_ABROAD = ("STATIONING", "SITES", "HOUSING")


class TodaysCosts:
    """What the lead actor's posture of period 0 costs a year, and its people, by site."""

    def __init__(self, case: Problem) -> None:
        self.problem = complete(case).problem
        self.lead = str(case.settings["lead_actor_id"])
        self.groups = sites_of_groups(self.problem)
        self.abroad = {
            row["site_id"] for row in self.problem.rows("sites") if row["host_actor_id"] != self.lead
        }
        year = {"year": case.today}
        led = {
            name: [{**row, **year} for row in self.problem.rows(name) if row["actor_id"] == self.lead]
            for name in ("stationed_today", "site_access")
        }
        self.stationed = led["stationed_today"]
        uses = [
            {
                **row,
                "open_fraction": float(row["open_today"]),
                "housing_persons": row["housing_today_persons"],
            }
            for row in led["site_access"]
        ]
        self.lines = list(running_costs(self.problem, [], self.stationed, uses))

    def extra(self, sites: set[str]) -> float:
        """M$ a year for being at some sites: stationing, keeping them open, and room."""
        # A line's key is actor, year, kind, unit type, site and more.
        return sum(usd_m for key, usd_m in self.lines if key[2] in _ABROAD and key[4] in sites)

    def direct(self, sites: set[str]) -> float:
        """The same, owning the units that stand there and those that wait their turn behind them, and others' pay.

        Of a set of equipment it is the upkeep.
        """
        own, upkeep = (
            self._rate(name) for name in ("own_cost_usd_m_per_unit_yr", "set_upkeep_cost_usd_m_per_set_yr")
        )
        ratio = values(self.problem["unit_type_modes"], ["unit_type_id", "mode"], "rotation_ratio")
        units = sum(
            row["stationed_count"] * ratio[row["unit_type_id"], row["mode"]] * own[self._force(row)]
            for row in self._at(sites, are_sets=False)
        )
        sets = sum(
            row["stationed_count"] * upkeep[self._force(row)] for row in self._at(sites, are_sets=True)
        )
        return float(units + sets + self.extra(sites) + PAY_USD_M * self.others(sites))

    def obligations(self, sites: set[str]) -> float:
        """What being there costs, with the pay of everybody there, and without what units use."""
        return self.extra(sites) + PAY_USD_M * (self.people(sites) + self.others(sites))

    def others(self, sites: set[str]) -> float:
        """People outside modeled units at some sites: staffs, schools and hospitals."""
        return float(
            sum(
                row["unassigned_persons"]
                for row in self.problem.rows("site_access")
                if row["actor_id"] == self.lead and row["site_id"] in sites
            )
        )

    def people(self, sites: set[str]) -> float:
        """People of modeled units at some sites."""
        persons = values(self.problem["unit_type_modes"], ["unit_type_id", "mode"], "personnel_persons")
        return float(
            sum(
                row["stationed_count"] * persons[row["unit_type_id"], row["mode"]]
                for row in self.stationed
                if row["site_id"] in sites
            )
        )

    def billed(self, host: str | None = None) -> float:
        """M$ a year that allies pay for troops in a host, or in all of them."""
        bills = self.problem.rows("billing")
        return float(
            sum(row["billed_today_usd_m_per_yr"] for row in bills if host in (None, row["host_actor_id"]))
        )

    def _at(self, sites: set[str], are_sets: bool) -> list[dict[str, Any]]:
        return [
            row
            for row in self.stationed
            if row["site_id"] in sites and (row["mode"] == "PREPOSITIONED") == are_sets
        ]

    def _rate(self, column: str) -> dict[Any, float]:
        return values(self.problem["actor_unit_types"], ["actor_id", "unit_type_id"], column)

    @staticmethod
    def _force(row: Mapping[str, Any]) -> tuple[Any, Any]:
        return row["actor_id"], row["unit_type_id"]
