"""What presence costs the lead actor, theater by theater, in four views that hold each other.

::

    incremental[k,t]  stationing + sites + housing of the theater's sites + its part of sets
    units_abroad      incremental + Σ_g own[g]·here[g,k,t]
    with_overhead     units_abroad + Σ_g (raise[g]/life[g] + overhead[g])·here[g,k,t]
    held_for_theater  with_overhead + Σ_g (own[g] + raise[g]/life[g] + overhead[g])·held[g,k,t]

here counts units stationed in the theater, each once, in permanent or rotational mode; those that stand behind a
rotation are at home. Sets cost where they stand, in proportion to their number. held spreads units at home: of
those that scenarios take from home (or that man sets), in the mean over scenarios by their weights, each theater
has the share of the points they bring. That is a convention: a unit at home serves whoever needs it. Units that no
scenario takes, sites in no theater, and sets that stand nowhere, are in the row without a theater; so is what coming
home costs, in the last view. Lines of the ledger are of all years of a period; here they are divided by them. Salvage,
conversions, commands, bills and penalties are in no view.
"""

import math
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import pandas as pd

from optimizer.plan.written_tables import Key, written
from optimizer.tables.keyed import keys, values
from optimizer.tables.plan_tables import plan_rows, site_theaters
from optimizer.tables.problem import Problem
from optimizer.tables.schema import SOLUTION_TABLES

_AT_SITES = ("STATIONING", "SITES", "OPEN_CLOSE", "HOUSING")

Row = dict[str, Any]
"""A row of the plan, by column."""

Counts = dict[Key, float]
"""By theater, None for no theater, unit type and year."""

Cost = tuple[tuple[str | None, int], float]
"""Theater and year, and M$."""


