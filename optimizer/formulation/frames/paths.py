"""Which units can be where by when: the sources of forces, and the paths from them to what is needed.

A *source* is where units of a force start: HOME, or a staging area in which they are stationed. Sites of an area
are one source; hosts are told apart only where one of them limits access in some scenario, modes only where they
differ in readiness, and sets always. Forces that no row can tell apart have one source together: a *pool* (``reach``
says why that is exact).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index
from optimizer.formulation.frames.signatures import signatures
from optimizer.formulation.frames.support import support_by_type, support_groups, supporters
from optimizer.tables.by_year import carried_forward
from optimizer.tables.keyed import is_among, joined, keys, looked_up, values

SOURCE = ["pool_id", "unit_type_id", "source_id"]
NEED = ["theater_id", "capability_id", "phase_id", "scenario_id"]


def name_of_alike(names: Sequence[str]) -> str:
    """The first name and the number of others, such as BEL&3; no identifier holds an "&"."""
    return f"{names[0]}&{len(names) - 1}" if len(names) > 1 else names[0]


@dataclass(frozen=True)
class Paths:
    """The frames of paths; each is computed when first asked for."""

    index: Index

    @cached_property
    def phases(self) -> pd.DataFrame:
        """Phases in order of days, DETER first among equals: phase_id, days, kind, order."""
        phases = self.index.problem["phases"].sort_values(["days", "kind", "phase_id"], ignore_index=True)
        return phases[["phase_id", "days", "kind"]].assign(order=np.arange(len(phases)))

    @cached_property
    def availability(self) -> pd.DataFrame:
        """actor_id, scenario_id, available_fraction and access_fraction for every pair; 1 without a row."""
        p = self.index.problem
        actors, scenarios = (keys(p[table], [f"{table[:-1]}_id"]) for table in ("actors", "scenarios"))
        pair = ["actor_id", "scenario_id"]
        frame = pd.DataFrame(product(actors, scenarios), columns=pair, dtype="str")
        for part in ("available_fraction", "access_fraction"):
            frame[part] = looked_up(frame, pair, values(p["scenario_availability"], pair, part), 1.0)
        return frame

    @cached_property
    def _readiness_signature(self) -> dict[Any, int]:
        """By readiness class and mode, a number that is equal where notice and ready parts are."""
        p = self.index.problem
        key = ["readiness_class_id", "mode"]
        ready = p["readiness_classes"].merge(p["readiness"], on=key, how="left")
        items = ["notice_to_move_days", "phase_id", "ready_fraction"]
        return signatures(ready, key, items)

    @cached_property
    def _commanded(self) -> dict[Any, int]:
        """By actor, a number that is equal where the same commands cover it; a possible holder's is its own."""
        p = self.index.problem
        covered = signatures(p["command_actors"], ["actor_id"], ["command_id"])
        holders = dict.fromkeys(keys(p["command_options"], ["actor_id"]))
        return covered | {holder: -number for number, holder in enumerate(holders, 1)}

    @cached_property
    def source_places(self) -> pd.DataFrame:
        """The rows of ``index.places`` with source_id and access_host_id.

        access_host_id is the host whose access_fraction limits what stands there; empty where none does.
        """
        places = self.index.places
        limited = self.availability.groupby("actor_id")["access_fraction"].min() < 1
        host = places["host_actor_id"]
        by_host = host.map(limited).astype(bool) & (host != places["actor_id"])

        def readiness(mode: str) -> np.ndarray:
            classes = keys(places, ["readiness_class_id"])
            return np.array([self._readiness_signature.get((each, mode), 0) for each in classes])

        by_mode = readiness("PERMANENT") != readiness("ROTATIONAL")
        suffix = ("/" + places["mode"]).where(by_mode, "")
        suffix = suffix.where(places["mode"] != "PREPOSITIONED", "/SET")
        source = places["staging_area_id"] + ("/" + host).where(by_host, "") + suffix
        return places.assign(source_id=source, access_host_id=host.where(by_host, ""))

    @cached_property
    def pools(self) -> pd.DataFrame:
        """Which force belongs to which pool: FORCE, pool_id, is_merged.

        The pool of a force that is not merged is its actor. Forces with units kept for a theater are not merged: the
        number kept is the force's own. A merged pool is named by ``name_of_alike``.
        """
        index = self.index
        frame = index.forces
        alone = {*keys(index.places, FORCE), *keys(index.theater_reserves, FORCE)}
        is_merged = (
            frame["home_staging_area_id"].notna()
            & (frame["actor_id"] != index.lead)
            & ~is_among(frame, FORCE, alone)
        )
        available = signatures(self.availability, ["actor_id"], ["scenario_id", "available_fraction"])
        lift = signatures(index.problem["lift_actors"], ["actor_id"], ["lift_pool_id"])
        sharing = support_groups(index).to_dict()
        in_support = set(keys(support_by_type(index), ["unit_type_id"]))
        alike = [
            (
                *force,
                unit_type,
                available.get(actor),
                lift.get(actor),
                self._commanded.get(actor),
                sharing[actor] if unit_type in in_support else "",
            )
            for actor, unit_type, *force in keys(
                frame, [*FORCE, "home_staging_area_id", "readiness_class_id", "quality_factor"]
            )
        ]
        rows = list(zip(keys(frame, ["actor_id"]), alike, is_merged.to_list(), strict=True))
        merged: dict[Any, list[str]] = {}
        for actor, what, joins in rows:
            if joins:
                merged.setdefault(what, []).append(actor)
        pools = [name_of_alike(merged[what]) if joins else actor for actor, what, joins in rows]
        return frame[FORCE].assign(pool_id=pd.array(pools, dtype="str"), is_merged=is_merged)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """One row for each source of a pool.

        SOURCE with actor_id (of the first member), is_merged, staging_area_id, mode (whose readiness holds),
        access_host_id, readiness_class_id, quality_factor.
        """
        columns = [*FORCE, "pool_id", "is_merged", "readiness_class_id", "quality_factor"]
        forces = joined(self.index.forces, self.pools, FORCE)
        home = forces[forces["home_staging_area_id"].notna()]
        home = home[[*columns, "home_staging_area_id"]].rename(
            columns={"home_staging_area_id": "staging_area_id"}
        )
        home = home.assign(source_id="HOME", mode="HOME", access_host_id="")
        stands = [*FORCE, "staging_area_id", "source_id", "mode", "access_host_id"]
        away = joined(self.source_places[stands], forces[columns], FORCE)
        return pd.concat([home, away]).drop_duplicates(SOURCE, ignore_index=True)

    @cached_property
    def transit(self) -> pd.DataFrame:
        """staging_area_id, theater_id, unit_type_id, transit_days; 0 inside the area's own theater."""
        p = self.index.problem
        within = p["staging_areas"][["staging_area_id", "theater_id"]].dropna()
        within = within.merge(p["unit_types"][["unit_type_id"]], how="cross").assign(transit_days=0.0)
        both = pd.concat([p["transit_times"], within])
        return both.drop_duplicates(["staging_area_id", "theater_id", "unit_type_id"])

    @cached_property
    def needs(self) -> pd.DataFrame:
        """Points needed by NEED and year, where above 0: required_points and the lead actor's parts.

        These are maximum_lead_fraction with is_capped, and minimum_lead_fraction, empty where none is given. A
        theater's capability is capped in every need if it is in one.
        """
        settings = self.index.problem.settings
        by = ["theater_id", "scenario_id", "phase_id", "capability_id"]
        frame = carried_forward(self.index.problem["requirements"], by, self.index.years)
        frame = joined(frame, self.phases[["phase_id", "kind"]], ["phase_id"])
        ratio = np.where(
            frame["kind"] == "WIN", settings["win_ratio"], 1.0 / float(settings["break_even_ratio"])
        )
        frame["required_points"] = frame["required_points"].fillna(frame["red_score_points"] * ratio)
        frame = frame[frame["required_points"] > 0]
        by = ["theater_id", "capability_id"]
        frame["is_capped"] = frame.groupby(by)["maximum_lead_fraction"].transform("count") > 0
        parts = ["maximum_lead_fraction", "minimum_lead_fraction", "is_capped"]
        columns = [*NEED, "year", "required_points", *parts]
        return frame[columns].sort_values([*NEED, "year"], ignore_index=True)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Which source can serve which theater by which phase of which scenario.

        The columns of ``sources`` with theater_id, phase_id, scenario_id, order, kind, usable_fraction (the part
        of the source's units that the phase and scenario can use), available_fraction, ready_fraction, home_fraction
        (of a set, and of home where the force has sets in the scenario: the part of the units at home that can be
        used), falls (whether either part was more in the phase before) and is_within (whether the source lies in the
        theater). A row exists only where notice and transit allow it and the unit adds, or has added, to something
        needed, or supports units that do.
        """
        p = self.index.problem
        frame = joined(self.sources, self.transit, ["staging_area_id", "unit_type_id"])
        frame = joined(frame, p["readiness_classes"], ["readiness_class_id", "mode"])
        frame = frame.merge(self.phases, how="cross")
        in_time = frame["notice_to_move_days"] + frame["transit_days"] <= frame["days"]
        gives = frame["unit_type_id"].isin(supporters(self.index)["supporter_id"])
        frame = frame[in_time & ((frame["quality_factor"] > 0) | gives)]
        frame = joined(frame, self.served, ["unit_type_id", "theater_id", "phase_id"])
        within = set(keys(p["staging_areas"], ["staging_area_id", "theater_id"]))
        frame["is_within"] = is_among(frame, ["staging_area_id", "theater_id"], within)
        ready = ["readiness_class_id", "mode", "phase_id"]
        frame["ready_fraction"] = looked_up(
            frame, ready, values(p["readiness"], ready, "ready_fraction"), 0.0
        )
        pair = ["actor_id", "scenario_id"]
        available = values(self.availability, pair, "available_fraction")
        frame["available_fraction"] = looked_up(frame, pair, available, 1.0)
        access = values(self.availability, pair, "access_fraction")
        usable = frame["available_fraction"] * looked_up(
            frame, ["access_host_id", "scenario_id"], access, 1.0
        )
        frame["usable_fraction"] = frame["ready_fraction"] * usable
        path = [*SOURCE, "theater_id", "scenario_id"]
        frame = frame.sort_values([*path, "order"], ignore_index=True)
        by_path = frame.groupby(path)["usable_fraction"]
        frame["falls"] = by_path.shift() > frame["usable_fraction"]
        return self._with_units_for_sets(frame[by_path.cummax() > 0])

    def _with_units_for_sets(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Adds home_fraction to paths in order of phases; a set that no ready unit takes up has none."""
        is_set = frame["mode"] == "PREPOSITIONED"
        force = [frame[name] for name in ("pool_id", "unit_type_id", "scenario_id")]
        takes_from_home = is_set.groupby(force).transform("any") & (is_set | (frame["mode"] == "HOME"))
        if not is_set.any():
            return frame.assign(home_fraction=np.nan).reset_index(drop=True)
        ready, when = self.index.problem["readiness"], ["readiness_class_id", "phase_id"]
        at_home = values(ready[ready["mode"] == "HOME"], when, "ready_fraction")
        usable = looked_up(frame, when, at_home, 0.0) * frame["available_fraction"]
        frame = frame.assign(home_fraction=usable.where(takes_from_home))
        by_path = frame.groupby([*SOURCE, "theater_id", "scenario_id"])["home_fraction"]
        frame["falls"] |= by_path.shift() > frame["home_fraction"]
        return frame[~(by_path.cummax() <= 0)].reset_index(drop=True)

    @cached_property
    def served(self) -> pd.DataFrame:
        """When units of a type can serve: unit_type_id, theater_id, scenario_id, phase_id.

        From the first phase in which they add to a need, or units that they support can serve, to the last in which
        the scenario needs anything: what is deployed stays.
        """
        order = self.phases[["phase_id", "order"]]
        useful = joined(self.useful, order, ["phase_id"])
        first = useful.groupby(["unit_type_id", "theater_id", "scenario_id"])["order"].min().reset_index()
        last = joined(self.needs, order, ["phase_id"]).groupby("scenario_id")["order"].max()
        first = self._with_supporters(first).rename(columns={"order": "first"})
        frame = joined(first, last.rename("last").reset_index(), ["scenario_id"])
        frame = frame.merge(order, how="cross")
        served = (frame["first"] <= frame["order"]) & (frame["order"] <= frame["last"])
        return frame.loc[served, ["unit_type_id", "theater_id", "scenario_id", "phase_id"]]

    def _with_supporters(self, first: pd.DataFrame) -> pd.DataFrame:
        """Adds supporters to first phases: unit_type_id, theater_id, scenario_id and order, the least of them."""
        pairs = supporters(self.index)
        if pairs.empty:
            return first
        while True:
            behind = first.merge(pairs, on="unit_type_id").drop(columns="unit_type_id")
            behind = behind.rename(columns={"supporter_id": "unit_type_id"})
            both = pd.concat([first, behind])
            both = both.groupby(["unit_type_id", "theater_id", "scenario_id"])["order"].min().reset_index()
            if both.equals(first):
                return first
            first = both

    @cached_property
    def useful(self) -> pd.DataFrame:
        """Where a unit of a type adds to a need: unit_type_id, NEED, type_points (at quality 1)."""
        p = self.index.problem
        frame = joined(p["unit_capabilities"], self.needs[NEED].drop_duplicates(), ["capability_id"])
        there = ["unit_type_id", "theater_id"]
        factors = values(p["unit_type_theaters"], there, "theater_factor")
        frame["type_points"] = frame["capability_points"] * looked_up(frame, there, factors, 1.0)
        return frame.loc[frame["type_points"] > 0, ["unit_type_id", *NEED, "type_points"]]

    @cached_property
    def lift_needs(self) -> pd.DataFrame:
        """Which actor's units of which type take lift: lift_pool_id, actor_id, unit_type_id, lift_points."""
        p = self.index.problem
        needs = p["lift_actors"].merge(p["lift_unit_types"], on="lift_pool_id")
        return needs[needs["lift_points"] > 0]
