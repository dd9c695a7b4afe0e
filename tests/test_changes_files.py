"""Changes in files: lists, tables and sheets; those that a case holds; and by which changes two problems differ."""

import json
from pathlib import Path

import openpyxl
import pytest
from commands import posture
from hand_cases import hand_tables, problem_of
from hypothesis import given, settings
from hypothesis import strategies as st
from random_problems import problem_of as random_problem_of
from random_problems import random_tables
from small_problem import small_problem
from test_changes import accepted, random_change
from tiny_cases import THOROUGH

from forceposture.v1 import change_pb2
from optimizer.cases.changes_tables import read_changes, write_changes
from optimizer.cases.read import alternatives, read_case, shipped_cases, write_case
from optimizer.changes.applied import with_changes
from optimizer.changes.change import change_of_message, message_of_change
from optimizer.changes.differences import differences
from optimizer.changes.expressions import change_of_text
from optimizer.changes.what_ifs import what_if
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem, canonical_lines

NEED = "requirements[theater=B].required_points"


def hand() -> Problem:
    return problem_of(hand_tables())


def needs(problem: Problem) -> list[float]:
    return problem["requirements"]["required_points"].to_list()


def changed_by(path: Path) -> Problem:
    changes, _ = read_changes(path, hand())
    return with_changes(hand(), changes)


def refused(path: Path) -> list[Finding]:
    with pytest.raises(ProblemError) as caught:
        read_changes(path, hand())
    return list(caught.value.findings)


def workbook(path: Path, *rows: tuple[object, ...], sheet: str = "changes") -> Path:
    book = openpyxl.load_workbook(path) if path.exists() else openpyxl.Workbook()
    made = book.create_sheet(sheet)
    for row in rows:
        made.append(row)
    if "Sheet" in book.sheetnames:
        del book["Sheet"]
    book.save(path)
    return path


# Each kind of file.