def cost_views(problem: Problem, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The table of that name.

    Args:
        problem: the problem, its defaults filled in.
        tables: owned_forces, stationed_forces, deployments and ledger of the plan.
    """
    lead = problem.settings["lead_actor_id"]
    plan = {
        name: [
            row for row in plan_rows(tables, name) if row["actor_id"] == lead and row["year"] > problem.today
        ]
        for name in ("owned_forces", "stationed_forces", "ledger")
    }
    spans = problem.calendar.spans
    lines = [{**row, "usd_m": row["usd_m"] / spans[row["year"]]} for row in plan["ledger"]]
    theaters = site_theaters(problem)
    here, sets = _counted(plan["stationed_forces"], theaters)
    own, beyond = _rates(problem, lead)
    held = _held(problem, tables["deployments"], plan["owned_forces"])
    views = {
        "incremental_usd_m": [*_at_sites(lines, theaters), *_sets(lines, sets)],
        "units_abroad_usd_m": _priced(here, own),
        "with_overhead_usd_m": _priced(here, beyond),
        "held_for_theater_usd_m": [
            *_priced(held, own),
            *_priced(held, beyond),
            *_homecoming(lines),
        ],
    }
    nested: dict[str, dict[Key, float]] = {}
    places = dict.fromkeys(place for costs in views.values() for place, _ in costs)
    total = dict.fromkeys(places, 0.0)
    for view, costs in views.items():
        parts = defaultdict(list)
        for place, usd_m in costs:
            parts[place].append(usd_m)
        total = {place: before + math.fsum(parts[place]) for place, before in total.items()}
        nested[view] = {(lead, theater, year): usd_m for (theater, year), usd_m in total.items()}
    return written("cost_views", **nested)


def _rates(problem: Problem, lead: str) -> tuple[dict[str, float], dict[str, float]]:
    """By unit type of the lead actor, the yearly cost of a unit, and what it takes to have it."""
    own, beyond = {}, {}
    costs = ["raise_cost_usd_m_per_unit", "life_yr", "overhead_usd_m_per_unit_yr"]
    named = ["actor_id", "unit_type_id", "own_cost_usd_m_per_unit_yr"]
    for actor, unit_type, cost, price, life, overhead in keys(problem["actor_unit_types"], [*named, *costs]):
        if actor == lead:
            own[unit_type], beyond[unit_type] = cost, price / life + overhead
    return own, beyond


def _counted(stationed: list[Row], theaters: Mapping[str, str | None]) -> tuple[Counts, Counts]:
    """Units, and sets, stationed in a theater."""
    here: dict[Key, list[float]] = defaultdict(list)
    sets: dict[Key, list[float]] = defaultdict(list)
    for row in stationed:
        counted = sets if row["mode"] == "PREPOSITIONED" else here
        counted[theaters[row["site_id"]], row["unit_type_id"], row["year"]].append(row["stationed_count"])
    return _summed(here), _summed(sets)


def _priced(counts: Counts, rates: Mapping[str, float]) -> list[Cost]:
    return [
        ((theater, year), count * rates[unit_type]) for (theater, unit_type, year), count in counts.items()
    ]


def _at_sites(ledger: list[Row], theaters: Mapping[str, str | None]) -> list[Cost]:
    return [
        ((theaters[row["site_id"]], row["year"]), row["usd_m"]) for row in ledger if row["kind"] in _AT_SITES
    ]


def _homecoming(ledger: list[Row]) -> list[Cost]:
    """What more people at home than today cost, in no theater."""
    return [((None, row["year"]), row["usd_m"]) for row in ledger if row["kind"] == "HOMECOMING"]


def _sets(ledger: list[Row], sets: Counts) -> list[Cost]:
    """The cost of sets, where they stand."""
    standing: dict[Key, dict[str | None, float]] = defaultdict(dict)
    for (theater, unit_type, year), count in sets.items():
        standing[unit_type, year][theater] = count
    costs = []
    for row in ledger:
        if row["kind"] == "SETS":
            counts = standing.get((row["unit_type_id"], row["year"]), {None: 1.0})
            everywhere = math.fsum(counts.values())
            costs += [
                ((theater, row["year"]), row["usd_m"] * (count / everywhere))
                for theater, count in counts.items()
            ]
    return costs


def _held(problem: Problem, deployed: pd.DataFrame, owned: list[Row]) -> Counts:
    """Units at home by theater, unit type and year, those that no scenario takes under no theater."""
    units, points = _taken(problem, deployed)
    used, brought, theaters = defaultdict(list), defaultdict(list), defaultdict(list)
    for (theater, *force), count in units.items():
        used[tuple(force)].append(count)
        brought[tuple(force)].append(points[theater, *force])
        theaters[tuple(force)].append(theater)
    held: Counts = {}
    for row in owned:
        force_year = (row["unit_type_id"], row["year"])
        everything = math.fsum(brought[force_year])
        spread = min(math.fsum(used[force_year]), row["home_count"])
        for theater, part in zip(theaters[force_year], brought[force_year], strict=True):
            held[theater, *force_year] = spread * (part / everything) if everything > 0 else 0.0
        given = math.fsum(held[theater, *force_year] for theater in theaters[force_year])
        held[None, *force_year] = row["home_count"] - given
    return held


def _taken(problem: Problem, deployed: pd.DataFrame) -> tuple[Counts, Counts]:
    """Units that scenarios take from home, in the mean over them, and the points they bring."""
    lead, by_phase = problem.settings["lead_actor_id"], defaultdict(list)
    for actor, unit_type, source, theater, scenario, phase, year, count in keys(
        deployed, [*SOLUTION_TABLES["deployments"].key, "deployed_count"]
    ):
        if actor == lead and year > problem.today and (source == "HOME" or source.endswith("/SET")):
            by_phase[(theater, unit_type, year, scenario), phase].append(count)
    most: dict[Key, float] = defaultdict(float)
    for (taken, _), counts in by_phase.items():
        most[taken] = max(most[taken], math.fsum(counts))
    weights = values(problem["scenarios"], ["scenario_id"], "weight_fraction")
    factors = values(problem["unit_type_theaters"], ["unit_type_id", "theater_id"], "theater_factor")
    every = max(math.fsum(weights.values()), 1e-9)
    units, points = defaultdict(list), defaultdict(list)
    for (theater, unit_type, year, scenario), count in most.items():
        mean = count * weights[scenario] / every
        units[theater, unit_type, year].append(mean)
        points[theater, unit_type, year].append(mean * factors.get((unit_type, theater), 1.0))
    return _summed(units), _summed(points)


def _summed(parts: Mapping[Key, list[float]]) -> Counts:
    return {key: math.fsum(each) for key, each in parts.items()}
