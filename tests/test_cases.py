import hashlib
import importlib
import shutil
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import small_problem, small_tables

from optimizer.cases import read
from optimizer.cases.read import case_title, read_case, shipped_cases, write_case
from optimizer.checks import check
from optimizer.tables.problem import (
    Problem,
    canonical_lines,
    message_from_problem,
    problem_from_message,
    problem_from_tables,
)
from optimizer.tables.schema import PROBLEM_TABLES

WHOLE = [
    name for name, path in shipped_cases().items() if "base:" not in (path / "settings.yaml").read_text()
]
"""Shipped cases that are no changes to another one."""

FORMATS = ["case", "case.xlsx", "case.yaml", "case.yml", "case.json"]


def test_the_small_problem_uses_every_table_and_has_no_findings() -> None:
    problem = small_problem()
    assert [name for name in PROBLEM_TABLES if problem[name].empty] == []
    assert check(problem) == []


def test_shipped_cases_have_no_findings() -> None:
    for name, folder in shipped_cases().items():
        assert check(read_case(name)) == [], name
        assert case_title(folder)


@pytest.mark.parametrize("file_name", FORMATS)
def test_every_format_gives_the_same_problem(tmp_path: Path, file_name: str) -> None:
    problem = small_problem()
    write_case(problem, tmp_path / file_name)
    assert read_case(tmp_path / file_name).digest == problem.digest


@pytest.mark.parametrize("file_name", FORMATS)
def test_shipped_cases_survive_every_format(tmp_path: Path, file_name: str) -> None:
    for name in WHOLE:
        problem = read_case(name)
        write_case(problem, tmp_path / f"{name}_{file_name}")
        assert read_case(tmp_path / f"{name}_{file_name}").digest == problem.digest


def test_messages_give_the_same_problem() -> None:
    problem = small_problem()
    assert problem_from_message(message_from_problem(problem)).digest == problem.digest
    for name in WHOLE:
        problem = read_case(name)
        assert problem_from_message(message_from_problem(problem)).digest == problem.digest


def test_an_empty_message_field_is_an_empty_cell() -> None:
    message = message_from_problem(small_problem())
    message.theaters[0].name = " "
    frame = problem_from_message(message)["theaters"]
    assert frame["name"].isna().tolist() == [True, False]


AWKWARD = [
    "=1+1",
    "#N/A",
    "null",
    "~",
    "No",
    "1e3",
    "0x1F",
    "a,b;c\td",
    'say "so"',
    "it's",
    "two\nlines",
    "- x: [y]",
    "&a *b !c %d",
    "_x0041_",
    "ąłż 漢字 🜲",
    "TRUE",
    "2025-01-01",
    "<b>&amp;</b>",
]


@pytest.mark.parametrize("file_name", FORMATS)
def test_awkward_text_and_numbers_survive(tmp_path: Path, file_name: str) -> None:
    problem = small_problem(
        settings={"title": "; ".join(AWKWARD), "discount_rate_fraction": 0.1 + 0.2, "win_ratio": 1 / 3},
        capabilities=[
            {"capability_id": "HEAVY_GROUND", "name": "null"},
            {"capability_id": "AIR", "name": "1e3"},
            {"capability_id": "ENGINEERS"},
            *({"capability_id": f"X{i}", "name": text} for i, text in enumerate(AWKWARD)),
            *({"capability_id": word} for word in ("NO", "NA", "null", "1e3", "30", "true", "-1", "1.50")),
        ],
    )
    write_case(problem, tmp_path / file_name)
    assert canonical_lines(read_case(tmp_path / file_name)) == canonical_lines(problem)


@settings(max_examples=20, deadline=None)
@given(
    title=st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn"]), max_size=40),
    numbers=st.lists(st.floats(0, 1e5), min_size=3, max_size=3),
    file_name=st.sampled_from(FORMATS),
)
def test_any_text_and_numbers_survive(
    tmp_path_factory: pytest.TempPathFactory, title: str, numbers: list[float], file_name: str
) -> None:
    tables = small_tables()
    for row, number in zip(tables["unit_capabilities"], numbers, strict=True):
        row["capability_points"] = number
    problem = small_problem(settings={"title": title}, unit_capabilities=tables["unit_capabilities"])
    path = tmp_path_factory.mktemp("case") / file_name
    write_case(problem, path)
    assert canonical_lines(read_case(path)) == canonical_lines(problem)


