"""Variants of a problem, and comparisons of them, on the worked example."""

import contextlib
import json
from io import StringIO
from pathlib import Path

import pytest
from commands import posture
from hand_cases import changed, hand_tables, problem_of
from rich.console import Console
from typer.testing import CliRunner

from forceposture.command.cli import app
from forceposture.report import side_by_side
from optimizer.cases.read import read_case, write_case
from optimizer.checks import check
from optimizer.errors import ProblemError
from optimizer.questions import variants
from optimizer.questions.runs import at_break_even, avoidable_runs, break_even_runs
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem


def points(problem: Problem) -> dict[str, float]:
    rows = problem["requirements"]
    return dict(zip(rows["theater_id"], rows["required_points"], strict=True))


def test_requirements_fall_away() -> None:
    problem = read_case("hand")
    assert points(variants.without_requirements(problem, "B")) == {"B": 0, "K": 6}
    assert points(variants.without_requirements(problem)) == {"B": 0, "K": 0}
    assert points(variants.requiring(problem, "WIN")) == {"B": 0, "K": 0}
    assert points(variants.requiring(problem, "DETER")) == {"B": 7, "K": 6}
    assert points(problem) == {"B": 7, "K": 6}


def test_the_break_even_ratio_is_another() -> None:
    assert variants.with_break_even_ratio(read_case("hand"), 2.1).settings["break_even_ratio"] == 2.1


def test_a_variant_says_so_in_its_title() -> None:
    problem = read_case("hand")
    title = problem.settings["title"]
    for variant, what in (
        (variants.with_break_even_ratio(problem, 1.2), "break-even 1.2"),
        (variants.requiring(problem, "DETER"), "only needs to deter"),
        (variants.without_requirements(problem), "without needs"),
        (variants.without_requirements(problem, "B"), "without needs in B"),
        (variants.with_response(problem, "low"), "low responses"),
        (variants.with_response(problem, "high", "EUR"), "high response of EUR"),
        (variants.standing_alone(problem, "ROK"), "ROK alone"),
    ):
        assert variant.settings["title"] == f"{title} ({what})"
    untitled = Problem({**problem.tables, "settings": problem["settings"].assign(title=None)})
    assert variants.with_break_even_ratio(untitled, 2).settings["title"] == "Untitled case (break-even 2)"


def test_responses_take_their_stated_figures() -> None:
    given = hand_tables()
    given["responses"] = changed(given["responses"], {"actor_id": "EUR"}, low_response_usd_m_per_point_yr=0)
    problem = problem_of(given)
    for ally, expected in ((None, [0, 400]), ("EUR", [0, 400]), ("ROK", [500, 400])):
        rows = variants.with_response(problem, "low", ally)["responses"]
        assert rows["response_usd_m_per_point_yr"].to_list() == expected


def test_an_ally_alone_has_its_own_theaters_forces_and_sites() -> None:
    alone = variants.standing_alone(read_case("hand"), "ROK")
    assert variants.theaters_of(read_case("hand"), "ROK") == ["K"]
    assert points(alone) == {"B": 0, "K": 6}
    assert set(alone["actor_unit_types"]["actor_id"]) == {"ROK"}
    assert set(alone["actor_years"]["actor_id"]) == {"ROK"}
    assert alone["site_access"]["site_id"].to_list() == ["K_SITE"]
    assert check(alone) == []


