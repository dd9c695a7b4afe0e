"""What planners paste: read where it has one meaning, and said; refused in one finding where it has two."""

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from commands import posture

from optimizer.cases.read import read_case, shipped_cases, write_case
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem

HAND = read_case("hand_no_response")
YEARS = "actor_id,year,gdp_usd_m,spending_ceiling_fraction,other_spending_usd_m_per_yr"
AS_IT_IS = "USA,2025,,,0\nEUR,2025,250000,0.02,0\nROK,2025,200000,0.02,0\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_case(HAND, tmp_path / "case")
    return tmp_path / "case"


def pasted(folder: Path, content: str | bytes, name: str = "actor_years.csv") -> Problem:
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return read_case(folder)


def refused(folder: Path, content: str | bytes, name: str = "actor_years.csv") -> list[Finding]:
    with pytest.raises(ProblemError) as caught:
        pasted(folder, content, name)
    return list(caught.value.findings)


def gdp(cell: str) -> str:
    return f"{YEARS}\nUSA,2025,,,0\nEUR,2025,{cell},0.02,0\nROK,2025,200000,0.02,0\n"


@pytest.mark.parametrize(
    "cell",
    [
        '"250,000"', "250 000", "250\u00a0000", "250\u202f000", "250'000", "250\u2019000", '"250,000.0"', '"250.000,0"',
        "250000\u200b", "\ufeff250000", "\uff12\uff15\uff10\uff10\uff10\uff10", "250000 M$", "250 B$", "US$ 250 bn",
        "250000 million USD", "'250000'", "2.5e5", " 250000 ", "25\u00ad0000",
    ],
)  # fmt: skip
def test_a_figure_with_one_meaning_is_read(folder: Path, cell: str) -> None:
    problem = pasted(folder, gdp(cell))
    assert problem.digest == HAND.digest
    assert len(problem.notes) == (0 if cell in ("2.5e5", " 250000 ") else 1)
    assert all("actor_years.csv: " in note for note in problem.notes)


@pytest.mark.parametrize(
    "cell", ["2%", "2 %", "2\u00a0%", "%2", '"2,0%"', '"0,02"', "\uff12\uff05", ".02", "2\uff05"]
)
def test_a_share_with_one_meaning_is_read(folder: Path, cell: str) -> None:
    problem = pasted(folder, f"{YEARS}\nUSA,2025,,,0\nEUR,2025,250000,{cell},0\nROK,2025,200000,0.02,0\n")
    assert problem.digest == HAND.digest
    assert len(problem.notes) == (cell != ".02")


@pytest.mark.parametrize(
    "sign", ["..", "...", "\u2026", "-", "\u2013", "n/a", "N/A", "#N/A", "NA", ":", "n.a.", "NULL"]
)
def test_signs_for_what_is_missing_are_empty_cells(folder: Path, sign: str) -> None:
    problem = pasted(folder, f"{YEARS}\nUSA,2025,{sign},{sign},0\n" + AS_IT_IS.partition("\n")[2])
    assert problem.digest == HAND.digest
    assert len(problem.notes) == 1
    (finding,) = refused(folder, f"{YEARS}\n" + AS_IT_IS.replace("USA,2025", f"USA,{sign}"))
    assert finding.code == "VALUE_MISSING"


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("250.000", "250 or 250000"),
        ('"$250,000"', "dollars"),
        ("\u20ac250000", "currency"),
        ("250000%", "percentage"),
        ("250000*", "not a number"),
        ("e5", "not a number"),
        ("250\u00b2", "not a number"),
        ("(250)", "not a number"),
    ],
)
def test_a_figure_with_two_meanings_is_refused_once(folder: Path, cell: str, words: str) -> None:
    (finding,) = refused(folder, gdp(cell))
    assert (finding.code, finding.path) == ("VALUE_TYPE", "actor_years[EUR/2025].gdp_usd_m")
    assert words in str(finding)


def test_thousands_without_any_clue_are_refused_once_for_the_column(folder: Path) -> None:
    text = "actor_id,year,gdp_usd_m\nUSA,2025,\nEUR,2025,250.000\nROK,2025,200.000\n"
    for lines in (text, text.replace(",", ";"), text.replace(",", ";").replace(".", ",")):
        (finding,) = refused(folder, lines)
        assert "250 or 250000" in finding.fix
        assert "1 more cell" in finding.message


