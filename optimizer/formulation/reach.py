"""Which units can be where by when: sources, what of them is merged, and the deployments that exist.

A *source* is where units of a force start: HOME, or a staging area in which they are stationed. Sites of an area
are one source; hosts are told apart only where one of them limits access in some scenario, modes only where they
differ in readiness, and sets always.

What no row can tell apart is deployed together, in two ways:

* A *pool* merges allied forces of one type that stand only at home, in one staging area, with the same
  readiness, quality, availability, lift and command. The lead actor and possible holders of a command are never
  merged.
* A *column* merges sources of one force in one scenario, if each reaches the same theaters by the same phases,
  or if the scenario gives the force one theater alone; lifted and unlifted sources stay apart, and so does a
  source whose usable part falls from phase to phase.

Merging is exact. Each member's usable units do not fall from phase to phase, and neither does what is deployed
to any theater. So each phase's growth can be given to members that have usable units left: there are enough,
since the sum of the deployed never exceeds the sum of the usable, and each of them can reach the theater. Every
member's deployment therefore exists; ``solution`` writes it out.

Two more mergers lose nothing, since deploying more never hurts but by attrition, lift and rivals:

* A phase shares the variables of the next one if the usable parts and the theaters are the same, the type suffers
  no attrition in it and lift is no tighter: deploying the next phase's units one phase earlier keeps every row.
* A column is *unrivaled* in a scenario if it is the force's only one there, serves one theater, needs no lift and
  its type suffers no attrition. It deploys all it has, so scenarios in which it has the same usable part share
  its variables, and no row needs to keep it from falling.

Where an earlier phase's row follows from the next one's, because what is deployed does not fall in between and
the limit is the same, only the next one's is written.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.formulation.index import FORCE, Index, carried_forward
from optimizer.formulation.sets import signatures

SOURCE = ["pool_id", "unit_type_id", "source_id"]
COLUMN = ["pool_id", "unit_type_id", "column_id"]
DEPLOYMENT = [*COLUMN, "theater_id", "phase_id", "scenario_id"]
HELD = ["pool_id", "unit_type_id", "held_column_id", "theater_id", "held_phase_id", "held_scenario_id"]
WHEN = ["phase_id", "scenario_id"]
NEED = ["theater_id", "capability_id", "phase_id", "scenario_id"]


@dataclass(frozen=True)
class Reach:
    """The frames of deployment and deterrence; each is computed when first asked for."""

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

        The pool of a force that is not merged is its actor. A merged pool is named after its first member and
        the number of others, such as BEL&3; no identifier
        holds an "&".
        """
        index = self.index
        away = index.places[FORCE].drop_duplicates().assign(is_away=True)
        frame = index.forces.merge(away, on=FORCE, how="left")
        is_merged = (
            frame["is_away"].isna()
            & frame["home_staging_area_id"].notna()
            & (frame["actor_id"] != index.lead)
        )
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
        """Points needed by NEED and year: required_points and maximum_lead_fraction; only where above 0."""
        settings = self.index.problem.settings
        by = ["theater_id", "scenario_id", "phase_id", "capability_id"]
        frame = carried_forward(self.index.problem["requirements"], by, self.index.years)
        frame = frame.merge(self.phases[["phase_id", "kind"]], on="phase_id")
        ratio = np.where(
            frame["kind"] == "WIN", settings["win_ratio"], 1.0 / float(settings["break_even_ratio"])
        )
        frame["required_points"] = frame["required_points"].fillna(frame["red_score_points"] * ratio)
        frame = frame[frame["required_points"] > 0]
        columns = [*NEED, "year", "required_points", "maximum_lead_fraction"]
        return frame[columns].sort_values([*NEED, "year"], ignore_index=True)

    @cached_property
    def paths(self) -> pd.DataFrame:
        """Which source can serve which theater by which phase of which scenario.

        The columns of ``sources`` with theater_id, phase_id, scenario_id, order, kind, usable_fraction (the part
        of the source's units that the phase and scenario can use), falls (whether it was more in the phase
        before), available_fraction, ready_fraction and is_within (whether the source lies in the theater). A row
        exists only where notice and transit allow it and the unit adds, or has added, to something needed.
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
        return frame[by_path.cummax() > 0].reset_index(drop=True)

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

    @cached_property
    def columns(self) -> pd.DataFrame:
        """Which column a source belongs to in a scenario: SOURCE, scenario_id, column_id.

        A column is named after its first source and the number of others, such as GERMANY&2.
        """
        by_source = [*SOURCE, "scenario_id"]
        frame = self.with_lift(self.paths)
        frame["lifted"] = frame["theater_id"].where(frame["is_lifted"], "")
        steps = signatures(frame, by_source, ["phase_id", "theater_id"]).rename(
            columns={"signature": "steps"}
        )
        found = frame[[*by_source, "lifted"]].drop_duplicates()
        found = signatures(found, by_source, ["lifted"]).rename(columns={"signature": "lifted"})
        found = found.merge(steps, on=by_source).sort_values(by_source, ignore_index=True)
        falling = frame[frame["falls"]][by_source].drop_duplicates().assign(falls=True)
        found = found.merge(falling, on=by_source, how="left")
        force = ["pool_id", "unit_type_id", "scenario_id"]
        theaters = frame.groupby(force)["theater_id"].nunique().rename("theaters").reset_index()
        found = found.merge(theaters, on=force)
        found["steps"] = found["steps"].where(found["theaters"] > 1, 0)
        found["alone"] = found["source_id"].where(found["falls"].notna(), "")
        groups = found.groupby([*force, "steps", "lifted", "alone"])["source_id"]
        first, others = groups.transform("first"), groups.transform("size") - 1
        found["column_id"] = first.where(others == 0, first + "&" + others.astype(str))
        return found[[*by_source, "column_id"]]

    def with_lift(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Adds is_lifted: whether a path from outside the theater, not of sets, takes lift."""
        lifted = self.lift_needs[FORCE].drop_duplicates().assign(takes_lift=True)
        merged = frame.merge(lifted, on=FORCE, how="left")
        takes_lift = merged.pop("takes_lift").notna()
        return merged.assign(
            is_lifted=takes_lift & ~merged["is_within"] & (merged["mode"] != "PREPOSITIONED")
        )

    @cached_property
    def members(self) -> pd.DataFrame:
        """The sources of each column: the rows of ``paths`` with their column_id."""
        return self.paths.merge(self.columns, on=[*SOURCE, "scenario_id"])

    @cached_property
    def deployments(self) -> pd.DataFrame:
        """The deployments that exist: one row for each DEPLOYMENT, in order of phases.

        With actor_id, is_merged, quality_factor, order, kind, available_fraction, is_lifted, is_unrivaled and
        limit, a number that is equal where the usable part is.
        """
        members = self.with_lift(self.members)
        limits = signatures(members, DEPLOYMENT, ["source_id", "usable_fraction", "available_fraction"])
        extra = [
            "actor_id",
            "is_merged",
            "quality_factor",
            "order",
            "kind",
            "available_fraction",
            "is_lifted",
        ]
        frame = members[[*DEPLOYMENT, *extra]].drop_duplicates(DEPLOYMENT)
        frame = frame.merge(limits.rename(columns={"signature": "limit"}), on=DEPLOYMENT)
        by_force = ["pool_id", "unit_type_id", "scenario_id"]
        targets = frame.drop_duplicates([*by_force, "column_id", "theater_id"])
        alone = targets.groupby(by_force).size().rename("targets").reset_index()
        frame = frame.merge(alone, on=by_force)
        attrition = self.index.problem["attrition"]
        suffering = attrition.loc[attrition["attrition_fraction"] > 0, "unit_type_id"]
        falling = pd.MultiIndex.from_frame(members.loc[members["falls"], by_force])
        falls = pd.MultiIndex.from_frame(frame[by_force]).isin(falling)
        suffers = frame["unit_type_id"].isin(suffering)
        frame["is_unrivaled"] = (frame.pop("targets") == 1) & ~frame["is_lifted"] & ~falls & ~suffers
        path = [*COLUMN, "theater_id", "scenario_id", "order"]
        return frame.sort_values(path, ignore_index=True)

    @cached_property
    def held(self) -> pd.DataFrame:
        """The deployment that stands for each: the rows of ``deployments``, with three columns more.

        held_column_id, held_phase_id and held_scenario_id name it; it may be the row's own.
        """
        capacity = signatures(self.index.problem["lift"], WHEN, ["lift_pool_id", "capacity_points"])
        frame = self.deployments.merge(capacity, on=WHEN, how="left")
        frame["signature"] = frame["signature"].where(frame["is_lifted"]).fillna(0)
        attrition = self.index.problem["attrition"]
        frame = frame.merge(attrition, on=["unit_type_id", "phase_id"], how="left")
        path = [*COLUMN, "theater_id", "scenario_id"]
        later = frame.groupby(path)[["limit", "signature"]].shift(-1)
        joins = (frame["limit"] == later["limit"]) & (frame["signature"] == later["signature"])
        joins &= ~(frame["attrition_fraction"] > 0)
        chain = (~joins.shift(fill_value=False)).cumsum()
        frame["held_phase_id"] = frame.groupby(chain)["phase_id"].transform("last")
        frame["held_column_id"], frame["held_scenario_id"] = frame["column_id"], frame["scenario_id"]
        names = ["held_column_id", "held_phase_id", "held_scenario_id"]
        alike = ["pool_id", "unit_type_id", "theater_id", "limit"]
        first = frame[frame["is_unrivaled"]].groupby(alike)[names].transform("first")
        frame.loc[first.index, names] = first
        return frame.drop(columns=["signature", "attrition_fraction"])

    @cached_property
    def variables(self) -> pd.DataFrame:
        """The rows of ``held`` that stand for themselves."""
        held = self.held
        is_own = (held["column_id"] == held["held_column_id"]) & (held["phase_id"] == held["held_phase_id"])
        return held[is_own & (held["scenario_id"] == held["held_scenario_id"])].reset_index(drop=True)

    def last_of_alike(self, frame: pd.DataFrame, by: list[str], limit: str) -> pd.DataFrame:
        """Leaves out rows of a phase that follow from the next phase's.

        What serves in a phase serves in the later ones too (see ``served``), so a limit on the sum over a later
        phase holds for the earlier one, where nothing deployed falls in between.

        Args:
            frame: rows of ``held``.
            by: the key of a limiting row, without its phase.
            limit: column that is equal where two phases have the same limit.

        Returns:
            The rows of ``frame`` whose phase needs a limiting row of its own: there is no next phase of the same
            key, its limit differs, or something may fall in between.
        """
        may_fall = frame.groupby([*by, "order"])["is_unrivaled"].any().rename("may_fall").reset_index()
        rows = frame.drop_duplicates([*by, "order"])[[*by, "order", limit]].merge(may_fall, on=[*by, "order"])
        rows = rows.sort_values([*by, "order"], ignore_index=True)
        follows = (rows.groupby(by)[limit].shift(-1) == rows[limit]) & ~rows["may_fall"]
        return frame.merge(rows.loc[~follows, [*by, "order"]], on=[*by, "order"])

    @cached_property
    def supply(self) -> pd.DataFrame:
        """What a deployed unit adds to a need: the rows of ``held``, capability_id, effect_points."""
        on = ["unit_type_id", "theater_id", "phase_id", "scenario_id"]
        frame = self.held.merge(self.useful, on=on)
        frame["effect_points"] = frame["type_points"] * frame["quality_factor"]
        return frame.sort_values([*DEPLOYMENT, "capability_id"], ignore_index=True)

    @cached_property
    def losses(self) -> pd.DataFrame:
        """Points lost before a WIN phase: DEPLOYMENT, capability_id, earlier_phase_id, lost_points."""
        attrition = self.index.problem["attrition"].rename(columns={"phase_id": "earlier_phase_id"})
        wins = self.supply[self.supply["kind"] == "WIN"].merge(attrition, on="unit_type_id")
        earlier = self.deployments[self.deployments["kind"] == "DETER"]
        earlier = earlier[[*COLUMN, "theater_id", "scenario_id", "phase_id", "order"]].rename(
            columns={"phase_id": "earlier_phase_id", "order": "earlier_order"}
        )
        frame = wins.merge(earlier, on=[*COLUMN, "theater_id", "scenario_id", "earlier_phase_id"])
        frame = frame[(frame["earlier_order"] < frame["order"]) & (frame["attrition_fraction"] > 0)]
        frame["lost_points"] = frame["effect_points"] * frame["attrition_fraction"]
        return frame[[*DEPLOYMENT, "capability_id", "earlier_phase_id", "lost_points"]]

    @cached_property
    def lift_uses(self) -> pd.DataFrame:
        """What deployments take of lift: the rows of ``held``, lift_pool_id, lift_points, capacity_points."""
        frame = self.held[self.held["is_lifted"]].merge(self.lift_needs, on=FORCE)
        return frame.merge(self.index.problem["lift"], on=["lift_pool_id", "scenario_id", "phase_id"])

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Pairs of phases between which a deployment must not fall: DEPLOYMENT and earlier_phase_id."""
        frame = self.variables[~self.variables["is_unrivaled"]]
        earlier = frame.groupby([*COLUMN, "theater_id", "scenario_id"])["phase_id"].shift()
        return frame.assign(earlier_phase_id=earlier)[earlier.notna()]


def reach_of(index: Index) -> Reach:
    """The reach of an index, made once."""
    if "reach" not in index.computed:
        index.computed["reach"] = Reach(index)
    reach: Reach = index.computed["reach"]
    return reach
