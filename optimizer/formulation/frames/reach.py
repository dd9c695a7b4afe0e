"""Which deployments exist: the paths, and what of them is merged.

What no row can tell apart is deployed together, in two ways:

* A *pool* merges allied forces of one type that stand only at home, in one staging area, with the same
  readiness, quality, availability, lift and command. The lead actor and possible holders of a command are never
  merged, nor is a force of which some is kept for a theater.
* A *column* merges sources of one force in one scenario, if each reaches the same theaters by the same phases,
  or if the scenario gives the force one theater alone; lifted and unlifted sources stay apart, and so do a
  source whose usable part falls from phase to phase, and sets with the home whose units take them up.

Merging is exact. Each member's usable units do not fall from phase to phase, and neither does what is deployed
to any theater. So each phase's growth can be given to members that have usable units left: there are enough,
since the sum of the deployed never exceeds the sum of the usable, and each of them can reach the theater. Every
member's deployment therefore exists; ``deployment_shares`` writes it out.

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
from itertools import pairwise
from typing import Any

import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index, no_rows
from optimizer.formulation.frames.paths import SOURCE, Paths
from optimizer.formulation.frames.signatures import signatures
from optimizer.tables.keyed import keys

COLUMN = ["pool_id", "unit_type_id", "column_id"]
DEPLOYMENT = [*COLUMN, "theater_id", "phase_id", "scenario_id"]
HELD = ["pool_id", "unit_type_id", "held_column_id", "theater_id", "held_phase_id", "held_scenario_id"]
WHEN = ["phase_id", "scenario_id"]
LOSS = ["pool_id", "unit_type_id", "theater_id", "capability_id", "earlier_phase_id", "phase_id"]
"""Columns on which the points depend that a unit deployed by an earlier phase takes off a WIN phase."""


@dataclass(frozen=True)
class Reach(Paths):
    """The frames of deployment and deterrence; each is computed when first asked for."""

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
        from_home = pd.MultiIndex.from_frame(frame.loc[frame["home_fraction"].notna(), by_source])
        found["from_home"] = pd.MultiIndex.from_frame(found[by_source]).isin(from_home)
        groups = found.groupby([*force, "steps", "lifted", "alone", "from_home"])["source_id"]
        first, others = groups.transform("first"), groups.transform("size") - 1
        found["column_id"] = first.where(others == 0, first + "&" + others.astype(str))
        return found[[*by_source, "column_id"]]

    def with_lift(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Adds is_lifted: whether a path takes lift, which it does only from outside the theater."""
        lifted = self.lift_needs[FORCE].drop_duplicates().assign(takes_lift=True)
        merged = frame.merge(lifted, on=FORCE, how="left")
        takes_lift = merged.pop("takes_lift").notna()
        return merged.assign(is_lifted=takes_lift & ~merged["is_within"])

    @cached_property
    def members(self) -> pd.DataFrame:
        """The sources of each column: the rows of ``paths`` with their column_id."""
        return self.paths.merge(self.columns, on=[*SOURCE, "scenario_id"])

    @cached_property
    def deployments(self) -> pd.DataFrame:
        """The deployments that exist: one row for each DEPLOYMENT, in order of phases.

        With actor_id, is_merged, quality_factor, order, kind, available_fraction, home_fraction, is_lifted,
        is_unrivaled and limit, a number that is equal where the usable parts are.
        """
        members = self.with_lift(self.members)
        parts = ["usable_fraction", "available_fraction", "home_fraction"]
        limits = signatures(members, DEPLOYMENT, ["source_id", *parts])
        extra = [
            "actor_id",
            "is_merged",
            "quality_factor",
            "order",
            "kind",
            "available_fraction",
            "home_fraction",
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
        rows = list(zip(keys(frame, by), frame["order"].to_list(), strict=True))
        limits: dict[Any, dict[int, float]] = {}
        may_fall = set()
        for (key, order), value, unrivaled in zip(
            rows, frame[limit].to_list(), frame["is_unrivaled"].to_list(), strict=True
        ):
            limits.setdefault(key, {}).setdefault(order, value)
            if unrivaled:
                may_fall.add((key, order))
        follows = {
            (key, order)
            for key, by_order in limits.items()
            for order, later in pairwise(sorted(by_order))
            if by_order[order] == by_order[later] and (key, order) not in may_fall
        }
        return frame[[row not in follows for row in rows]].reset_index(drop=True) if follows else frame

    @cached_property
    def limited(self) -> pd.DataFrame:
        """The deployments of lone forces, once where phases and scenarios share what an unrivaled column deploys."""
        held = self.held
        stands = (held["held_scenario_id"] == held["scenario_id"]) & (
            held["held_phase_id"] == held["phase_id"]
        )
        return held[~held["is_merged"] & (stands | ~held["is_unrivaled"])]

    @cached_property
    def serving(self) -> pd.DataFrame:
        """The deployments of lone forces that a force's free units limit in a phase, with has_reserves.

        That is whether the force has units kept for theaters.
        """
        frame = self.last_of_alike(self.limited, [*FORCE, "scenario_id"], "available_fraction")
        kept = pd.MultiIndex.from_frame(self.index.theater_reserves[FORCE])
        return frame.assign(has_reserves=pd.MultiIndex.from_frame(frame[FORCE]).isin(kept))

    @cached_property
    def supply(self) -> pd.DataFrame:
        """What a deployed unit adds to a need: the rows of ``held``, capability_id, effect_points."""
        on = ["unit_type_id", "theater_id", "phase_id", "scenario_id"]
        frame = self.held.merge(self.useful, on=on)
        frame["effect_points"] = frame["type_points"] * frame["quality_factor"]
        return frame.sort_values([*DEPLOYMENT, "capability_id"], ignore_index=True)

    @cached_property
    def lost_fractions(self) -> pd.DataFrame:
        """What is lost before a WIN phase: unit_type_id, phase_id, earlier_phase_id and lost_fraction, above 0.

        The fraction is the attrition of the earlier phase, of what the phases between leave. Taken off what is deployed
        by the WIN phase, these parts of what is deployed by each earlier phase leave the survivors.
        """
        by = ["unit_type_id", "phase_id"]
        if self.index.problem["attrition"].empty:
            return no_rows([*by, "earlier_phase_id", "lost_fraction"])
        deter = self.phases.loc[self.phases["kind"] == "DETER", ["phase_id", "order"]]
        wins = self.phases.loc[self.phases["kind"] == "WIN", ["phase_id", "order"]]
        frame = self.index.problem["attrition"].merge(deter, on="phase_id")
        frame = frame.merge(wins, how="cross", suffixes=("_earlier", ""))
        frame = frame[frame["order_earlier"] < frame["order"]]
        frame = frame.rename(columns={"phase_id_earlier": "earlier_phase_id"})
        frame = frame.sort_values([*by, "order_earlier"], ascending=False, ignore_index=True)
        survives = 1.0 - frame["attrition_fraction"]
        later = survives.groupby([frame[name] for name in by]).shift(fill_value=1.0)
        between = later.groupby([frame[name] for name in by]).cumprod()
        frame["lost_fraction"] = frame["attrition_fraction"] * between
        return frame.loc[frame["lost_fraction"] > 0, [*by, "earlier_phase_id", "lost_fraction"]]

    @cached_property
    def losses(self) -> pd.DataFrame:
        """Points lost before a WIN phase: DEPLOYMENT, actor_id, capability_id, earlier_phase_id, lost_points."""
        columns = [*DEPLOYMENT, "actor_id", "capability_id", "earlier_phase_id", "lost_points"]
        if self.lost_fractions.empty:
            return no_rows(columns)
        wins = self.supply.merge(self.lost_fractions, on=["unit_type_id", "phase_id"])
        earlier = self.deployments[[*COLUMN, "theater_id", "scenario_id", "phase_id"]]
        earlier = earlier.rename(columns={"phase_id": "earlier_phase_id"})
        frame = wins.merge(earlier, on=list(earlier.columns))
        frame["lost_points"] = frame["effect_points"] * frame["lost_fraction"]
        return frame[columns]

    @cached_property
    def lift_uses(self) -> pd.DataFrame:
        """What deployments take of lift: the rows of ``held``, lift_pool_id, lift_points, capacity_points."""
        if self.lift_needs.empty:
            return no_rows([*HELD, *WHEN, "lift_pool_id", "lift_points", "capacity_points"])
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