def test_the_convention_of_a_file_decides(folder: Path) -> None:
    text = f"{YEARS}\nUSA,2025,,,0\nEUR,2025,250.000,0#02,0\nROK,2025,200.000,0#02,0\n"
    problem = pasted(folder, text.replace(",", ";").replace("#", ","))
    assert problem.digest == HAND.digest
    assert len(problem.notes) == 3
    english = text.replace(",", "\t").replace(".000", ",000").replace("#", ".")
    problem = pasted(folder, english)
    assert problem.digest == HAND.digest


def test_points_before_three_digits_are_decimals_where_nothing_else_is_said(folder: Path) -> None:
    problem = pasted(folder, "actor_id,name,quality_factor\nUSA,U,1.125\nEUR,E,0.8\nROK,S,1\n", "actors.csv")
    assert problem["actors"]["quality_factor"].tolist() == [0.8, 1, 1.125]
    assert problem.notes == ()


ACTORS = "actor_id,name,quality_factor"
ACTOR_LINES = "USA,United States,1\nEUR,European allies,0.8\nROK,South Korea,1\n"
INDEXED = f",{ACTORS}\n0,USA,United States,1\n1,EUR,European allies,0.8\n2,ROK,South Korea,1\n"
COMMENTED = ACTOR_LINES.replace("\n", ",x\n")
INVISIBLE = ACTOR_LINES.replace("EUR,", "E\u200bUR,")

UNITS = b"unit_type_id,name,domain,personnel_persons,is_counted\nBRIGADE,Brigade,Land,4000,FALSCH\n"

FILES: list[tuple[str, str, bytes]] = [
    ("actor_years.csv", "sep", f"sep=,\n{YEARS}\n{AS_IT_IS}".encode()),
    ("actor_years.csv", "sep;", f"sep=;\r\n{YEARS}\n{AS_IT_IS}".replace(",", ";").encode()),
    ("actor_years.csv", "tabs", f"{YEARS}\n{AS_IT_IS}".replace(",", "\t").encode()),
    ("actor_years.csv", "title", f"GDP of allies,,,,\n\n{YEARS}\n{AS_IT_IS}".encode()),
    ("actor_years.csv", "short title", f"GDP of allies\n{YEARS}\n{AS_IT_IS}".encode()),
    ("actor_years.csv", "repeated", f"{YEARS}\n{AS_IT_IS}{YEARS}\n".encode()),
    ("actor_years.csv", "comment row", f"{YEARS}\n# estimates,,,,\n{AS_IT_IS}".encode()),
    ("actors.csv", "bom twice", f"\ufeff\ufeff{ACTORS}\n{ACTOR_LINES}".encode()),
    ("actors.csv", "zero width", f"actor\u200b_id,name,quality_factor\n{ACTOR_LINES}".encode()),
    ("actors.csv", "in a key", f"{ACTORS}\n{INVISIBLE}".encode()),
    ("actors.csv", "case", f"Actor ID,NAME,quality-factor\n{ACTOR_LINES}".encode()),
    ("actors.csv", "utf-16", f"{ACTORS}\n{ACTOR_LINES}".encode("utf-16")),
    ("actors.csv", "comment", f"{ACTORS},Comment\n{COMMENTED}".encode()),
    ("actors.csv", "index", INDEXED.encode()),
    ("Notes.csv", "notes", b"who,what\nme,all\n"),
    ("unit_types.csv", "truth", UNITS),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content"), [(n, c) for n, _, c in FILES], ids=[what for _, what, _ in FILES]
)
def test_files_with_one_meaning_are_read_and_that_is_said(folder: Path, name: str, content: bytes) -> None:
    problem = pasted(folder, content, name)
    assert problem.digest == HAND.digest
    assert problem.notes
    assert all(name in note for note in problem.notes)


def test_files_as_other_programs_leave_them_need_no_word(folder: Path) -> None:
    (folder / "._actors.csv").write_bytes(b"\0\5\x16\7Mac OS X")
    (folder / ".~lock.actors.csv#").write_bytes(b",me,")
    lines = f"{YEARS}\r\n{AS_IT_IS}\n\r\n".replace("\n", ",,\n")
    problem = pasted(folder, b"\xef\xbb\xbf" + lines.encode())
    assert (problem.digest, problem.notes) == (HAND.digest, ())


