"""4.11 Exposure: how far the lead actor's people, commands and umbrellas stand in harm's way.

Presence endangers those present; what is borne may be capped, or priced in the objective::

    exposure_total[t]    exposure[t] = Σ_k hazard[k]·( Σ_{g,l,m} exposure_points[g,m]·stationed[u,g,l,m,t]
                                                       + Σ_v command_points[v]·held[v,u,t] )
                                       + Σ_{a,n} umbrella_points[a,n]·nuclear_choice[a,n,t]
    exposure_cap[t]      exposure[t] ≤ most[t]

=========================  ====================================================  ====================================
symbol                     meaning, unit                                         source column
=========================  ====================================================  ====================================
exposure[t]                points in t; u the lead actor, l a site of k
hazard[k]                  factor of a theater, 0 without a row                  exposure.hazard_factor
exposure_points[g,m]       points of one unit stationed                          unit_type_modes.exposure_points
command_points[v]          points while u holds a command v of k                 command_options.exposure_points
umbrella_points[a,n]       points while n covers a                               nuclear_options.exposure_points
most[t]                    points, carried forward                               exposure_limits.maximum_…
price[t]                   M$ a point and year, in the objective; not money      exposure_limits.exposure_price_…
=========================  ====================================================  ====================================

Without a row in exposure or exposure_limits, and without points of umbrellas, there is nothing to count and no
column.
"""

from typing import Any

import pandas as pd

from optimizer.errors import Finding
from optimizer.formulation.binding import add_block, key_set, parameter, variable
from optimizer.formulation.counts import Counts
from optimizer.formulation.family import Family, RowKind
from optimizer.formulation.frames.command_options import OPTION
from optimizer.formulation.frames.command_options import options as command_options
from optimizer.formulation.frames.index import PLACE, Index, once
from optimizer.formulation.frames.nuclear_options import CHOICE
from optimizer.formulation.frames.nuclear_options import options as nuclear_options
from optimizer.objectives import EXPOSURE

ROWS = {"exposure_total": RowKind.PHYSICS, "exposure_cap": RowKind.POLICY}


def exposed_years(index: Index) -> list[int]:
    """The years in which exposure is counted: all of them, or none."""
    p = index.problem
    umbrellas = p["nuclear_options"]["exposure_points"] > 0
    return index.years if len(p["exposure"]) or len(p["exposure_limits"]) or umbrellas.any() else []


@once
def limits(index: Index) -> pd.DataFrame:
    """year, maximum_exposure_points and exposure_price_usd_m_per_point_yr; empty where there is none.

    limit_year is the year of the row that gives the maximum.
    """
    given = index.problem["exposure_limits"].astype({"year": "int64"}).sort_values("year")
    given["limit_year"] = given["year"].where(given["maximum_exposure_points"].notna())
    filled = given.set_index("year").ffill().astype({"limit_year": "Int64"})
    return filled.reindex(index.years, method="ffill").rename_axis("year").reset_index()


def prices(index: Index) -> pd.DataFrame:
    """The rows of ``limits`` with a price for a point of exposure."""
    frame = limits(index)
    return frame[frame["exposure_price_usd_m_per_point_yr"] > 0]


@once
def exposed_units(index: Index) -> pd.DataFrame:
    """Places in which a unit of the lead actor is exposed: PLACE and points."""
    p = index.problem
    areas = p["staging_areas"][["staging_area_id", "theater_id"]].merge(p["exposure"], on="theater_id")
    places = index.places[index.places["actor_id"] == index.lead].merge(areas, on="staging_area_id")
    modes = p["unit_type_modes"][["unit_type_id", "mode", "exposure_points"]]
    places = places.merge(modes, on=["unit_type_id", "mode"])
    places["points"] = places["hazard_factor"] * places["exposure_points"]
    return places.loc[places["points"] > 0, [*PLACE, "points"]].sort_values(PLACE, ignore_index=True)


@once
def exposed_commands(index: Index) -> pd.DataFrame:
    """Commands whose holding exposes the lead actor: command_id, actor_id and points."""
    p = index.problem
    held = p["command_options"][p["command_options"]["actor_id"] == index.lead]
    held = held.merge(p["commands"][["command_id", "theater_id"]], on="command_id")
    held = held.merge(p["exposure"], on="theater_id")
    held["points"] = held["hazard_factor"] * held["exposure_points"]
    return held.loc[held["points"] > 0, [*OPTION, "points"]].sort_values(OPTION, ignore_index=True)


