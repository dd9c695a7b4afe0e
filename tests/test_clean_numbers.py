"""No table of a result shows the noise of arithmetic, and its sums still hold."""

import math
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_problem import small_problem

from forceposture.command.result_files import write_results
from optimizer.benchmark.instances.generator import instance
from optimizer.cases.read import read_case
from optimizer.plan.clean_numbers import clean
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

NOISE = re.compile(r"(?<![^,\n])-0\.0(?![^,\n])|\d\.\d*(?:0{7}|9{7})\d*|\d\.\d{10,}")
"""A cell that is minus zero, or a number with a long run of zeros or nines, or more than nine decimals."""


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        (2.0000000000000036, 2.0),
        (10349.999999999998, 10350.0),
        (0.30000000000000004, 0.3),
        (-0.0, 0.0),
        (-3e-12, 0.0),
        (1e-9, 1e-9),
        (1 / 3, 0.333333333),
        (0.759999999998, 0.76),
        (-123456789.0123, -123456789.012),
        (999999999999.9999, 1e12),
        (1234567890123456.0, 1234567890123456.0),
        (math.inf, math.inf),
        (-math.inf, -math.inf),
    ],
)
def test_numbers(value: float, cleaned: float) -> None:
    assert repr(float(clean(value))) == repr(cleaned)


def test_what_is_empty_stays_empty() -> None:
    assert np.isnan(clean([np.nan, 1.0])).tolist() == [True, False]
    assert clean([]).tolist() == []


@given(st.floats(-1e11, 1e11))
def test_a_number_keeps_twelve_digits_and_stays_clean(value: float) -> None:
    once = float(clean(value))
    assert once == pytest.approx(value, rel=6e-12, abs=1e-9)
    assert repr(float(clean(once))) == repr(once)
    digits, _, decimals = np.format_float_positional(abs(once), trim="-").partition(".")
    assert len((digits + decimals).lstrip("0")) <= 12
    assert len(decimals) <= 9


@pytest.mark.parametrize(
    ("problem", "relax"),
    [
        pytest.param(read_case("hand"), False, id="hand"),
        pytest.param(small_problem(), False, id="small"),
        pytest.param(small_problem(), True, id="small, relaxed"),
        pytest.param(instance(3, 2_000, whole=False), True, id="made up"),
    ],
)
def test_no_file_of_a_result_shows_noise(tmp_path: Path, problem: Problem, relax: bool) -> None:
    write_results(tmp_path, problem, solve(problem, SolveOptions(relax=relax)), [])
    texts = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*.csv")}
    assert texts
    assert {name: found for name, text in texts.items() if (found := NOISE.findall(text))} == {}


def test_sums_of_clean_numbers_hold() -> None:
    solution = solve(instance(3, 10_000, whole=False), SolveOptions())
    outcome = solution.outcome
    assert outcome["audit_passed"], outcome["audit_findings"]
    ledger = solution.tables["ledger"]
    paid = ledger.loc[ledger["actor_id"] == ledger["actor_id"].mode()[0], "discounted_usd_m"]
    assert len(paid) > 10
    lead = outcome["lead_cost_usd_m"] + outcome["penalty_usd_m"]
    assert lead == pytest.approx(outcome["objective_usd_m"], rel=1e-9)