def test_windows_text_is_read_and_said(folder: Path) -> None:
    text = f"{ACTORS}\n{ACTOR_LINES.replace('South Korea', 'Corée')}"
    problem = pasted(folder, text.encode("cp1252"), "actors.csv")
    assert problem["actors"]["name"].tolist() == ["European allies", "Corée", "United States"]
    assert "Windows-1252 (line 4: ROK,Corée,1)" in problem.notes[0]
    (finding,) = refused(folder, f"{ACTORS}\nUSA,Łódź,1\n".encode("cp1250"), "actors.csv")
    assert finding.code == "CASE_UNREADABLE"


@pytest.mark.parametrize(
    ("name", "text", "code", "words"),
    [
        ("actors.csv", f"{ACTORS}\n{ACTOR_LINES}Total,,2.8\n", "CASE_UNREADABLE", "totals"),
        ("actor_years.csv", f"{YEARS}\n{AS_IT_IS},,450000,,0\n", "VALUE_MISSING", "total or a note"),
        ("actor_years.csv", f"{YEARS}\n{AS_IT_IS}Source: IMF,,,,\n", "CASE_UNREADABLE", "one cell"),
        ("actors.csv", f"actr_id,name,quality_factor\n{ACTOR_LINES}", "COLUMN_UNKNOWN", "no such column"),
        ("actors.csv", f"a,b,c\n{ACTOR_LINES}", "CASE_UNREADABLE", "names the columns"),
        ("actors.csv", f"{ACTORS},name\n{COMMENTED}", "COLUMN_DUPLICATE", "twice"),
        (
            "actors.csv",
            f"{ACTORS},\n{COMMENTED}",
            "COLUMN_UNKNOWN",
            "column 4 has no name",
        ),
        ("acters.csv", f"{ACTORS}\n{ACTOR_LINES}", "TABLE_UNKNOWN", "no such table"),
    ],
)
def test_the_rest_is_refused_in_one_finding(
    folder: Path, name: str, text: str, code: str, words: str
) -> None:
    if name == "acters.csv":
        (folder / "actors.csv").unlink()
    (finding,) = refused(folder, text, name)
    assert finding.code == code
    assert words in str(finding)


def edited(path: Path, edit: Callable[[Any], object]) -> Path:
    write_case(HAND, path)
    workbook = openpyxl.load_workbook(path)
    edit(workbook)
    workbook.save(path)
    return path


def _set(sheet: str, cell: str, value: object) -> Callable[[Any], object]:
    return lambda workbook: workbook[sheet].__setitem__(cell, value)


def _format_rows(workbook: Any) -> None:
    for row in range(10, 400):
        workbook["actors"].cell(row, 1).number_format = "0.00"


def _hide(workbook: Any) -> None:
    workbook["actors"].sheet_state = "hidden"


def _rename(workbook: Any) -> None:
    workbook["actor_years"].title = "Actor Years"


def _title_row(workbook: Any) -> None:
    workbook["actors"].insert_rows(1)
    workbook["actors"]["A1"] = "Actors of today"
    workbook["actors"].merge_cells("A1:C1")


SHEETS: list[tuple[str, Callable[[Any], object], int]] = [
    ("year as date", _set("actor_years", "B2", datetime.datetime(1905, 7, 17)), 1),
    ("notes", lambda workbook: workbook.create_sheet("Notes").append(["who changed what"]), 1),
    ("formats", _format_rows, 0),
    ("hidden", _hide, 1),
    ("name", _rename, 1),
    ("title", _title_row, 1),
    ("number as text", _set("actor_years", "C2", "250000"), 0),
    ("missing", _set("actor_years", "C4", "#N/A"), 1),
    ("comment", _set("actors", "D1", "comment"), 1),
    ("empty", lambda workbook: workbook.create_sheet("Sheet1"), 0),
]


@pytest.mark.parametrize(
    ("edit", "notes"), [(e, n) for _, e, n in SHEETS], ids=[what for what, _, _ in SHEETS]
)
def test_spreadsheets_with_one_meaning_are_read(
    tmp_path: Path, edit: Callable[[Any], object], notes: int
) -> None:
    problem = read_case(edited(tmp_path / "case.xlsx", edit))
    assert problem.digest == HAND.digest
    assert len(problem.notes) == notes


def _merge(workbook: Any) -> None:
    workbook["actors"].merge_cells("A2:A4")