TEXTS = {
    "list.yaml": f"changes:\n- {NEED} *= 2\n",
    "mappings.yaml": f"changes:\n- change: {NEED} *= 2\n  sentence: Twice as safe.\n",
    "fields.yml": "changes:\n- table_name: requirements\n  selector: theater=B\n  column_name: required_points\n"
    '  operation: "*="\n  value: 2\n',
    "list.json": json.dumps({"changes": [f"{NEED} *= 2"]}),
    "lines.csv": f"change,sentence\n{NEED} *= 2,Twice as safe.\n",
    "table.csv": "table_name,selector,column_name,operation,value\nrequirements,theater=B,required_points,multiply,2\n",
    "excel.csv": "Table name;Selector;Column name;Operation;Value\nrequirements;theater=B;required_points;MULTIPLY;2\n",
    "signs.csv": "# if\nselector,table_name,column_name,operation,value\nB/*/*/*/*,requirements,required_points,*=,2\n",
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_change_is_the_same_in_every_file(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(TEXTS[name], encoding="utf-8")
    assert needs(changed_by(path)) == [14, 6]


def test_a_sheet_keeps_numbers_as_they_are(tmp_path: Path) -> None:
    header = ("Table name", "Selector", "Column name", "Operation", "Value", "Sentence")
    path = workbook(
        tmp_path / "changes.xlsx",
        header,
        ("requirements", "theater=B", "required_points", "multiply", 1.2, "A fifth more."),
        ("actor_years", "EUR/2025", "spending_ceiling_fraction", "set", "3.5%", None),
        ("interests", "B/GROUND", None, "Add row", "interest_usd_m_per_point_yr=4000", None),
    )
    problem = changed_by(path)
    assert needs(problem) == [8.4, 6]
    assert problem["actor_years"].set_index("actor_id")["spending_ceiling_fraction"]["EUR"] == 0.035
    changes, _ = read_changes(path, hand())
    assert changes[0].sentence == "A fifth more."
    assert changes[0].origin == f"{path}, change 1"


BAD = [
    ("x.txt", "", {"CASE_UNREADABLE"}),
    ("x.yaml", "title: X\n", {"CASE_UNREADABLE"}),
    ("x.yaml", f"changes:\n- {NEED} *= 2\nactors: []\n", {"CASE_UNREADABLE"}),
    ("x.csv", "table,selector\nrequirements,*\n", {"CASE_UNREADABLE", "COLUMN_UNKNOWN"}),
    ("x.csv", "table_name,operation\n,multiply\nactors,twice\n", {"VALUE_MISSING", "VALUE_CHOICE"}),
    ("x.csv", f"change\n{NEED} ~ 2\nrequirements\n", {"CHANGE_UNREADABLE"}),
]


@pytest.mark.parametrize(("name", "text", "codes"), BAD)
def test_everything_wrong_with_a_file_is_told(name: str, text: str, codes: set[str], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    findings = refused(path)
    assert {finding.code for finding in findings} <= codes
    rows = [line for line in text.splitlines()[1:] if "," in line or "~" in line]
    assert len(findings) >= min(len(rows), 2)


def test_what_cannot_be_done_names_the_row(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"change\n{NEED} *= 2\nsites.capacity = 1\n", encoding="utf-8")
    changes, _ = read_changes(path, hand())
    with pytest.raises(ProblemError) as caught:
        with_changes(hand(), changes)
    (finding,) = caught.value.findings
    assert finding.message == f"{path}, change 2: the table has no such column"


# Changes that a case holds.


def test_a_workbook_may_hold_its_changes(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    write_case(hand(), path)
    workbook(path, ("change",), (f"{NEED} *= 2",))
    assert needs(read_case(path)) == [14, 6]


@pytest.mark.parametrize("name", ["case.yaml", "case.json"])
def test_a_document_may_hold_its_changes(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    write_case(hand(), path)
    text = path.read_text(encoding="utf-8")
    if name.endswith("json"):
        text = json.dumps({**json.loads(text), "changes": [f"{NEED} *= 2"]})
    else:
        text += f"changes:\n- {NEED} *= 2\n"
    path.write_text(text, encoding="utf-8")
    assert needs(read_case(path)) == [14, 6]


def test_a_folder_a_base_and_an_alternative_may_hold_theirs(tmp_path: Path) -> None:
    write_case(hand(), tmp_path / "case")
    line = f"change\n{NEED} += 1\n"
    other = tmp_path / "case" / "alternatives" / "more"
    upper = tmp_path / "upper"
    for folder, text in ((other, "title: More"), (upper, "base: ../case")):
        folder.mkdir(parents=True)
        (folder / "settings.yaml").write_text(f"{text}\n", encoding="utf-8")
        (folder / "changes.csv").write_text(line, encoding="utf-8")
    assert needs(read_case(tmp_path / "case", "more")) == [8, 6]
    assert needs(read_case(upper)) == [8, 6]
    (tmp_path / "case" / "changes.csv").write_text(line, encoding="utf-8")
    assert needs(read_case(tmp_path / "case")) == [8, 6]
    assert needs(read_case(upper)) == [9, 6]


def test_rows_and_changes_of_an_alternative_must_agree(tmp_path: Path) -> None:
    write_case(hand(), tmp_path / "case")
    folder = tmp_path / "case" / "alternatives" / "both"
    folder.mkdir(parents=True)
    (folder / "settings.yaml").write_text("title: Both\n", encoding="utf-8")
    (folder / "sites.csv").write_text("site_id,capacity_persons\nB_SITE,5\n", encoding="utf-8")
    (folder / "changes.csv").write_text("change\nsites[theater=B].capacity_persons=6\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_case(tmp_path / "case", "both")
    (finding,) = caught.value.findings
    assert finding.code == "CHANGE_CONFLICT"
    assert "alternatives/both/sites.csv: " in finding.message
    assert "alternatives/both/changes.csv, change 1: " in finding.message


# What differs.


def assert_same(problem: Problem, other: Problem) -> None:
    found = differences(problem, other)
    assert canonical_lines(with_changes(problem, found)) == canonical_lines(other)


@given(st.integers(0, 400), st.integers(0, 400))
@settings(max_examples=15 * THOROUGH, deadline=None)
def test_differences_make_one_problem_of_another(seed: int, other: int) -> None:
    assert_same(random_problem_of(random_tables(seed)), random_problem_of(random_tables(other)))


@given(st.integers(0, 400), st.randoms(use_true_random=False))
@settings(max_examples=15 * THOROUGH, deadline=None)
def test_differences_undo_what_changes_did(seed: int, draw: object) -> None:
    problem = random_problem_of(random_tables(seed))
    changed = accepted(problem, [random_change(problem, draw)])  # type: ignore[arg-type]
    if changed is not None:
        assert_same(problem, changed)
        assert_same(changed, problem)


def test_differences_of_shipped_cases_go_through_files_and_messages(tmp_path: Path) -> None:
    """Every alternative, and two cases that have little in common."""
    pairs = [
        (read_case(name), read_case(name, other))
        for name, folder in shipped_cases().items()
        for other in alternatives(folder)
    ]
    pairs += [(small_problem(), read_case("hand")), (read_case("hand"), read_case("reference"))]
    for number, (problem, other) in enumerate(pairs):
        found = differences(problem, other)
        for path in (tmp_path / f"{number}.yaml", tmp_path / f"{number}.csv"):
            write_changes(found, path)
            read, _ = read_changes(path, problem)
            assert read == found
        sent = [message_of_change(change).SerializeToString() for change in found]
        assert [change_of_message(change_pb2.Change.FromString(text)) for text in sent] == found
        assert with_changes(problem, found).digest == other.digest


def test_a_what_if_says_so_and_loses_the_source_of_what_is_no_longer_so() -> None:
    problem = read_case("reference")
    row = problem["sources"].query("column_name == 'gdp_usd_m' and not row_key.str.contains('\\\\*')")
    source = row.iloc[0]
    line = f"actor_years[{source['row_key']}].gdp_usd_m *= 2"
    changed = what_if(problem, [change_of_text(line)], [line])
    assert changed.settings["title"].startswith(f"{problem.settings['title']} (actor_years[")
    assert len(changed["sources"]) == len(problem["sources"]) - 1
    assert what_if(problem, [], []) is problem


# At the command.


def test_diff_is_read_back(tmp_path: Path) -> None:
    run = posture("diff", "hand", "command+interest", "--out", "both.csv", folder=tmp_path)
    assert run.returncode == 0
    assert "add interests[B/GROUND]: interest_usd_m_per_point_yr=4000" in run.stdout.splitlines()
    assert "sources" not in run.stdout
    both = posture("check", "hand", "--with", "interest", "--with", "command", folder=tmp_path)
    same = posture("check", "hand", "--changes", "both.csv", folder=tmp_path)
    assert both.stdout.splitlines()[0].split("; ")[1] == same.stdout.splitlines()[0].split("; ")[1]
    again = posture("diff", "hand", "interest", "--out", "both.csv", folder=tmp_path)
    assert again.returncode == 2
    assert "is there already" in again.stderr
    document = json.loads(posture("diff", "hand", "interest", "--json", folder=tmp_path).stdout)
    assert {"table_name": "interests", "selector": "B/GROUND", "operation": "ADD_ROW"}.items() <= next(
        change for change in document["changes"] if change["table_name"] == "interests"
    ).items()
    assert "Nothing differs" in posture("diff", "hand", "./hand", folder=_exported(tmp_path)).stderr


def _exported(folder: Path) -> Path:
    assert posture("export", "hand", "--format", "csv", "--out", "hand", folder=folder).returncode == 0
    return folder


def test_a_comparison_takes_alternatives_changes_cases_and_results(tmp_path: Path) -> None:
    """5 U.S. brigades in B and 2 in K; the lines that follow from the example of the formulation."""
    assert (
        posture("export", "hand", "--format", "json", "--with", "interest", folder=tmp_path).returncode == 0
    )
    assert posture("solve", "hand", "--with", "command", "--out", "seoul", folder=tmp_path).returncode == 0
    run = posture(
        "compare", "hand", "interest", "command+interest", "hand-interest.json", "seoul",
        "--set", "set interest in B to 4000", "--set", f"{NEED} *= 1.2", "--json",
        folder=tmp_path,
    )  # fmt: skip
    assert run.returncode == 0
    document = json.loads(run.stdout)
    rows = {row.pop("quantity"): row for row in document["comparison"]}
    costs = rows["Lead actor's cost (M$)"]
    assert costs == {
        "baseline": "18,100",
        "interest": "5,100",
        "command+interest": "2,433",
        "hand-interest": "5,100",
        "seoul": "15,433",
        "set-1": "5,100",
        "set-2": "24,167",
    }
    assert document["inputs"]["set-2"] == ["requirements[B/BK/D30/GROUND/2026].required_points = 8.4"]
    assert (
        document["inputs"]["interest"] == document["inputs"]["set-1"] == document["inputs"]["hand-interest"]
    )
    assert len(document["inputs"]["seoul"]) == 6


def test_a_comparison_shows_only_what_differs(tmp_path: Path) -> None:
    run = posture("compare", "hand", "interest", folder=tmp_path)
    assert run.returncode == 0
    assert "the same in all columns and not shown" in run.stdout
    assert "Lead's people hosted by South Korea" not in run.stdout
    assert "add interests[B/GROUND]: interest_usd_m_per_point_yr=4000" in run.stdout
    document = json.loads(
        next(tmp_path.glob("posture-results/*/comparison.json")).read_text(encoding="utf-8")
    )
    quantities = {row["quantity"] for row in document["comparison"]}
    assert "Lead's people hosted by South Korea" in quantities


def test_columns_that_are_not_there_or_twice_are_refused(tmp_path: Path) -> None:
    for words, told in (
        (["intrest"], "Did you mean interest?"),
        (["interest", "interest"], "two columns have this name"),
        (["--set", "requirements.x=1"], "the table has no such column"),
        (["command", "--with", "command+interest"], "no alternative of that name"),
    ):
        run = posture("compare", "hand", *words, folder=tmp_path)
        assert run.returncode == 2
        assert told in run.stderr