@pytest.mark.parametrize("ally", ["EST", "KOR"])
def test_no_ceiling_or_ramp_of_another_ally_keeps_one_from_standing_alone(ally: str) -> None:
    problem = variants.standing_alone(read_case("reference"), ally)
    solution = solve(problem, SolveOptions(relax=True, objectives=("SHORTFALL", "LEAD_COST")))
    assert solution.outcome["plan"] == "OPTIMAL"
    assert solution.outcome["audit_findings"] == []


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (
            ["stand-alone", "hand"],
            # 7 / 0.8 = 8.75 European brigades at 1,000; 6 South Korean ones at 800.
            {"EUR": 8750, "ROK": 4800},
        ),
        # 5 brigades at 2,600 serve B alone and 2 at 2,550 K alone: nothing is joint.
        (["avoidable", "hand"], {"B": 13_000, "K": 5_100, "joint remainder": 0}),
    ],
)
def test_comparisons_as_json(arguments: list[str], expected: dict[str, float], tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        run = CliRunner().invoke(app, [*arguments, "--json"])
    assert run.exit_code == 0
    found = {row[next(iter(row))]: list(row.values())[1] for row in json.loads(run.stdout)["results"]}
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_comparison_is_written(tmp_path: Path) -> None:
    run = posture("avoidable", "hand", "--out", "shown", folder=tmp_path)
    assert (tmp_path / "shown" / "comparison.txt").read_text(encoding="utf-8") == run.stdout
    written = json.loads((tmp_path / "shown" / "comparison.json").read_text(encoding="utf-8"))
    assert [row["theater"] for row in written["results"]] == ["B", "K", "joint remainder"]
    run = posture("solve", "hand", "--beside", "alliance", "--json", "--out", "asked", folder=tmp_path)
    document = json.loads(run.stdout)
    del document["runs"]
    assert json.loads((tmp_path / "asked" / "comparison.json").read_text(encoding="utf-8")) == document


def test_a_comparison_without_plans_leaves_an_earlier_one_in_place(tmp_path: Path) -> None:
    def files() -> dict[str, bytes]:
        return {str(path): path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    arguments = ("solve", "hand", "--beside", "alliance")
    assert posture(*arguments, folder=tmp_path).returncode == 0
    before = files()
    run = posture(*arguments, "--time-limit", "0", folder=tmp_path)
    assert run.stderr.count("the earlier plan in") == 2
    assert "the earlier comparison in" in run.stderr
    assert files() == before


def test_an_ally_without_needs_has_nothing_unmet(tmp_path: Path) -> None:
    tables = hand_tables()
    tables["requirements"] = [
        {**row, "required_points": 0} if row["theater_id"] == "K" else row for row in tables["requirements"]
    ]
    write_case(problem_of(tables), tmp_path / "peace.json")
    with contextlib.chdir(tmp_path):
        run = CliRunner().invoke(app, ["stand-alone", "peace.json", "--json"])
    assert run.exit_code == 0
    alone = {row["ally"]: row for row in json.loads(run.stdout)["results"]}
    assert alone["ROK"] == {"ally": "ROK", "alone_usd_m": 0, "most_unmet_fraction": 0}


def test_a_theater_may_have_any_name(tmp_path: Path) -> None:
    """Theater K under the names that runs without needs have."""
    for name in ("any", "nothing", "everything"):
        tables = {
            table: [{k: name if v == "K" else v for k, v in row.items()} for row in rows]
            for table, rows in hand_tables().items()
        }
        write_case(problem_of(tables), tmp_path / f"{name}.json")
        with contextlib.chdir(tmp_path):
            run = CliRunner().invoke(app, ["avoidable", f"{name}.json", "--json"])
        found = {row["theater"]: row["avoidable_usd_m"] for row in json.loads(run.stdout)["results"]}
        assert found == pytest.approx({"B": 13_000, name: 5_100, "joint remainder": 0}, abs=1e-3)


def test_a_band_of_responses(tmp_path: Path) -> None:
    """EUR's response of 0, 500 or 600: x + 0.8·(5 − r·x) = 7 gives 3, 5 and 5.7692 brigades in B."""
    given = hand_tables()
    given["responses"] = changed(
        given["responses"],
        {"actor_id": "EUR"},
        low_response_usd_m_per_point_yr=0,
        high_response_usd_m_per_point_yr=600,
    )
    write_case(problem_of(given), tmp_path / "band.json")
    with contextlib.chdir(tmp_path):
        run = CliRunner().invoke(app, ["solve", "band.json", "--band", "--json"])
    document = json.loads(run.stdout)
    assert run.exit_code == 0
    costs = {name: found["outcome"]["lead_cost_usd_m"] for name, found in document["runs"].items()}
    low, high = 2600 * 3 + 5100, 2600 * 3 / 0.52 + 5100
    assert costs == pytest.approx(
        {"low": low, "as-given": 18_100, "high": high, "EUR-low": low, "EUR-high": high}
    )
    cost, *others = document["results"]
    assert cost == pytest.approx(
        {"quantity": "Lead actor's cost, M$", "as_given": 18_100, "least": low, "greatest": high}
    )
    assert all(set(record) == set(cost) for record in others)


def test_many_runs_are_told_apart_only_where_they_differ() -> None:
    names = [f"run-{number}" for number in range(6)]
    rows = [
        ("Cost", {name: str(number % 5) for number, name in enumerate(names)}),
        ("Commander", dict.fromkeys(names, "Canada")),
        ("Raised", {"run-1": "7", "run-4": "8"}),
    ]
    page = StringIO()
    Console(file=page, width=100).print(
        *side_by_side.side_by_side(dict(zip(names, names, strict=True)), rows, "How to read it."), sep="\n"
    )
    first, second = page.getvalue().split("Side by side")[1:]
    assert "run-3" in first
    assert "Canada" in first
    assert "run-4" in second
    assert "Canada" not in second
    assert "8" in second
    assert "As run-0 in every row: run-5." in page.getvalue()


def test_words_that_are_not_known_are_refused(tmp_path: Path) -> None:
    with contextlib.chdir(tmp_path):
        for option in (["--beside", "all"], ["--break-even", "x"], ["--require", "peace"], ["--band"]):
            assert CliRunner().invoke(app, ["solve", "hand", *option]).exit_code == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--beside", "alliance", "--objective", "exposure"], "Leave out the objectives"),
        (["--break-even", "all"], "no need to deter is given as the opponent's score"),
        (["--break-even", "1.2"], "no need to deter is given as the opponent's score"),
        (["--band"], "no response states a low or a high figure"),
        (["--require", "win"], "no requirement in a phase of kind WIN"),
        (["--require", "all"], "no requirement in a phase of kind WIN"),
    ],
)
def test_what_would_ask_for_nothing_is_refused(options: list[str], words: str, tmp_path: Path) -> None:
    run = posture("solve", "hand", *options, folder=tmp_path)
    assert run.returncode == 2
    assert words in run.stderr
    assert run.stdout == ""