def test_empty_tables_columns_and_cells_are_left_out(tmp_path: Path) -> None:
    write_case(small_problem(sources=None), tmp_path / "case")
    assert not (tmp_path / "case" / "sources.csv").exists()
    header = (tmp_path / "case" / "sites.csv").read_text(encoding="utf-8").splitlines()[0]
    assert header == "site_id,host_actor_id,staging_area_id,capacity_persons,accepts_air,accepts_sea"


def test_writing_over_a_folder_leaves_no_old_table(tmp_path: Path) -> None:
    write_case(small_problem(), tmp_path)
    (tmp_path / "README.md").write_text("kept", encoding="utf-8")
    problem = small_problem(sources=None, money_conversions=None)
    write_case(problem, tmp_path)
    assert read_case(tmp_path).digest == problem.digest
    assert (tmp_path / "README.md").exists()


def test_folders_as_spreadsheet_programs_leave_them(tmp_path: Path) -> None:
    problem = small_problem()
    write_case(problem, tmp_path)
    path = tmp_path / "phases.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    padded = [f"{line},," for line in [*lines, ",,"]]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(["", *padded, ""]).encode())
    assert read_case(tmp_path).digest == problem.digest


def test_spreadsheets_as_people_type_them(tmp_path: Path) -> None:
    kinds = ("HEAVY_GROUND", "AIR", "ENGINEERS", "30")
    problem = small_problem(capabilities=[{"capability_id": kind} for kind in kinds])
    path = tmp_path / "case.xlsx"
    write_case(problem, path)
    workbook = openpyxl.load_workbook(path)
    workbook["capabilities"]["A2"] = 30.0
    workbook["theaters"]["A5"] = None
    workbook["theaters"]["B6"] = "  "
    workbook["theaters"]["F1"] = "  "
    workbook.create_sheet("Sheet1")
    workbook.save(path)
    assert read_case(path).digest == problem.digest


def test_identity_is_not_the_order_of_rows_or_columns() -> None:
    tables = small_tables()
    turned = {name: [dict(reversed(row.items())) for row in reversed(rows)] for name, rows in tables.items()}
    turned.pop("settings")
    assert small_problem(**turned).digest == small_problem().digest
    assert small_problem(settings={"win_ratio": 2}).digest != small_problem().digest


def test_the_digest_is_what_it_is_said_to_be() -> None:
    """The worked example of the data dictionary, by hand."""
    frames = {name: table.empty() for name, table in PROBLEM_TABLES.items()}
    problem = small_problem()
    frames["settings"] = problem["settings"][["lead_actor_id", "first_year"]].reindex(
        columns=problem["settings"].columns
    )
    frames["theaters"] = problem["theaters"]
    lines = [
        '["settings",{"lead_actor_id":"USA","first_year":2026}]\n',
        '["theaters",{"theater_id":"BALTIC","name":"Baltic"}]\n',
        '["theaters",{"theater_id":"SUWALKI","name":"Suwałki"}]\n',
    ]
    assert canonical_lines(Problem(frames)) == lines
    assert Problem(frames).digest == hashlib.sha256("".join(lines).encode("utf-8")).hexdigest()


def test_the_digest_in_the_data_dictionary_is_right() -> None:
    readme = (Path(__file__).resolve().parent.parent / "data" / "README.md").read_text(encoding="utf-8")
    _, lines, after = readme.partition("## The digest of a problem")[2].split("```")[:3]
    assert hashlib.sha256(lines.removeprefix("\n").encode("utf-8")).hexdigest() in after


def test_numbers_of_any_kind_have_one_identity() -> None:
    digests = {
        small_problem(settings={"money_base_year": year, "win_ratio": ratio}).digest
        for year in (2025, 2025.0, "2025", "2025.0", " 2.025e3 ")
        for ratio in (2, 2.0, "2", "2.00", "0.2e1")
    }
    assert len(digests) == 1


def test_installed_software_finds_its_own_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "optimizer" / "cases"
    package.mkdir(parents=True)
    monkeypatch.setattr(read, "__file__", str(package / "read.py"))
    write_case(small_problem(), tmp_path / "forceposture" / "data" / "inside")
    assert list(shipped_cases()) == ["inside"]
    write_case(small_problem(), tmp_path / "data" / "checkout")
    assert list(shipped_cases()) == ["inside"], "site-packages/data belongs to somebody else"
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    assert shipped_cases() == {"checkout": tmp_path / "data" / "checkout"}
    assert read_case("checkout").digest == small_problem().digest
    shutil.rmtree(tmp_path / "data")
    importlib.invalidate_caches()
    assert case_title(shipped_cases()["inside"]) == "Small"
    assert problem_from_tables(read_case("inside").tables).digest == small_problem().digest
