"""Deploying together what no row can tell apart loses nothing and gains nothing."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import problem_of, random_tables
from small_problem import rows, small_problem
from tiny_cases import THOROUGH, audit_findings, optimum_of, tiny_problem

from optimizer.cases.read import read_case
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation.frames.index import FORCE, Index, build_index
from optimizer.formulation.frames.paths import SOURCE
from optimizer.formulation.frames.reach import COLUMN, Reach, reach_of
from optimizer.tables.problem import Problem


class LiteralReach(Reach):
    """Nothing is merged and nothing left out.

    Every force is its own pool; every site and mode a source of its own, and a column; every phase and scenario has
    its own deployment, useful or not; every row is written.
    """

    @property
    def pools(self) -> pd.DataFrame:
        forces = self.index.forces
        return forces[FORCE].assign(pool_id=forces["actor_id"], is_merged=False)

    @property
    def source_places(self) -> pd.DataFrame:
        places = self.index.places
        is_guest = places["host_actor_id"] != places["actor_id"]
        return places.assign(
            source_id=places["site_id"] + "/" + places["mode"],
            access_host_id=places["host_actor_id"].where(is_guest, ""),
        )

    @property
    def served(self) -> pd.DataFrame:
        problem, order = self.index.problem, self.phases[["phase_id", "order"]]
        last = self.needs.merge(order, on="phase_id").groupby("scenario_id")["order"].max()
        frame = problem["unit_types"][["unit_type_id"]].merge(problem["scenario_theaters"], how="cross")
        frame = frame.merge(last.rename("last").reset_index(), on="scenario_id").merge(order, how="cross")
        return frame[frame["order"] <= frame["last"]].drop(columns=["order", "last"])

    @property
    def columns(self) -> pd.DataFrame:
        frame = self.paths[[*SOURCE, "scenario_id"]].drop_duplicates(ignore_index=True)
        return frame.assign(column_id=frame["source_id"])

    @property
    def deployments(self) -> pd.DataFrame:
        return super().deployments.assign(is_unrivaled=False)

    @property
    def held(self) -> pd.DataFrame:
        frame = self.deployments
        return frame.assign(
            held_column_id=frame["column_id"],
            held_phase_id=frame["phase_id"],
            held_scenario_id=frame["scenario_id"],
        )

    def last_of_alike(self, frame: pd.DataFrame, by: list[str], limit: str) -> pd.DataFrame:
        return frame


def nothing_merged(index: Index) -> Index:
    """The same problem, all of whose deployments are literal."""
    literal = Index(index.problem, index.asked)
    literal.computed["reach"] = LiteralReach(literal)
    return literal


def agree(problem: Problem, relax: bool) -> bool:
    """Compares both formulations and audits the merged plan; says whether there is one."""
    index = build_index(problem)
    if model_findings(index):
        return False
    merged, literal = optimum_of(index, relax), optimum_of(nothing_merged(index), relax)
    assert merged.answer.termination == literal.answer.termination
    if merged.is_infeasible:
        return False
    assert merged.objective == pytest.approx(literal.objective, rel=1e-7, abs=1e-4)
    # A relaxed site that is open in part may open and close at once, of which no table tells.
    is_mixed = relax and bool(merged.of("opening").keys() & merged.of("closing").keys())
    assert is_mixed or audit_findings(problem, merged, relax) == []
    return True


def test_the_literal_formulation_merges_nothing() -> None:
    index = build_index(small_problem())
    reach, literal = reach_of(index), reach_of(nothing_merged(index))
    assert not literal.pools["is_merged"].any()
    assert not literal.variables.duplicated([*COLUMN, "theater_id", "phase_id", "scenario_id"]).any()
    assert len(literal.variables) == len(literal.deployments) > 2 * len(reach.variables)
    assert len(literal.stays) > len(reach.stays)


@pytest.mark.parametrize("relax", [True, False])
def test_the_small_problem(relax: bool) -> None:
    assert agree(small_problem(), relax)


def test_the_hand_case() -> None:
    assert agree(read_case("hand_no_response"), relax=True)


def test_a_merged_pool_is_never_taken_for_an_actor() -> None:
    """X and Y are deployed together, under a name that a third ally may have too."""
    allies = ["X", "Y", "X+1"]
    force = "actor_id unit_type_id own_cost_usd_m_per_unit_yr maximum_owned_count readiness_class_id"
    problem = tiny_problem(
        actors=rows(
            "actor_id home_staging_area_id", "USA AMERICA", "ALY -", *[f"{ally} EAST_AREA" for ally in allies]
        ),
        actor_unit_types=rows(
            force, "USA BRIGADE 2500 20 READY", *[f"{ally} BRIGADE 1000 1 READY" for ally in allies]
        ),
        site_access=rows("site_id actor_id", "CAMP USA", "CAMP X+1"),
    )
    # Three brigades of allies and four of the lead actor, unless such a name is refused.
    assert check(problem) or optimum_of(build_index(problem)).objective == pytest.approx(4 * 2500)


def test_a_staging_area_is_never_taken_for_home() -> None:
    """Units stationed in an area of that name start from there, and need no way to the theater."""
    problem = tiny_problem(
        staging_areas=rows("staging_area_id theater_id", "AMERICA -", "ALYLAND -", "HOME EAST"),
        sites=rows("site_id host_actor_id staging_area_id", "CAMP ALY HOME"),
        readiness_classes=rows(
            "readiness_class_id mode notice_to_move_days",
            "READY PERMANENT 0",
            "READY ROTATIONAL 0",
            "READY HOME 0",
        ),
        readiness=rows(
            "readiness_class_id mode phase_id ready_fraction",
            "READY PERMANENT D30 1",
            "READY ROTATIONAL D30 1",
        ),
    )
    assert check(problem) or optimum_of(build_index(problem)).objective == pytest.approx(7 * 2600)


@settings(max_examples=10 * THOROUGH, deadline=None)
@given(st.integers(0, 10**6), st.booleans())
def test_random_problems(seed: int, relax: bool) -> None:
    agree(problem_of(random_tables(seed)), relax)