def scored(kind: str) -> Problem:
    """The worked example whose needs are the opponent's scores of 9, of a kind."""
    tables = hand_tables()
    return problem_of(
        {
            **tables,
            "phases": changed(tables["phases"], {}, kind=kind),
            "requirements": changed(tables["requirements"], {}, required_points=None, red_score_points=9),
        }
    )


@pytest.mark.parametrize("ratio", [0.05, 11, float("nan")])
def test_ratios_outside_their_range_are_refused(ratio: float) -> None:
    with pytest.raises(ProblemError, match=r"settings.break_even_ratio: .* outside 0.1 to 10"):
        at_break_even(scored("DETER"), ratio)


def test_break_even_is_asked_only_where_a_score_answers() -> None:
    runs = break_even_runs(scored("DETER"), SolveOptions())
    assert [run.problem.settings["break_even_ratio"] for run in runs] == [1.2, 1.5, 2.1]
    with pytest.raises(ProblemError, match="QUESTION_POINTLESS"):
        break_even_runs(scored("WIN"), SolveOptions())


@pytest.mark.parametrize("command", ["stand-alone", "avoidable"])
def test_comparisons_take_every_option_and_pass_it_on(command: str, tmp_path: Path) -> None:
    options = [
        "--deterministic",
        "--node-limit",
        "7",
        "--plain-search",
        "--budget",
        "1e6",
        "--solver",
        "simplex",
    ]
    run = posture(command, "hand", *options, "--json", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    asked = {
        "deterministic": True,
        "node_limit": 7,
        "plain_search": True,
        "lead_budget_usd_m": 1e6,
        "solver": "simplex",
        "processes": 1,
    }
    for found in json.loads(run.stdout)["runs"].values():
        assert found["options"].items() >= asked.items()


def test_objectives_that_a_comparison_cannot_use_are_refused(tmp_path: Path) -> None:
    for command in ("stand-alone", "avoidable"):
        run = posture(command, "hand", "--objective", "exposure", "--json", folder=tmp_path)
        assert run.returncode == 2
        assert [found["code"] for found in json.loads(run.stdout)["findings"]] == ["QUESTION_CONFLICT"]


def test_avoidable_costs_are_those_of_the_objective(tmp_path: Path) -> None:
    """Allies' brigades cost 1,000 or 800 at their factor of 0.8, cheaper for all together than those of 2,600."""
    options = ("--objective", "alliance-cost", "--json")
    document = json.loads(posture("avoidable", "hand", *options, folder=tmp_path).stdout)
    costs = {name: found["outcome"]["alliance_cost_usd_m"] for name, found in document["runs"].items()}
    found = {row["theater"]: row["avoidable_usd_m"] for row in document["results"]}
    expected = {name: costs["everything"] - costs[f"without-{name}"] for name in ("B", "K")}
    assert all(found[name] == pytest.approx(cost) for name, cost in expected.items())
    assert costs["everything"] == pytest.approx(costs["nothing"] + sum(found.values()))


def test_needs_to_deter_are_refused_where_all_are_to_win(tmp_path: Path) -> None:
    tables = hand_tables()
    write_case(
        problem_of({**tables, "phases": changed(tables["phases"], {}, kind="WIN")}), tmp_path / "war.json"
    )
    run = posture("solve", "war.json", "--require", "deter", folder=tmp_path)
    assert run.returncode == 2
    assert "no requirement in a phase of kind DETER" in run.stderr
    assert posture("solve", "war.json", "--require", "win", folder=tmp_path).returncode == 0


def test_who_raises_most_in_one_run_has_its_figure_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without B's needs South Korea raises most; with them it is second, and still has a figure."""
    monkeypatch.setattr(side_by_side, "_RAISERS", 1)
    runs = avoidable_runs(read_case("hand"), SolveOptions())
    rows = dict(side_by_side.comparison_rows([(run, solve(run.problem, run.options)) for run in runs]))
    raised = {label: cells for label, cells in rows.items() if label.startswith("Units raised by")}
    assert raised == {
        "Units raised by United States": {
            "everything": "7",
            "without-B": "2",
            "without-K": "5",
            "nothing": "–",
        },
        "Units raised by South Korea": {
            "everything": "4",
            "without-B": "4",
            "without-K": "–",
            "nothing": "–",
        },
    }
