"""A made-up problem of a chosen size: ``instance``.

A lead actor and allies in several regions, each with a theater, staging areas in it and behind it, sites, unit
types on land, in the air and at sea, forces ready by phases, and scenarios of one theater or two at once. It is
feasible because it is made around a plan that keeps today's posture (see ``needs``, ``rules`` and ``today``).
"""

from typing import Literal

import numpy as np
import pandas as pd

from optimizer.benchmark.instances import needs, places, rules, today, units
from optimizer.benchmark.instances.names import FIRST_YEAR, LEAD, Names
from optimizer.benchmark.instances.sizes import Size, size_for
from optimizer.tables.problem import Problem, problem_from_tables

Rows = Literal["all", "core"]


def instance(seed: int, nonzeros: int, whole: bool = True, rows: Rows = "all") -> Problem:
    """Makes a feasible problem.

    Args:
        seed: equal seeds, sizes and choices give equal problems.
        nonzeros: about how many nonzeros the compiled model has; it has within a quarter as many, from 300 to
            3 million. The size of every set follows from it, not from the seed.
        whole: whether every third unit type is counted in whole units.
        rows: "core" leaves the tables empty from which garrisons, group limits, opening of sites, ramps and
            policy rules follow. In both the lead actor's forces and presence are freed.
    """
    return instance_of(seed, size_for(nonzeros, rows == "core"), whole, rows)


def instance_of(seed: int, size: Size, whole: bool = True, rows: Rows = "all") -> Problem:
    """Makes a feasible problem of which the sizes of all sets are given; see ``instance``."""
    random = np.random.default_rng(seed)
    names = Names(size, whole)
    core = rows == "core"
    tables = places.tables(names, random)
    tables |= units.tables(names, tables["unit_types"], random)
    owned = tables["owned_today"]
    tables["stationed_today"] = today.stationed_today(names, owned, random)
    present = today.people(tables["stationed_today"], tables["unit_type_modes"], tables["unit_types"])
    tables |= today.site_tables(names, tables["sites"], present, random, core)
    tables["actor_years"] = today.actor_years(names, owned, tables["actor_unit_types"], random, core)
    tables |= needs.tables(names, tables, random)
    if not core:
        tables |= rules.tables(names, present, owned)
    levers = [tables["freed_levers"]] if "freed_levers" in tables else []
    tables["freed_levers"] = pd.concat([*levers, _lead_freed(tables["site_access"])], ignore_index=True)
    tables["settings"] = _settings(seed, names)
    return problem_from_tables(tables)


def _lead_freed(access: pd.DataFrame) -> pd.DataFrame:
    """Levers that let the lead actor own and station what it likes: else the plan would be today's posture."""
    sites = access.loc[access["actor_id"] == LEAD, "site_id"]
    presence = pd.DataFrame({"lever": "PRESENCE", "lever_key": sites})
    return pd.concat([pd.DataFrame({"lever": ["FORCES"], "lever_key": [LEAD]}), presence])


def _settings(seed: int, names: Names) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "title": [f"Made up from seed {seed}"],
            "lead_actor_id": [LEAD],
            "money_base_year": [FIRST_YEAR - 1],
            "first_year": [FIRST_YEAR],
            "year_count": [names.size.years],
            "discount_rate_fraction": [0.03],
            "break_even_ratio": [needs.BREAK_EVEN_RATIO],
            "win_ratio": [needs.WIN_RATIO],
        }
    )