@pytest.mark.parametrize(
    ("edit", "code", "words"),
    [
        (_set("actor_years", "C2", "=1+1"), "VALUE_TYPE", "never computed"),
        (_set("actor_years", "C2", "#REF!"), "VALUE_TYPE", "holds an error"),
        (_set("actor_years", "C2", datetime.datetime(2025, 4, 3)), "VALUE_TYPE", "formatted as a date"),
        (_set("actor_years", "B2", datetime.datetime(2025, 1, 1)), "VALUE_TYPE", "formatted as a date"),
        (_set("actor_years", "C2", "250,000"), "VALUE_TYPE", "250 or 250000"),
        (_merge, "CASE_UNREADABLE", "merged"),
    ],
)
def test_spreadsheets_with_two_meanings_are_refused_once(
    tmp_path: Path, edit: Callable[[Any], object], code: str, words: str
) -> None:
    with pytest.raises(ProblemError) as caught:
        read_case(edited(tmp_path / "case.xlsx", edit))
    (finding,) = caught.value.findings
    assert finding.code == code
    assert words in str(finding)


def test_a_sheet_is_read_to_its_last_value(tmp_path: Path) -> None:
    """A row after many that are merely formatted still counts."""

    def edit(workbook: Any) -> None:
        _format_rows(workbook)
        workbook["theaters"]["A300"], workbook["theaters"]["B300"] = "M", "Far below"

    problem = read_case(edited(tmp_path / "case.xlsx", edit))
    assert problem["theaters"]["theater_id"].tolist() == ["B", "K", "M"]


@pytest.mark.parametrize("suffix", ["yaml", "json"])
def test_documents_are_read_alike(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"case.{suffix}"
    write_case(HAND, path)
    text = path.read_text(encoding="utf-8")
    text = text.replace("gdp_usd_m: 250000", "GDP_USD_M: 250 000").replace("_fraction: 0.02", "_fraction: 2%")
    text = text.replace('"gdp_usd_m": 250000', '"GDP_USD_M": "250 000"').replace(
        '_fraction": 0.02', '_fraction": "2%"'
    )
    path.write_text(text + "notes: mine\n" if suffix == "yaml" else text, encoding="utf-8-sig")
    with pytest.raises(ProblemError) as caught:
        read_case(path)
    assert {finding.code for finding in caught.value.findings} == {"COLUMN_DUPLICATE"}
    for before in ("gdp_usd_m: 200000", '"gdp_usd_m": 200000'):
        text = text.replace(before, before.replace("gdp_usd_m", "GDP_USD_M"))
    path.write_text(text, encoding="utf-8")
    problem = read_case(path)
    assert problem.digest == HAND.digest
    assert len(problem.notes) == 3


def test_overlays_are_read_alike_but_an_empty_sign_has_two_meanings_there(folder: Path) -> None:
    below = folder / "alternatives" / "other"
    below.mkdir(parents=True)
    (below / "settings.yaml").write_text("title: Other\ndiscount_rate_fraction: 2 %\n", encoding="utf-8")
    path = below / "actor_years.csv"
    path.write_text("Actor ID;year;gdp_usd_m;Change\nEUR;2025;300 000,5;\n", encoding="utf-8")
    problem = read_case(folder, "other")
    assert problem["actor_years"]["gdp_usd_m"].max() == 300_000.5
    assert problem.settings["discount_rate_fraction"] == 0.02
    assert len(problem.notes) == 5
    path.write_text("actor_id,year,gdp_usd_m\nEUR,2025,..\n", encoding="utf-8")
    with pytest.raises(ProblemError, match="may leave what is below, or empty it"):
        read_case(folder, "other")


def test_shipped_cases_need_no_notes() -> None:
    assert [note for name in shipped_cases() for note in read_case(name).notes] == []


def test_commands_tell_notes_on_standard_error(folder: Path) -> None:
    pasted(folder, gdp("250 B$"))
    run = posture("check", "case", folder=folder.parent)
    assert run.returncode == 0
    assert HAND.digest in run.stdout
    (line,) = run.stderr.splitlines()
    assert line.startswith("note: case/actor_years.csv: a unit was read as the unit of the column in 1 cell")
    run = posture("solve", "case", "--json", folder=folder.parent)
    assert run.stdout.startswith("{")
    assert line in run.stderr
