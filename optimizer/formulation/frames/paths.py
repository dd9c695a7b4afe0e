"""Which units can be where by when: the sources of forces, and the paths from them to what is needed.

A *source* is where units of a force start: HOME, or a staging area in which they are stationed. Sites of an area
are one source; hosts are told apart only where one of them limits access in some scenario, modes only where they
differ in readiness, and sets always. Forces that no row can tell apart have one source together: a *pool* (``reach``
says why that is exact).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index, carried_forward
from optimizer.formulation.frames.signatures import signatures

SOURCE = ["pool_id", "unit_type_id", "source_id"]
NEED = ["theater_id", "capability_id", "phase_id", "scenario_id"]


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
        frame = p["actors"][["actor_id"]].merge(p["scenarios"][["scenario_id"]], how="cross")
        frame = frame.merge(p["scenario_availability"], on=["actor_id", "scenario_id"], how="left")
        return frame.fillna({"available_fraction": 1.0, "access_fraction": 1.0})

    @cached_property
    def _readiness_signature(self) -> pd.Series:
        """By readiness class and mode, a number that is equal where notice and ready parts are."""
        p = self.index.problem
        key = ["readiness_class_id", "mode"]
        ready = p["readiness_classes"].merge(p["readiness"], on=key, how="left")
        items = ["notice_to_move_days", "phase_id", "ready_fraction"]
        return signatures(ready, key, items).set_index(key)["signature"]

    @cached_property
    def _commanded(self) -> pd.Series:
        """By actor, a number that is equal where the same commands cover it; a possible holder's is its own."""
        p = self.index.problem
        covered = signatures(p["command_actors"], ["actor_id"], ["command_id"]).set_index("actor_id")
        holders = p["command_options"]["actor_id"].unique()
        own = pd.Series(-1 - np.arange(len(holders)), index=holders)
        return own.combine_first(covered["signature"])

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
            pairs = pd.MultiIndex.from_arrays([places["readiness_class_id"], [mode] * len(places)])
            return self._readiness_signature.reindex(pairs).fillna(0).to_numpy()

        by_mode = readiness("PERMANENT") != readiness("ROTATIONAL")
        suffix = ("/" + places["mode"]).where(by_mode, "")
        suffix = suffix.where(places["mode"] != "PREPOSITIONED", "/SET")
        source = places["staging_area_id"] + ("/" + host).where(by_host, "") + suffix
        return places.assign(source_id=source, access_host_id=host.where(by_host, ""))

    @cached_property
    def pools(self) -> pd.DataFrame:
        """Which force belongs to which pool: FORCE, pool_id, is_merged.

        The pool of a force that is not merged is its actor. Forces with units kept for a theater are not merged: the
        number kept is the force's own. A merged pool is named after its first member and
        the number of others, such as BEL&3; no identifier holds an "&".
        """
        index = self.index
        away = index.places[FORCE].drop_duplicates().assign(is_away=True)
        frame = index.forces.merge(away, on=FORCE, how="left")
        is_merged = (
            frame["is_away"].isna()
            & frame["home_staging_area_id"].notna()
            & (frame["actor_id"] != index.lead)
        )
        kept = pd.MultiIndex.from_frame(index.theater_reserves[FORCE])
        is_merged &= ~pd.MultiIndex.from_frame(frame[FORCE]).isin(kept)
        available = signatures(self.availability, ["actor_id"], ["scenario_id", "available_fraction"])
        lift = signatures(index.problem["lift_actors"], ["actor_id"], ["lift_pool_id"])
        alike = [
            frame["unit_type_id"],
            frame["home_staging_area_id"],
            frame["readiness_class_id"],
            frame["quality_factor"],
            frame["actor_id"].map(available.set_index("actor_id")["signature"]),
            frame["actor_id"].map(lift.set_index("actor_id")["signature"]),
            frame["actor_id"].map(self._commanded),
        ]
        groups = frame["actor_id"].groupby([column.where(is_merged) for column in alike], dropna=False)
        first, others = groups.transform("first"), groups.transform("size") - 1
        merged_name = first.where(others == 0, first + "&" + others.astype(str))
        pool = merged_name.where(is_merged, frame["actor_id"])
        return frame[FORCE].assign(pool_id=pool, is_merged=is_merged)

    @cached_property
    def sources(self) -> pd.DataFrame:
        """One row for each source of a pool.

        SOURCE with actor_id (of the first member), is_merged, staging_area_id, mode (whose readiness holds),
        access_host_id, readiness_class_id, quality_factor.
        """
        columns = [*FORCE, "pool_id", "is_merged", "readiness_class_id", "quality_factor"]
        forces = self.index.forces.merge(self.pools, on=FORCE)
        home = forces[forces["home_staging_area_id"].notna()]
        home = home[[*columns, "home_staging_area_id"]].rename(
            columns={"home_staging_area_id": "staging_area_id"}
        )
        home = home.assign(source_id="HOME", mode="HOME", access_host_id="")
        away = self.source_places.drop(columns=["readiness_class_id"]).merge(forces[columns], on=FORCE)
        away = away[[*columns, "staging_area_id", "source_id", "mode", "access_host_id"]]
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
        frame = frame.merge(self.phases[["phase_id", "kind"]], on="phase_id")
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
        needed.
        """
        p = self.index.problem
        frame = self.sources.merge(self.transit, on=["staging_area_id", "unit_type_id"])
        frame = frame.merge(p["readiness_classes"], on=["readiness_class_id", "mode"])
        frame = frame.merge(self.phases, how="cross")
        in_time = frame["notice_to_move_days"] + frame["transit_days"] <= frame["days"]
        frame = frame[in_time & (frame["quality_factor"] > 0)]
        frame = frame.merge(p["readiness"], on=["readiness_class_id", "mode", "phase_id"], how="left")
        frame = frame.merge(self.served, on=["unit_type_id", "theater_id", "phase_id"])
        areas = p["staging_areas"][["staging_area_id", "theater_id"]].rename(columns={"theater_id": "within"})
        frame = frame.merge(areas, on="staging_area_id")
        frame["is_within"] = frame["within"] == frame["theater_id"]
        available = self.availability.drop(columns="access_fraction")
        frame = frame.merge(available, on=["actor_id", "scenario_id"])
        access = self.availability.drop(columns="available_fraction")
        access = access.rename(columns={"actor_id": "access_host_id"})
        frame = frame.merge(access, on=["access_host_id", "scenario_id"], how="left")
        frame["ready_fraction"] = frame["ready_fraction"].fillna(0.0)
        usable = frame["available_fraction"] * frame["access_fraction"].fillna(1.0)
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
        ready = self.index.problem["readiness"]
        at_home = ready[ready["mode"] == "HOME"].set_index(["readiness_class_id", "phase_id"])[
            "ready_fraction"
        ]
        when = pd.MultiIndex.from_frame(frame[["readiness_class_id", "phase_id"]])
        usable = at_home.reindex(when).fillna(0.0).to_numpy() * frame["available_fraction"]
        frame = frame.assign(home_fraction=usable.where(takes_from_home))
        by_path = frame.groupby([*SOURCE, "theater_id", "scenario_id"])["home_fraction"]
        frame["falls"] |= by_path.shift() > frame["home_fraction"]
        return frame[~(by_path.cummax() <= 0)].reset_index(drop=True)

    @cached_property
    def served(self) -> pd.DataFrame:
        """When units of a type can serve: unit_type_id, theater_id, scenario_id, phase_id.

        From the first phase in which they add to a need, to the last in which the scenario needs anything: what
        is deployed stays.
        """
        order = self.phases[["phase_id", "order"]]
        useful = self.useful.merge(order, on="phase_id")
        first = useful.groupby(["unit_type_id", "theater_id", "scenario_id"])["order"].min()
        last = self.needs.merge(order, on="phase_id").groupby("scenario_id")["order"].max()
        frame = first.rename("first").reset_index().merge(last.rename("last").reset_index(), on="scenario_id")
        frame = frame.merge(order, how="cross")
        served = (frame["first"] <= frame["order"]) & (frame["order"] <= frame["last"])
        return frame.loc[served, ["unit_type_id", "theater_id", "scenario_id", "phase_id"]]

    @cached_property
    def useful(self) -> pd.DataFrame:
        """Where a unit of a type adds to a need: unit_type_id, NEED, type_points (at quality 1)."""
        p = self.index.problem
        frame = p["unit_capabilities"].merge(self.needs[NEED].drop_duplicates(), on="capability_id")
        frame = frame.merge(p["unit_type_theaters"], on=["unit_type_id", "theater_id"], how="left")
        frame["type_points"] = frame["capability_points"] * frame["theater_factor"].fillna(1.0)
        return frame.loc[frame["type_points"] > 0, ["unit_type_id", *NEED, "type_points"]]

    @cached_property
    def lift_needs(self) -> pd.DataFrame:
        """Which actor's units of which type take lift: lift_pool_id, actor_id, unit_type_id, lift_points."""
        p = self.index.problem
        needs = p["lift_actors"].merge(p["lift_unit_types"], on="lift_pool_id")
        return needs[needs["lift_points"] > 0]
