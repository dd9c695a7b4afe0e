"""Published figures and their counterparts in the case ``reference``: what it must reproduce, and how near it comes.

Money is in dollars of the base year, published figures with it, by ``money_conversions``. Figures of today's posture
are of the tables alone; the others are differences between plans, of which ``reference_findings`` writes what
``plan_measures`` takes from each.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from todays_costs import TodaysCosts

from optimizer.plan.ledger import money_lines
from optimizer.tables.defaults import complete
from optimizer.tables.keyed import values
from optimizer.tables.plan_tables import plan_table
from optimizer.tables.problem import Problem
from optimizer.tables.site_groups import sites_of_groups
from optimizer.tables.solution import Solution

BASELINE = "reference"
"""Name of the base case among measures; alternatives have their own."""

Measures = Mapping[str, Mapping[str, float]]
"""By name of a problem, numbers taken from its plan; a problem without a plan is not there."""

# fmt: off
_EUROPEANS = [
    "ALB", "BEL", "BGR", "HRV", "CZE", "DNK", "EST", "FIN", "FRA", "DEU", "GRC", "HUN", "ISL", "ITA", "LVA",
    "LTU", "LUX", "MNE", "NLD", "MKD", "NOR", "POL", "PRT", "ROU", "SVK", "SVN", "ESP", "SWE", "TUR", "GBR",
]
# fmt: on
"""Members of NATO in Europe."""

_GERMAN_BRIGADE = ("DEU", "ARMORED_BRIGADE", "LTU_RUDNINKAI")


@dataclass(frozen=True)
class Published:
    """A published figure, what stands against it, and how near that should come.

    Attributes:
        name: short, for tables.
        text: the figure as published, with its source.
        counterpart: what of the model is meant, in a sentence.
        unit: of all its numbers.
        low, high: the figure in money of the base year; equal if it is one number.
        least, most: the factors of the published range within which the counterpart should be.
        points: if given, the counterpart may be off by so many percentage points instead.
        outside: why the counterpart is outside, if it is.
    """

    name: str
    text: str
    counterpart: str
    unit: str
    low: float
    high: float
    least: float = 1.0
    most: float = 1.0
    points: float | None = None
    outside: str = ""

    def row(self, value: float | None) -> dict[str, Any]:
        """The figure beside its counterpart, None where a plan is missing: a row of the table."""
        factor = None if value is None else self._factor(value)
        return {
            "name": self.name,
            "published": self.text,
            "counterpart": self.counterpart,
            "unit": self.unit,
            "low": self.low,
            "high": self.high,
            "value": value,
            "factor": factor,
            "range": self._range(),
            "is_inside": None if value is None or factor is None else self._holds(value, factor),
            "outside": self.outside,
        }

    def _factor(self, value: float) -> float:
        """The counterpart over the nearest end of the published range; 1 inside."""
        return value / min(max(value, self.low), self.high)

    def _range(self) -> str:
        if self.points is not None:
            return f"±{self.points:g} points"
        return "inside" if self.least == self.most == 1.0 else f"×{self.least:g}–{self.most:g}"

    def _holds(self, value: float, factor: float) -> bool:
        if self.points is not None:
            return self.low - self.points <= value <= self.high + self.points
        return self.least - 1e-9 <= factor <= self.most + 1e-9


def todays_rows(case: Problem) -> list[dict[str, Any]]:
    """The rows that need no plan."""
    return [published.row(value) for published, value in _of_today(case)]


def rows(case: Problem, measures: Measures) -> list[dict[str, Any]]:
    """All rows in the table's order; a value is None where a plan is missing."""
    today = todays_rows(case)
    planned = [published.row(_value(counterpart, measures)) for published, counterpart in _of_plans(case)]
    return [*today[:2], *planned[:2], *today[2:], *planned[2:]]


def plan_measures(problem: Problem, solution: Solution) -> dict[str, float]:
    """What is taken from a plan: M$ a year in the last period, M$ once, and people."""
    lead, end = str(problem.settings["lead_actor_id"]), problem.years[-1]
    guam = sites_of_groups(problem).get("GUAM", set())
    lines = money_lines(plan_table(solution.tables, "ledger")).astype({"actor_id": "str", "kind": "str"})
    led, is_last = lines["actor_id"] == lead, lines["year"] == end
    kept = lines["kind"] != "SALVAGE"
    bought = lines["kind"].isin(["RAISE", "CONVERT"]) & lines["actor_id"].isin(_EUROPEANS)
    once = lines["source_column"].isin(
        ["site_access.housing_build_cost_usd_m_per_person", "site_access.opening_cost_usd_m"]
    )
    uses = plan_table(solution.tables, "site_uses")
    there = uses["site_id"].isin(guam) & (uses["actor_id"] == lead) & (uses["year"] == end)
    found = {
        "lead_last_usd_m_per_yr": lines.loc[led & is_last & kept, "usd_m"].sum()
        / problem.calendar.spans[end],
        "european_forces_usd_m": lines.loc[bought, "usd_m"].sum(),
        "guam_once_usd_m": lines.loc[led & once & lines["site_id"].isin(guam), "usd_m"].sum(),
        "guam_persons": uses.loc[there, "stationed_persons"].sum(),
    }
    return {name: float(number) for name, number in found.items()}


def _value(counterpart: Callable[[Measures], float], measures: Measures) -> float | None:
    try:
        return counterpart(measures)
    except (KeyError, ZeroDivisionError):
        return None