def exposed_umbrellas(index: Index) -> pd.DataFrame:
    """Nuclear options that expose the lead actor: CHOICE and points."""
    frame = index.problem["nuclear_options"].rename(columns={"exposure_points": "points"})
    return frame.loc[frame["points"] > 0, [*CHOICE, "points"]].sort_values(CHOICE, ignore_index=True)


def add_variables(m: Any, index: Index) -> None:
    """Adds exposure."""
    m.exposure = variable(key_set(pd.DataFrame({"year": exposed_years(index)}), ["year"]))


def add_rows(m: Any, index: Index) -> None:
    """Adds the blocks of this family, where exposure is counted."""
    if not exposed_years(index):
        return
    units, commands, umbrellas = exposed_units(index), exposed_commands(index), exposed_umbrellas(index)
    m.exposed_units = key_set(units, PLACE)
    m.exposed_units_points = parameter(units, PLACE, "points")
    m.exposed_commands = key_set(commands, OPTION)
    m.exposed_commands_points = parameter(commands, OPTION, "points")
    m.exposed_umbrellas = key_set(umbrellas, CHOICE)
    m.exposed_umbrellas_points = parameter(umbrellas, CHOICE, "points")
    add_block(m, exposure_total, m.exposure)
    capped = limits(index)
    capped = capped[capped["maximum_exposure_points"].notna()]
    m.exposure_most = parameter(capped, ["year"], "maximum_exposure_points")
    add_block(m, exposure_cap, m.exposure_most)


def exposure_total(m: Any, year: Any) -> Any:
    """Exposure is that of units stationed, of commands held and of umbrellas."""
    return m.exposure[year] == (
        sum(
            m.exposed_units_points[actor, unit_type, site, mode]
            * m.stationed[actor, unit_type, site, mode, year]
            for actor, unit_type, site, mode in m.exposed_units
        )
        + sum(
            m.exposed_commands_points[command, holder] * m.held[command, holder, year]
            for command, holder in m.exposed_commands
        )
        + sum(
            m.exposed_umbrellas_points[actor, posture] * m.nuclear_choice[actor, posture, year]
            for actor, posture in m.exposed_umbrellas
        )
    )


def exposure_cap(m: Any, year: Any) -> Any:
    """Exposure stays at or below what is borne."""
    return m.exposure[year] <= m.exposure_most[year]


def counts(index: Index) -> Counts:
    """Counts of the family."""
    years = len(exposed_years(index))
    exposed = len(exposed_units(index)) + len(exposed_commands(index)) + len(exposed_umbrellas(index))
    caps = int(limits(index)["maximum_exposure_points"].notna().sum())
    return Counts(
        rows={"exposure_total": (years, (1 + exposed) * years), "exposure_cap": (caps, caps)},
        columns={"exposure": years},
    )


def findings(index: Index) -> list[Finding]:
    """Findings for limits that no plan can keep, and for an objective that counts nothing."""
    return [*_nothing_counted(index), *_unavoidable(index)]


def _nothing_counted(index: Index) -> list[Finding]:
    """A finding if the least exposure is asked for where none is counted."""
    if EXPOSURE not in index.asked.objectives or exposed_years(index):
        return []
    return [
        Finding(
            "OBJECTIVE_UNCLEAR",
            "exposure",
            "",
            "",
            "",
            "the least exposure is asked for, but nothing is said to be dangerous",
            "Fill the table exposure, or ask for another objective.",
        )
    ]


def _unavoidable(index: Index) -> list[Finding]:
    """Years in which commands and umbrellas, whatever levers allow, expose more than is borne."""
    if index.problem["exposure_limits"].empty:
        return []
    borne = limits(index)
    held = command_options(index).merge(exposed_commands(index), on=OPTION, how="left")
    covered = nuclear_options(index).merge(exposed_umbrellas(index), on=CHOICE, how="left")
    borne["least_points"] = 0.0
    for frame, key in ((held, "command_id"), (covered, "actor_id")):
        borne["least_points"] += borne["year"].map(_least_points(frame, key)).fillna(0.0)
    beyond = borne[borne["least_points"] > borne["maximum_exposure_points"] * (1 + 1e-9)]
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


FAMILY = Family(ROWS, add_variables, add_rows, counts, findings)
