"""Which units can be where by when: sources, what of them is merged, and the deployments that exist.

A *source* is where units of a force start: HOME, or a staging area in which they are stationed. Sites of an area
are one source; hosts are told apart only where one of them limits access in some scenario, modes only where they
differ in readiness, and sets always.

What no row can tell apart is deployed together, in two ways:

* A *pool* merges allied forces of one type that stand only at home, in one staging area, with the same
  readiness, quality, availability and lift. The lead actor is never merged.
* A *column* merges sources of one force in one scenario, if each reaches the same theaters by the same phases,
  or if the scenario gives the force one theater alone; lifted and unlifted sources stay apart, and so does a
  source whose usable part falls from phase to phase.

Merging is exact. Each member's usable units do not fall from phase to phase, and neither does what is deployed
to any theater. So each phase's growth can be given to members that have usable units left: there are enough,
since the sum of the deployed never exceeds the sum of the usable, and each of them can reach the theater. Every
member's deployment therefore exists; ``solution`` writes it out.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from optimizer.formulation.index import FORCE, Index, carried_forward

SOURCE = ["pool_id", "unit_type_id", "source_id"]
COLUMN = ["pool_id", "unit_type_id", "column_id"]
DEPLOYMENT = [*COLUMN, "theater_id", "phase_id", "scenario_id"]
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
    def _readiness_text(self) -> pd.Series:
        """By readiness class and mode, its notice and ready parts as text, to tell alike from different."""
        p = self.index.problem
        ready = p["readiness"].sort_values(["readiness_class_id", "mode", "phase_id"])
        parts = ready["phase_id"] + "=" + ready["ready_fraction"].map(repr)
        ready_text = parts.groupby([ready["readiness_class_id"], ready["mode"]]).agg(" ".join)
        notice = p["readiness_classes"].set_index(["readiness_class_id", "mode"])["notice_to_move_days"]
        return notice.map(repr) + " " + ready_text.reindex(notice.index).fillna("")

    @cached_property
    def source_places(self) -> pd.DataFrame:
        """The rows of ``index.places`` with source_id and access_host_id.

        access_host_id is the host whose access_fraction limits what stands there; empty where none does.
        """
        places = self.index.places
        limited = self.availability.groupby("actor_id")["access_fraction"].min() < 1
        host = places["host_actor_id"]
        by_host = host.map(limited).astype(bool) & (host != places["actor_id"])
        text = self._readiness_text

        def readiness(mode: str) -> np.ndarray:
            pairs = pd.MultiIndex.from_arrays([places["readiness_class_id"], [mode] * len(places)])
            return text.reindex(pairs).fillna("").to_numpy()

        by_mode = readiness("PERMANENT") != readiness("ROTATIONAL")
        suffix = ("/" + places["mode"]).where(by_mode, "")
        suffix = suffix.where(places["mode"] != "PREPOSITIONED", "/SET")
        source = places["staging_area_id"] + ("/" + host).where(by_host, "") + suffix
        return places.assign(source_id=source, access_host_id=host.where(by_host, ""))

    @cached_property
    def pools(self) -> pd.DataFrame:
        """Which force belongs to which pool: FORCE, pool_id, is_merged.

        The pool of a force that is not merged is its actor. A merged pool is named after its first member and
        the number of others, such as BEL+3.
        """
        index = self.index
        away = index.places[FORCE].drop_duplicates().assign(is_away=True)
        frame = index.forces.merge(away, on=FORCE, how="left")
        is_merged = (
            frame["is_away"].isna() & frame["home_staging_area_id"].notna() & (frame["actor_id"] != index.lead)
        )
        available = self.availability.sort_values(["actor_id", "scenario_id"])
        parts = available.groupby("actor_id")["available_fraction"].agg(lambda column: repr(list(column)))
        lift = index.problem["lift_actors"].sort_values(["actor_id", "lift_pool_id"])
        lift_pools = lift.groupby("actor_id")["lift_pool_id"].agg(" ".join)
        alike = [
            frame["unit_type_id"],
            frame["home_staging_area_id"],
            frame["readiness_class_id"],
            frame["quality_factor"],
            frame["actor_id"].map(parts),
            frame["actor_id"].map(lift_pools).fillna(""),
        ]
        groups = frame["actor_id"].groupby([column.where(is_merged, "") for column in map(_text, alike)])
        first, others = groups.transform("first"), groups.transform("size") - 1
        merged_name = first.where(others == 0, first + "+" + others.astype(str))
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
        of the source's units that the phase and scenario can use), available_fraction, ready_fraction and
        is_within (whether the source lies in the theater). A row exists only where notice and transit allow it
        and the unit adds to something needed.
        """
        p = self.index.problem
        frame = self.sources.merge(self.transit, on=["staging_area_id", "unit_type_id"])
        frame = frame.merge(p["readiness_classes"], on=["readiness_class_id", "mode"])
        frame = frame.merge(p["readiness"], on=["readiness_class_id", "mode"])
        frame = frame.merge(self.phases, on="phase_id")
        in_time = frame["notice_to_move_days"] + frame["transit_days"] <= frame["days"]
        frame = frame[in_time & (frame["ready_fraction"] > 0) & (frame["quality_factor"] > 0)]
        areas = p["staging_areas"][["staging_area_id", "theater_id"]].rename(columns={"theater_id": "within"})
        frame = frame.merge(areas, on="staging_area_id")
        frame["is_within"] = frame["within"] == frame["theater_id"]
        useful = self.useful[["unit_type_id", "theater_id", "phase_id", "scenario_id"]].drop_duplicates()
        frame = frame.merge(useful, on=["unit_type_id", "theater_id", "phase_id"])
        available = self.availability.drop(columns="access_fraction")
        frame = frame.merge(available, on=["actor_id", "scenario_id"])
        access = self.availability.drop(columns="available_fraction")
        access = access.rename(columns={"actor_id": "access_host_id"})
        frame = frame.merge(access, on=["access_host_id", "scenario_id"], how="left")
        usable = frame["available_fraction"] * frame["access_fraction"].fillna(1.0)
        frame["usable_fraction"] = frame["ready_fraction"] * usable
        frame = frame[frame["usable_fraction"] > 0]
        return frame.sort_values([*SOURCE, "theater_id", "scenario_id", "order"], ignore_index=True)

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

        A column is named after its first source and the number of others, such as GERMANY+2.
        """
        paths = self.paths
        lifted = self.lift_needs[FORCE].drop_duplicates().assign(takes_lift=True)
        frame = paths.merge(lifted, on=FORCE, how="left")
        is_lifted = frame["takes_lift"].eq(True) & ~frame["is_within"] & (frame["mode"] != "PREPOSITIONED")
        frame["lifted"] = np.where(is_lifted, frame["theater_id"], "")
        frame["step"] = frame["phase_id"] + ">" + frame["theater_id"]
        by_source = [*SOURCE, "scenario_id"]
        previous = frame.groupby([*by_source, "theater_id"])["usable_fraction"].shift()
        frame["falls"] = previous > frame["usable_fraction"]
        found = frame.groupby(by_source).agg(
            steps=("step", lambda column: " ".join(sorted(column))),
            lifted=("lifted", lambda column: " ".join(sorted(set(column)))),
            falls=("falls", "any"),
        )
        found = found.reset_index()
        force = ["pool_id", "unit_type_id", "scenario_id"]
        theaters = frame.groupby(force)["theater_id"].nunique().rename("theaters").reset_index()
        found = found.merge(theaters, on=force)
        found["steps"] = found["steps"].where(found["theaters"] > 1, "")
        found["alone"] = found["source_id"].where(found["falls"], "")
        groups = found.groupby([*force, "steps", "lifted", "alone"])["source_id"]
        first, others = groups.transform("first"), groups.transform("size") - 1
        found["column_id"] = first.where(others == 0, first + "+" + others.astype(str))
        return found[[*by_source, "column_id"]]

    @cached_property
    def members(self) -> pd.DataFrame:
        """The sources of each column: the rows of ``paths`` with their column_id."""
        return self.paths.merge(self.columns, on=[*SOURCE, "scenario_id"])

    @cached_property
    def deployments(self) -> pd.DataFrame:
        """The deployments that exist: one row for each DEPLOYMENT.

        With actor_id, is_merged, quality_factor, order, kind, available_fraction, and is_lifted.
        """
        lifted = self.lift_needs[FORCE].drop_duplicates().assign(takes_lift=True)
        frame = self.members.merge(lifted, on=FORCE, how="left")
        frame["is_lifted"] = frame["takes_lift"].eq(True) & ~frame["is_within"]
        frame["is_lifted"] &= frame["mode"] != "PREPOSITIONED"
        extra = ["actor_id", "is_merged", "quality_factor", "order", "kind", "available_fraction", "is_lifted"]
        frame = frame[[*DEPLOYMENT, *extra]].drop_duplicates(DEPLOYMENT)
        return frame.sort_values([*COLUMN, "theater_id", "scenario_id", "order"], ignore_index=True)

    @cached_property
    def supply(self) -> pd.DataFrame:
        """What a deployed unit adds to a need: the rows of ``deployments``, capability_id, effect_points."""
        on = ["unit_type_id", "theater_id", "phase_id", "scenario_id"]
        frame = self.deployments.merge(self.useful, on=on)
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
        """What deployments take of lift: lift_pool_id, DEPLOYMENT, lift_points, capacity_points."""
        frame = self.deployments[self.deployments["is_lifted"]].merge(self.lift_needs, on=FORCE)
        return frame.merge(self.index.problem["lift"], on=["lift_pool_id", "scenario_id", "phase_id"])

    @cached_property
    def stays(self) -> pd.DataFrame:
        """Pairs of phases between which a deployment must not fall: DEPLOYMENT and earlier_phase_id.

        Left out where a falling deployment can be raised without harm: the column serves one theater of the
        scenario, its type suffers no attrition, what is usable does not fall from phase to phase, and no lift
        limits it. Raising every phase to the most of the earlier ones then keeps all rows.
        """
        path = [*COLUMN, "theater_id", "scenario_id"]
        frame = self.deployments
        frame = frame.assign(earlier_phase_id=frame.groupby(path)["phase_id"].shift())
        usable = self.members.groupby([*path, "source_id"])["usable_fraction"]
        falls = self.members.assign(falls=usable.shift() > self.members["usable_fraction"])
        frame = frame.merge(falls.groupby(path)["falls"].any().reset_index(), on=path)
        theaters = frame.groupby([*COLUMN, "scenario_id"])["theater_id"].transform("nunique")
        attrition = self.index.problem["attrition"]
        suffers = frame["unit_type_id"].isin(attrition.loc[attrition["attrition_fraction"] > 0, "unit_type_id"])
        needed = (theaters > 1) | frame["is_lifted"] | suffers | frame["falls"]
        return frame[needed & frame["earlier_phase_id"].notna()]


def _text(column: pd.Series) -> pd.Series:
    return column.astype("object").map(repr)