def _of_plans(case: Problem) -> list[tuple[Published, Callable[[Measures], float]]]:
    in_2021, in_2012 = (_dollars(case, "USD", year) for year in (2021, 2012))

    def more(measures: Measures, name: str, column: str) -> float:
        return measures[name][column] - measures[BASELINE][column]

    return [
        (
            Published(
                "European division of labor",
                "70 to 80 B$ a year saved with force cuts (Posen 2021)",
                "What the United States pays in the last period, less what it pays with interest_zero_europe.",
                "B$ a year",
                70 * in_2021,
                80 * in_2021,
                0.5,
                1.5,
            ),
            lambda measures: -more(measures, "interest_zero_europe", "lead_last_usd_m_per_yr") / 1000,
        ),
        (
            Published(
                "Replacing the United States in Europe",
                "226 to 344 B$ once (IISS 2025)",
                "What Europeans pay over all years for raising and converting units with handover, "
                "less the same today's course.",
                "B$",
                226,
                344,
                0.5,
                2,
            ),
            lambda measures: more(measures, "handover", "european_forces_usd_m") / 1000,
        ),
        (
            Published(
                "From Okinawa to Guam",
                "1.16 M$ a Marine (Stars and Stripes 2012)",
                "What building and opening sites on Guam costs with okinawa_drawdown, for each person "
                "more there at the end than today's course has.",
                "M$ a person",
                1.16 * in_2012,
                1.16 * in_2012,
                0.5,
                2,
                outside="Two thirds of those who come find room that stands on Guam today. "
                "Room for each of the others costs 1.24 M$.",
            ),
            lambda measures: (
                more(measures, "okinawa_drawdown", "guam_once_usd_m")
                / more(measures, "okinawa_drawdown", "guam_persons")
            ),
        ),
    ]


def _of_today(case: Problem) -> list[tuple[Published, float]]:
    posture = TodaysCosts(case)
    once, yearly = _german_brigade(case)
    europe = posture.groups["EUROPE"]
    in_2013, in_2017, in_2018, euro = (
        _dollars(case, currency, year)
        for currency, year in (("USD", 2013), ("USD", 2017), ("USD", 2018), ("EUR", 2025))
    )
    return [
        (
            Published(
                "Being stationed abroad",
                "10,000 to 40,000 $ a person and year (RAND RR-201, 2013)",
                "Stationing, sites and room of the United States abroad today, less the bills that hosts pay, "
                "over the people there.",
                "$ a person and year",
                10_000 * in_2013,
                40_000 * in_2013,
            ),
            1e6 * (posture.extra(posture.abroad) - posture.billed()) / posture.people(posture.abroad),
        ),
        (
            Published(
                "U.S. forces in Europe",
                "30.7 to 36.0 B$ a year of direct cost (IISS 2018)",
                "Owning the units that stand in Europe today and those that wait their turn behind them, stationing, "
                "sites and room there, and the pay of staffs.",
                "B$ a year",
                30.7 * in_2017,
                36.0 * in_2018,
                0.7,
                1.5,
                outside="What the publication counts could not be read. Overhead, headquarters at home and what "
                "Congress gives beside for the defense of Europe are not in the counterpart.",
            ),
            posture.direct(europe) / 1000,
        ),
        (
            Published(
                "German brigade in Lithuania, once",
                "6 to 9 B€ once (Politico, quoted)",
                "Raising a German armored brigade, and room for its people at Rudninkai.",
                "B$",
                6 * euro,
                9 * euro,
                0.7,
                1.5,
            ),
            once / 1000,
        ),
        (
            Published(
                "German brigade in Lithuania, a year",
                "0.8 B€ a year (Politico, quoted)",
                "Owning the same brigade, stationing it there, and its room.",
                "B$ a year",
                0.8 * euro,
                0.8 * euro,
                0.7,
                1.5,
            ),
            yearly / 1000,
        ),
        *[
            (
                Published(
                    f"What {name} pays of the cost of U.S. forces there",
                    f"{share:g}% (GAO-21-270)",
                    "Its bill today, over stationing, turns of duty, sites and room there, its own part included, and "
                    "pay of everybody there.",
                    "%",
                    share,
                    share,
                    points=2,
                ),
                100 * posture.billed(host) / posture.obligations(posture.groups[host]),
            )
            for host, name, share in (("JPN", "Japan", 37.6), ("KOR", "South Korea", 30.2))
        ],
    ]


def _german_brigade(case: Problem) -> tuple[float, float]:
    """M$ once and M$ a year of the German brigade in Lithuania, were it raised for that."""
    problem = complete(case).problem
    actor, unit_type, site = _GERMAN_BRIGADE
    (force,) = [
        row
        for row in problem.rows("actor_unit_types")
        if (row["actor_id"], row["unit_type_id"]) == (actor, unit_type)
    ]
    (access,) = [
        row for row in problem.rows("site_access") if (row["actor_id"], row["site_id"]) == (actor, site)
    ]
    persons = values(problem["unit_types"], ["unit_type_id"], "personnel_persons")[unit_type]
    once = force["raise_cost_usd_m_per_unit"] + persons * access["housing_build_cost_usd_m_per_person"]
    a_person = access["stationing_cost_usd_m_per_person_yr"] + access["housing_cost_usd_m_per_person_yr"]
    yearly = force["own_cost_usd_m_per_unit_yr"] + access["open_cost_usd_m_per_yr"] + persons * a_person
    return once, yearly


def _dollars(case: Problem, currency: str, year: int) -> float:
    """Dollars of the base year for one unit of money."""
    return float(values(case["money_conversions"], ["currency", "year"], "base_year_usd")[currency, year])
