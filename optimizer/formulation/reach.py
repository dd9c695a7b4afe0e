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

SOURCE = ["pool_id", "unit_type_id", "source_id"]
COLUMN = ["pool_id", "unit_type_id", "column_id"]
DEPLOYMENT = [*COLUMN, "theater_id", "phase_id", "scenario_id"]
HELD = ["pool_id", "unit_type_id", "held_column_id", "theater_id", "held_phase_id", "held_scenario_id"]
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
        and the unit adds, or has added, to something needed.
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
        return frame[frame.groupby(path)["usable_fraction"].cummax() > 0].reset_index(drop=True)

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
        """The deployments that exist: one row for each DEPLOYMENT, in order of phases.

        With actor_id, is_merged, quality_factor, order, kind, available_fraction, is_lifted, is_unrivaled and
        limit, a text that is equal where the usable part is.
        """
        lifted = self.lift_needs[FORCE].drop_duplicates().assign(takes_lift=True)
        members = self.members.merge(lifted, on=FORCE, how="left")
        members["is_lifted"] = members["takes_lift"].eq(True) & ~members["is_within"]
        members["is_lifted"] &= members["mode"] != "PREPOSITIONED"
        usable = members.groupby([*SOURCE, "theater_id", "scenario_id"])["usable_fraction"]
        members["falls"] = usable.shift() > members["usable_fraction"]
        members["limit"] = members["source_id"] + "=" + members["usable_fraction"].map(repr)
        limits = members.groupby(DEPLOYMENT)["limit"].agg(" ".join)
        extra = ["actor_id", "is_merged", "quality_factor", "order", "kind", "available_fraction", "is_lifted"]
        frame = members[[*DEPLOYMENT, *extra]].drop_duplicates(DEPLOYMENT)
        frame["limit"] = limits.reindex(pd.MultiIndex.from_frame(frame[DEPLOYMENT])).to_numpy()
        frame["limit"] += " of " + frame["available_fraction"].map(repr)

        by_force = ["pool_id", "unit_type_id", "scenario_id"]
        targets = frame["column_id"] + ">" + frame["theater_id"]
        is_alone = targets.groupby([frame[name] for name in by_force]).transform("nunique") == 1
        attrition = self.index.problem["attrition"]
        suffering = attrition.loc[attrition["attrition_fraction"] > 0, "unit_type_id"]
        falls = members.groupby(by_force)["falls"].any().reset_index()
        frame = frame.merge(falls, on=by_force).set_axis(frame.index)
        rivaled = frame["is_lifted"].groupby([frame[name] for name in by_force]).transform("any")
        frame["is_unrivaled"] = is_alone & ~rivaled & ~frame["falls"] & ~frame["unit_type_id"].isin(suffering)
        path = [*COLUMN, "theater_id", "scenario_id", "order"]
        return frame.drop(columns="falls").sort_values(path, ignore_index=True)

    @cached_property
    def held(self) -> pd.DataFrame:
        """The deployment that stands for each: the rows of ``deployments``, with three columns more.

        held_column_id, held_phase_id and held_scenario_id name it; it may be the row's own.
        """
        frame = self.deployments
        lift = self.index.problem["lift"]
        capacity = (lift["lift_pool_id"] + "=" + lift["capacity_points"].map(repr)).groupby(
            [lift["scenario_id"], lift["phase_id"]]
        )
        frame = frame.merge(
            capacity.agg(lambda parts: " ".join(sorted(parts))).rename("lift").reset_index(),
            on=["scenario_id", "phase_id"],
            how="left",
        )
        attrition = self.index.problem["attrition"]
        frame = frame.merge(attrition, on=["unit_type_id", "phase_id"], how="left")
        frame["lift"] = frame["lift"].where(frame["is_lifted"])
        column = [*COLUMN, "scenario_id"]
        steps = frame.groupby([*column, "order"]).agg(
            theaters=("theater_id", frozenset),
            limit=("limit", "first"),
            lift=("lift", lambda parts: frozenset(parts.dropna())),
            attrition=("attrition_fraction", "first"),
            phase_id=("phase_id", "first"),
        )
        steps = steps.reset_index()
        later = steps.groupby(column)[["theaters", "limit", "lift"]].shift(-1)
        joins = [
            isinstance(later_theaters, frozenset) and theaters <= later_theaters and alike and not lost > 0
            for theaters, later_theaters, alike, lost in zip(
                steps["theaters"],
                later["theaters"],
                (steps["limit"] == later["limit"]) & (steps["lift"] == later["lift"]),
                steps["attrition"],
                strict=True,
            )
        ]
        starts = ~pd.Series(joins, dtype=bool).shift(fill_value=False)
        steps["held_phase_id"] = steps.groupby(starts.cumsum())["phase_id"].transform("last")
        held = self.deployments.merge(steps[[*column, "order", "held_phase_id"]], on=[*column, "order"])
        held["held_column_id"], held["held_scenario_id"] = held["column_id"], held["scenario_id"]
        names = ["held_column_id", "held_phase_id", "held_scenario_id"]
        alike_keys = ["pool_id", "unit_type_id", "theater_id", "limit"]
        first = held[held["is_unrivaled"]].groupby(alike_keys)[names].transform("first")
        held.loc[first.index, names] = first
        return held

    @cached_property
    def variables(self) -> pd.DataFrame:
        """The rows of ``held`` that stand for themselves."""
        held = self.held
        is_own = (held["column_id"] == held["held_column_id"]) & (held["phase_id"] == held["held_phase_id"])
        return held[is_own & (held["scenario_id"] == held["held_scenario_id"])].reset_index(drop=True)

    def last_of_alike(self, frame: pd.DataFrame, by: list[str], parts: list[str], limit: str) -> pd.DataFrame:
        """Leaves out rows of a phase that follow from the next phase's.

        Args:
            frame: rows of ``held``.
            by: the key of a limiting row, without its phase.
            parts: columns that name what the row sums up.
            limit: column that is equal where two phases have the same limit.

        Returns:
            The rows of ``frame`` whose phase needs a limiting row of its own: in the next phase of the same key
            a part is missing, the limit differs, or something may fall in between.
        """
        part = frame[parts[0]].str.cat([frame[name] for name in parts[1:]], sep=">")
        rows = frame.assign(part=part).groupby([*by, "order"]).agg(
            parts=("part", frozenset), limit=(limit, "first"), stays=("is_unrivaled", lambda c: not c.any())
        )
        rows = rows.reset_index()
        following = rows.groupby(by)[["parts", "limit"]].shift(-1)
        follows = [
            bool(stays) and isinstance(later, frozenset) and mine <= later and mine_limit == later_limit
            for stays, mine, later, mine_limit, later_limit in zip(
                rows["stays"], rows["parts"], following["parts"], rows["limit"], following["limit"], strict=True
            )
        ]
        kept = rows.loc[~pd.Series(follows, dtype=bool), [*by, "order"]]
        return frame.merge(kept, on=[*by, "order"])

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


def _text(column: pd.Series) -> pd.Series:
    return column.astype("object").map(repr)
