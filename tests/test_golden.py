"""The rows of each family on a small problem, as text to be read and compared; ``pytest --accept`` rewrites them."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from small_problem import rows, small_problem, small_tables
from tiny_cases import allied, tiny_problem
from tiny_cases import rule as policy_rule

from optimizer import formulation
from optimizer.checks import check
from optimizer.checks.model import model_findings
from optimizer.formulation import FAMILIES, model_of
from optimizer.formulation.family import Family
from optimizer.formulation.frames.index import build_index
from optimizer.objectives import LEAD_COST, WORST_BURDEN, Asked
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.matrix import Matrix
from optimizer.tables.problem import Problem

GOLDEN = Path(__file__).parent / "golden"
ASKED = Asked((LEAD_COST, WORST_BURDEN), lead_budget_usd_m=5000)


def golden_problem() -> Problem:
    """The small problem over two years and two phases, with something for every block.

    Latvia's home forces merge with Estonia's, and some are reserved; one rule is priced on both sides.
    """
    tables: dict[str, Any] = {
        name: [row for row in table if row.get("phase_id") != "D0"] for name, table in small_tables().items()
    }

    for table, cells in (
        ("actors", {"name": "Latvia"}),
        ("actor_unit_types", {"reserved_count": 1}),
        ("owned_today", {"owned_count": 3}),
        ("support_sharing", {}),
        ("actor_years", {"spending_ceiling_fraction": None, "spending_ramp_fraction_per_yr": None}),
    ):
        estonian = [row for row in tables[table] if row["actor_id"] == "EST"]
        tables[table] += [{**row, "actor_id": "LVA", **cells} for row in estonian]
    for rule in tables["policy_rules"]:
        if rule["policy_rule_id"] == "POLISH_BATTALION":
            rule["penalty_usd_m"] = 15
    tables["periods"] = tables["periods"][:2]
    del tables["settings"]
    return small_problem(**tables, settings={"year_count": 2})


@pytest.fixture(scope="module")
def matrix() -> Matrix:
    problem = golden_problem()
    index = build_index(problem, ASKED)
    assert [*check(problem), *model_findings(index)] == []
    return compile_matrix(index)


def periods_problem() -> Problem:
    """One, one and three years: an order, paces, a ramp, a lag, a rule, and an ally that raises at a price."""
    tables = allied(20)
    tables["actor_unit_types"][0].update(
        lead_time_yr=2,
        raise_cost_usd_m_per_unit=600,
        maximum_raised_count_per_yr=2,
        maximum_disbanded_count_per_yr=1,
        disband_cost_usd_m_per_unit=100,
    )
    tables["actor_unit_types"][1].update(raise_cost_usd_m_per_unit=300, maximum_raised_count_per_yr=1)
    tables["actors"][1]["response_speed_fraction"] = "0.5"
    return tiny_problem(
        {"year_count": None, "discount_rate_fraction": 0.25},
        **tables,
        periods=rows("year", "2026", "2027", "2030"),
        owned_today=rows("actor_id unit_type_id owned_count", "USA BRIGADE 4"),
        stationed_today=rows(
            "actor_id unit_type_id site_id mode stationed_count", "USA BRIGADE CAMP PERMANENT 4"
        ),
        on_order=rows("actor_id unit_type_id year arriving_count", "USA BRIGADE 2028 1"),
        actor_years=rows(
            "actor_id year gdp_usd_m spending_usd_m_per_yr spending_ramp_fraction_per_yr"
            " reference_spending_usd_m_per_yr floor_spending_usd_m_per_yr",
            "ALY 2025 100000 2000 0.01 5000 1000",
        ),
        responses=rows("actor_id theater_id response_usd_m_per_point_yr", "ALY EAST 100"),
        site_group_limits=rows(
            "site_group_id actor_id year maximum_withdrawal_persons_per_yr", "CAMP USA 2025 4000"
        ),
        stability_limits=rows("actor_id year maximum_moves_count move_price_usd_m_per_unit", "USA 2025 1 50"),
        policy_rules=policy_rule("DISBANDED_COUNT", "AT_MOST", 0.5, first_year=2028, last_year=2028),
    )


PERIODS = ("force_structure", "basing", "allied_spending", "allied_response", "transition", "policy_rules")
"""Families that look at how many years a period stands for."""


def name_of(family: Family) -> str:
    return family.name


def title_of(family: Family) -> str:
    return str(family.module.__doc__).partition("\n")[0]


def linear(coefficients: np.ndarray, names: list[str]) -> list[str]:
    """The terms of a linear expression, such as ``- 2.5 owned[USA,BRIGADE,2026]``."""
    terms = zip(coefficients.tolist(), names, strict=True)
    return [f"{'-' if value < 0 else '+'} {abs(value):.12g} {name}" for value, name in terms]


def bound_lines(matrix: Matrix, columns: np.ndarray, names: list[str]) -> Iterator[str]:
    for column in columns:
        low, high = matrix.column_lower[column], matrix.column_upper[column]
        if low == high:
            yield f" {names[column]} = {low:.12g}"
        elif np.isinf([low, high]).all():
            yield f" {names[column]} free"
        elif np.isinf(high):
            if low != 0:
                yield f" {names[column]} >= {low:.12g}"
        else:
            yield f" {low:.12g} <= {names[column]} <= {high:.12g}"


def family_text(matrix: Matrix, family: Family) -> str:
    """A family's rows, and the bounds of the columns in them; a column without bounds is 0 or more."""
    row_names, column_names = matrix.row_names(), matrix.column_names()
    lines, used = [], []
    for block in family.rows:
        for row in matrix.rows[block].positions if block in matrix.rows else []:
            part = slice(*matrix.coefficients.indptr[row : row + 2])
            columns = matrix.coefficients.indices[part]
            terms = linear(matrix.coefficients.data[part], [column_names[column] for column in columns])
            low, high = matrix.row_lower[row], matrix.row_upper[row]
            assert low == high or np.isinf([low, high]).sum() == 1
            side = (
                f"= {low:.12g}" if low == high else f"<= {high:.12g}" if np.isinf(low) else f">= {low:.12g}"
            )
            lines.append(f" {row_names[row]}: {' '.join(terms)} {side}")
            used += columns.tolist()
    columns = np.unique(used)
    whole = [f" {column_names[column]}" for column in columns if matrix.is_integer[column]]
    return "\n".join(
        [
            f"\\ {title_of(family)}",
            "Subject To",
            *lines,
            "Bounds",
            *bound_lines(matrix, columns, column_names),
            *(["General", *whole] if whole else []),
            "End\n",
        ]
    )


