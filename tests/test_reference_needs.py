"""The needs of the reference say "as safe as today": they follow from today's posture by the stated margins."""

import runpy
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from optimizer.cases.read import read_case
from optimizer.questions.score import score
from optimizer.tables.schema import PROBLEM_TABLES

SCRIPT: dict[str, Any] = runpy.run_path(str(Path(__file__).parents[1] / "data" / "derive_needs.py"))


@cache
def scored() -> pd.DataFrame:
    return score(read_case("reference")).tables["need_scores"]


def test_the_file_is_what_the_script_writes() -> None:
    problem = read_case("reference")
    table = PROBLEM_TABLES["requirements"]
    again = table.typed(SCRIPT["derived"](problem)).sort_values(list(table.key), ignore_index=True)
    pd.testing.assert_frame_equal(problem["requirements"], again[problem["requirements"].columns])


def test_todays_posture_meets_every_need_with_the_stated_margin() -> None:
    frame = scored()
    margins = frame["scenario_id"].astype(str).map(SCRIPT["MARGINS"]).fillna(SCRIPT["OTHER_MARGIN"])
    assert (frame["missing_points"] == 0).all()
    assert (frame["margin_fraction"] >= margins - 1e-3).all()


def test_a_theater_is_tight_in_some_scenario() -> None:
    """Rounded down to two digits, a need of 1.0 can be a tenth below what would be exact."""
    least = scored().groupby("theater_id", observed=True)["margin_fraction"].min()
    assert (least < 0.25).all()


@pytest.mark.parametrize("theater", ["BALTIC", "CENTRAL_EUROPE", "KOREA", "JAPAN_FIRST_ISLAND_CHAIN", "GULF"])
def test_the_united_states_is_needed_wherever_it_defends(theater: str) -> None:
    frame = scored()[scored()["theater_id"] == theater]
    assert (frame["least_lead_points"] > 0).any()
