"""Which deployments exist: the paths, and what of them is merged.

What no row can tell apart is deployed together, in two ways:

* A *pool* merges allied forces of one type that stand only at home, in one staging area, with the same
  readiness, quality, availability, lift and command, which share their support if they need or give any. The lead
  actor and possible holders of a command are never merged, nor is a force of which some is kept for a theater.
* A *column* merges sources of one force in one scenario, if each reaches the same theaters by the same phases,
  or if the scenario gives the force one theater alone; lifted and unlifted sources stay apart, and so do a
  source whose usable part falls from phase to phase, and sets with the home whose units take them up.

Merging is exact. Each member's usable units do not fall from phase to phase, and neither does what is deployed
to any theater. So each phase's growth can be given to members that have usable units left: there are enough,
since the sum of the deployed never exceeds the sum of the usable, and each of them can reach the theater. Every
member's deployment therefore exists; ``deployment_shares`` writes it out.

Two more mergers lose nothing, since deploying more never hurts but by attrition, lift, rivals and support that is
needed:

* A phase shares the variables of the next one if the usable parts and the theaters are the same, the type suffers
  no attrition in it and needs no support, and lift is no tighter: deploying the next phase's units one phase earlier
  keeps every row.
* A column is *unrivaled* in a scenario if it is the force's only one there, serves one theater, needs no lift and no
  support and its type suffers no attrition. It deploys all it has, so scenarios in which it has the same usable part
  share its variables, and no row needs to keep it from falling.

Where an earlier phase's row follows from the next one's, because what is deployed does not fall in between and
the limit is the same, only the next one's is written.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import pandas as pd

from optimizer.formulation.frames.index import FORCE, Index, no_rows
from optimizer.formulation.frames.paths import SOURCE, Paths, name_of_alike
from optimizer.formulation.frames.signatures import signatures
from optimizer.formulation.frames.support import SUPPORT, support_by_type, support_groups
from optimizer.tables.keyed import is_among, joined, keys

COLUMN = ["pool_id", "unit_type_id", "column_id"]
DEPLOYMENT = [*COLUMN, "theater_id", "phase_id", "scenario_id"]
HELD = ["pool_id", "unit_type_id", "held_column_id", "theater_id", "held_phase_id", "held_scenario_id"]
FORCE_SCENARIO = ["pool_id", "unit_type_id", "scenario_id"]
WHEN = ["phase_id", "scenario_id"]
LOSS = ["pool_id", "unit_type_id", "theater_id", "capability_id", "earlier_phase_id", "phase_id"]
"""Columns on which the points depend that a unit deployed by an earlier phase takes off a WIN phase."""


@dataclass(frozen=True)
class Reach(Paths):
    """The frames of deployment and deterrence; each is computed when first asked for."""

    @cached_property
    def columns(self) -> pd.DataFrame:
        """Which column a source belongs to in a scenario: SOURCE, scenario_id, column_id.

        A column is named by ``name_of_alike`` of its sources, such as GERMANY&2.
        """
        by_source = [*SOURCE, "scenario_id"]
        frame = self.with_lift(self.paths)
        frame["lifted"] = frame["theater_id"].where(frame["is_lifted"], "")
        steps = signatures(frame, by_source, ["phase_id", "theater_id"])
        lifted = signatures(frame[[*by_source, "lifted"]].drop_duplicates(), by_source, ["lifted"])
        falling = set(keys(frame[frame["falls"]], by_source))
        from_home = set(keys(frame[frame["home_fraction"].notna()], by_source))
        theaters = Counter(each[:3] for each in set(keys(frame, [*FORCE_SCENARIO, "theater_id"])))
        columns: dict[Any, list[Any]] = {}
        for source in sorted(steps):
            pool, unit_type, name, scenario = source
            force = (pool, unit_type, scenario)
            alike = (
                steps[source] if theaters[force] > 1 else 0,
                lifted[source],
                name if source in falling else "",
                source in from_home,
            )
            columns.setdefault((force, alike), []).append(source)
        rows = []
        for sources in columns.values():
            column = name_of_alike([name for _, _, name, _ in sources])
            rows += [(*source, column) for source in sources]
        return pd.DataFrame(sorted(rows), columns=[*by_source, "column_id"], dtype="str")

    def with_lift(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Adds is_lifted: whether a path takes lift, which it does only from outside the theater."""
        takes_lift = is_among(frame, FORCE, set(keys(self.lift_needs, FORCE)))
        return frame.assign(is_lifted=takes_lift & ~frame["is_within"])

    @cached_property
    def members(self) -> pd.DataFrame:
        """The sources of each column: the rows of ``paths`` with their column_id."""
        return joined(self.paths, self.columns, [*SOURCE, "scenario_id"])

    @cached_property
    def deployments(self) -> pd.DataFrame:
        """The deployments that exist: one row for each DEPLOYMENT, in order of phases.

        With actor_id, is_merged, quality_factor, order, kind, available_fraction, home_fraction, is_lifted,
        needs_support, is_unrivaled and limit, a number that is equal where the usable parts are.
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
        frame["limit"] = [limits[deployment] for deployment in keys(frame, DEPLOYMENT)]
        targets = set(keys(frame, [*FORCE_SCENARIO, "column_id", "theater_id"]))
        alone = {force for force, count in Counter(each[:3] for each in targets).items() if count == 1}
        suffering = {unit_type for unit_type, _ in self._attrition}
        falling = set(keys(members[members["falls"]], FORCE_SCENARIO))
        frame["needs_support"] = frame["unit_type_id"].isin(self._supported)
        frame["is_unrivaled"] = (
            is_among(frame, FORCE_SCENARIO, alone - falling)
            & ~is_among(frame, ["unit_type_id"], suffering)
            & ~frame["is_lifted"]
            & ~frame["needs_support"]
        )
        path = [*COLUMN, "theater_id", "scenario_id", "order"]
        return frame.sort_values(path, ignore_index=True)

    @cached_property
    def held(self) -> pd.DataFrame:
        """The deployment that stands for each: the rows of ``deployments``, with three columns more.

        held_column_id, held_phase_id and held_scenario_id name it; it may be the row's own.
        """
        frame = self.deployments.assign(held_phase_id=self._last_phases_alike)
        own = keys(frame, ["column_id", "held_phase_id", "scenario_id"])
        alike = keys(frame, ["pool_id", "unit_type_id", "theater_id", "limit"])
        first: dict[Any, Any] = {}
        held = [
            first.setdefault(key, name) if is_unrivaled else name
            for key, name, is_unrivaled in zip(alike, own, keys(frame, ["is_unrivaled"]), strict=True)
        ]
        for place, column in enumerate(("held_column_id", "held_phase_id", "held_scenario_id")):
            frame[column] = pd.array([name[place] for name in held], dtype="str")
        return frame

    @property
    def _last_phases_alike(self) -> list[str]:
        """By row of ``deployments``, the last phase up to which each shares the variables of the next one."""
        frame = self.deployments
        capacity = signatures(self.index.problem["lift"], WHEN, ["lift_pool_id", "capacity_points"])
        lift = zip(keys(frame, WHEN), keys(frame, ["is_lifted"]), strict=True)
        room = [capacity.get(when, 0) if is_lifted else 0 for when, is_lifted in lift]
        states = list(zip(keys(frame, [*COLUMN, "theater_id", "scenario_id", "limit"]), room, strict=True))
        is_lost = is_among(frame, ["unit_type_id", "phase_id"], self._attrition)
        stands_alone = (frame["needs_support"] | is_lost).to_list()
        phases = keys(frame, ["phase_id"])
        for place in reversed(range(len(phases) - 1)):
            if states[place] == states[place + 1] and not stands_alone[place]:
                phases[place] = phases[place + 1]
        return phases

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
        kept = set(keys(self.index.theater_reserves, FORCE))
        return frame.assign(has_reserves=is_among(frame, FORCE, kept))

    @cached_property
    def supply(self) -> pd.DataFrame:
        """What a deployed unit adds to a need: the rows of ``held``, capability_id, effect_points."""
        on = ["unit_type_id", "theater_id", "phase_id", "scenario_id"]
        frame = joined(self.held, self.useful, on)
        frame["effect_points"] = frame["type_points"] * frame["quality_factor"]
        return frame[frame["effect_points"] > 0].sort_values(
            [*DEPLOYMENT, "capability_id"], ignore_index=True
        )

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

    @property
    def _attrition(self) -> set[tuple[str, str]]:
        """Types and phases in which units of the type are lost."""
        attrition = self.index.problem["attrition"]
        return set(keys(attrition[attrition["attrition_fraction"] > 0], ["unit_type_id", "phase_id"]))

    @property
    def _supported(self) -> pd.Series:
        """Types of which a deployed unit needs support from others."""
        support = support_by_type(self.index)
        return support.loc[support["net_points"] < 0, "unit_type_id"]

    @cached_property
    def support(self) -> pd.DataFrame:
        """What deployments give of support, or need: the rows of ``held`` with SUPPORT and net_points.

        Only where something that needs support can be deployed.
        """
        frame = self.held.merge(support_by_type(self.index), on="unit_type_id")
        frame["support_group_id"] = frame["actor_id"].map(support_groups(self.index))
        needs = (frame["net_points"] < 0).groupby([frame[name] for name in SUPPORT]).transform("any")
        return frame[needs]

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