def objective_text(matrix: Matrix) -> str:
    """The cost vectors, a term to a line; the first two together are minimized."""
    names = matrix.column_names()
    lines = ["\\ What is minimized, lead_cost + penalty, what else can be, and the costs that break ties"]
    for objective, cost in matrix.costs.items():
        columns = np.flatnonzero(cost)
        lines += [f"\\ {objective}", "Minimize", f" {objective}:"]
        lines += [f"  {term}" for term in linear(cost[columns], [names[column] for column in columns])]
        lines.append(f"  + {matrix.offsets[objective]:.12g}")
    return "\n".join([*lines, "End\n"])


def compare(path: Path, text: str, accept: bool) -> None:
    if accept:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode())
    assert path.exists(), f"{path.name} is missing: pytest --accept"
    assert path.read_bytes().decode() == text, (
        f"{path.name} differs: read the difference, then pytest --accept"
    )


@pytest.mark.parametrize("family", FAMILIES, ids=name_of)
def test_family(family: Family, matrix: Matrix, accept: bool) -> None:
    compare(GOLDEN / f"{name_of(family)}.lp", family_text(matrix, family), accept)


def test_objective(matrix: Matrix, accept: bool) -> None:
    compare(GOLDEN / "objective.lp", objective_text(matrix), accept)


def test_periods_of_several_years(accept: bool) -> None:
    problem = periods_problem()
    index = build_index(problem)
    assert [*check(problem), *model_findings(index)] == []
    matrix = compile_matrix(index)
    families = [family_text(matrix, family) for family in FAMILIES if family.name in PERIODS]
    compare(GOLDEN / "periods.lp", "\n".join([*families, objective_text(matrix)]), accept)


def test_every_block_has_a_golden_row() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*map(name_of, FAMILIES), "objective", "periods"}
    for family in FAMILIES:
        text = (GOLDEN / f"{name_of(family)}.lp").read_text(encoding="utf-8")
        assert set(re.findall(r"^ (\w+)\[.*?\]:", text, re.MULTILINE)) == set(family.rows)


def test_every_variable_has_a_golden_term(matrix: Matrix) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.lp"))
    assert {name for name in matrix.columns if f" {name}[" not in text} == set()


def test_rows_names_the_blocks_that_a_family_adds(monkeypatch: pytest.MonkeyPatch) -> None:
    added: dict[str, list[str]] = {}

    def recording(family: Family) -> Family:
        def add_rows(m: Any, index: Any) -> None:
            before = set(m.rows)
            family.add_rows(m, index)
            added[family.name] = [name for name in m.rows if name not in before]

        return replace(family, add_rows=add_rows)

    monkeypatch.setattr(formulation, "FAMILIES", tuple(map(recording, FAMILIES)))
    model_of(build_index(golden_problem(), ASKED))
    assert {name: set(blocks) for name, blocks in added.items()} == {
        family.name: set(family.rows) for family in FAMILIES
    }


@pytest.mark.parametrize("family", FAMILIES, ids=name_of)
def test_blocks_and_variables_stand_in_the_docstring(family: Family) -> None:
    documented = set(re.findall(r"^ {4}(\w+)", str(family.module.__doc__), re.MULTILINE))
    assert set(family.rows) <= documented
    for block in family.rows:
        assert getattr(family.module, block).__doc__
