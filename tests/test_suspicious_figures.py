"""Figures a thousandfold off their like are warnings, and shipped cases have none."""

from pathlib import Path
from typing import Any

import pytest
from commands import posture
from small_problem import small_problem, small_tables

from optimizer.cases.read import alternatives, read_case, shipped_cases, write_case
from optimizer.checks.figures import warnings

NAMES = [(name, other) for name, folder in shipped_cases().items() for other in (None, *alternatives(folder))]


@pytest.mark.parametrize(("name", "alternative"), NAMES)
def test_shipped_cases_have_no_warnings(name: str, alternative: str | None) -> None:
    assert warnings(read_case(name, alternative)) == []


def years(*figures: float) -> list[dict[str, Any]]:
    rows = small_tables()["actor_years"]
    more = [{"actor_id": "POL", "year": 2030 + i, "gdp_usd_m": gdp} for i, gdp in enumerate(figures)]
    return [*(row for row in rows if row["actor_id"] != "POL" or int(row["year"]) < 2030), *more]


@pytest.mark.parametrize("figure", [900, 2500, 850_000_000])
def test_a_figure_off_its_siblings_is_a_warning(figure: float) -> None:
    (finding,) = warnings(small_problem(actor_years=years(860_000, 870_000, figure, 890_000)))
    assert (finding.code, finding.severity) == ("FIGURE_SUSPICIOUS", "warning")
    assert finding.path == "actor_years[POL/2032].gdp_usd_m"


@pytest.mark.parametrize(
    "figures", [(860_000, 9_000, 870_000, 880_000), (8_700, 870_000), (1, 30, 900, 30_000)]
)
def test_figures_that_differ_otherwise_are_no_warnings(figures: tuple[float, ...]) -> None:
    assert warnings(small_problem(actor_years=years(*figures))) == []


def test_a_figure_far_from_its_source_is_a_warning() -> None:
    sources = small_tables()["sources"]
    row = {
        "table_name": "sites",
        "row_key": "EST_TAPA",
        "column_name": "capacity_persons",
        "source": "x",
        "verified": True,
    }
    for low, high, count in ((2_000, 4_000, 0), (2, 4, 1), (2_000_000, 4_000_000, 1)):
        problem = small_problem(sources=[*sources, {**row, "low": low, "high": high}])
        assert len(warnings(problem)) == count


def test_commands_tell_warnings_and_go_on(tmp_path: Path) -> None:
    write_case(small_problem(actor_years=years(860_000, 870_000, 880, 890_000)), tmp_path / "case")
    run = posture("check", "case", folder=tmp_path)
    assert run.returncode == 0
    assert "no errors, 1 warning; digest" in run.stdout
    assert "about a thousandfold off its like" in run.stderr
    run = posture("solve", "case", "--relax", "--json", folder=tmp_path)
    assert run.stdout.startswith("{")
    assert [line[:30] for line in run.stderr.splitlines() if "FIGURE_SUSPICIOUS" in line] == [
        "warning: actor_years[POL/2032]"
    ]
