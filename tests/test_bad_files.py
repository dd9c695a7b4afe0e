"""Files that are no case, or not a whole one: findings with the file's line, and nothing unsafe is opened."""

import datetime
import json
import os
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_problem import small_problem

from optimizer.cases import csv_files as case_csv_files
from optimizer.cases import documents as case_documents
from optimizer.cases import spreadsheets as case_spreadsheets
from optimizer.cases.read import read_case, shipped_cases, write_case
from optimizer.errors import Finding, ProblemError

Codes = set[tuple[str, str]]


def findings_of(path: Path | str) -> list[Finding]:
    with pytest.raises(ProblemError) as caught:
        read_case(path)
    findings = list(caught.value.findings)
    for finding in findings:
        str(finding).encode("utf-8")
    return findings


def found(path: Path | str) -> Codes:
    return {(finding.code, finding.path) for finding in findings_of(path)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_case(small_problem(), tmp_path / "case")
    return tmp_path / "case"


@pytest.mark.parametrize("name", ["no_such_case", "no/such/folder", "x" * 5000, "a\0b", "no.xlsx", "\ud800"])
def test_nothing_there(name: str) -> None:
    assert found(name) == {("CASE_NOT_FOUND", "")}


def test_the_nearest_shipped_case_is_named() -> None:
    for name in shipped_cases():
        assert findings_of(f"{name}x")[0].fix == f"Did you mean {name}?"


@pytest.mark.parametrize("name", ["case.txt", "case.csv", "case"])
def test_other_files_are_no_cases(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("settings: {}", encoding="utf-8")
    assert found(tmp_path / name) == {("CASE_UNREADABLE", "")}
    with pytest.raises(ProblemError, match="CASE_UNREADABLE"):
        write_case(small_problem(), tmp_path / "case.txt")


FOLDERS: list[tuple[str, bytes, Codes]] = [
    ("garison.csv", b"garrison_id\nX\n", {("TABLE_UNKNOWN", "garison")}),
    ("settings.csv", b"title\nX\n", {("CASE_UNREADABLE", "settings")}),
    ("sites.yaml", b"[]", {("CASE_UNREADABLE", "sites")}),
    ("SITES.CSV", b"site_id\nX\n", {("CASE_UNREADABLE", "SITES")}),
    ("interests.csv", b"a;b;c\n1;2;3\n", {("CASE_UNREADABLE", "interests[line 1]")}),
    (
        "interests.csv",
        b"theater_id,capability_id,interest_usd_m_per_point_yr\nBALTIC,AIR,1\n\nBALTIC,AIR\nBALTIC,AIR,1,2\n",
        {("CASE_UNREADABLE", "interests[line 4]"), ("CASE_UNREADABLE", "interests[line 5]")},
    ),
    (
        "interests.csv",
        b'theater_id,capability_id,interest_usd_m_per_point_yr\nBALTIC,"AIR,1\n',
        {("CASE_UNREADABLE", "interests[line 2]")},
    ),
    (
        "interests.csv",
        b"theater_id,capability_id,interest_usd_m_per_point_yr\nBALTIC,A\xffR,1\n",
        {("CASE_UNREADABLE", "interests[line 2]")},
    ),
    (
        "interests.csv",
        b"theater_id,capability_id,interest_usd_m_per_point_yr\nBALTIC,AIR\x00,1\n",
        {("CASE_UNREADABLE", "interests[line 2]")},
    ),
    (
        "interests.csv",
        "theater_id,capability_id\n".encode("utf-32"),
        {("CASE_UNREADABLE", "interests[line 1]")},
    ),
    (
        "interests.csv",
        b"theater_id,capability_id,capability_id,interest_usd_m_per_point_yr\nBALTIC,AIR,AIR,1\n",
        {("COLUMN_DUPLICATE", "interests.capability_id")},
    ),
    (
        "interests.csv",
        b"theater_id,capability_id,interest_usd_m_per_point_yr,\nBALTIC,AIR,1,note\n",
        {("COLUMN_UNKNOWN", "interests")},
    ),
    ("interests.csv", b"x" * 200_000, {("CASE_UNREADABLE", "interests[line 1]")}),
    ("settings.yaml", b"- title", {("CASE_UNREADABLE", "settings")}),
    ("settings.yaml", b"title: [", {("CASE_UNREADABLE", "settings[line 2]")}),
    ("settings.yaml", b"a: 1\ntitle: !!python/object:os.system x", {("CASE_UNSAFE", "settings[line 2]")}),
    ("settings.yaml", b"title: \x07", {("CASE_UNREADABLE", "settings")}),
]


@pytest.mark.parametrize(("name", "content", "expected"), FOLDERS, ids=range(len(FOLDERS)))
def test_folders(folder: Path, name: str, content: bytes, expected: Codes) -> None:
    (folder / name).write_bytes(content)
    assert found(folder) == expected


def test_folders_as_people_leave_them(folder: Path) -> None:
    (folder / "README.md").write_text("x", encoding="utf-8")
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / "interests.csv").write_bytes(b"")
    (folder / "attrition.csv").write_bytes(b"unit_type_id,phase_id,attrition_fraction\r\n")
    assert read_case(folder).digest == small_problem(interests=None, attrition=None).digest


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_tables_that_are_no_files(folder: Path) -> None:
    (folder / "interests.csv").unlink()
    (folder / "interests.csv").mkdir()
    (folder / "sources.csv").unlink()
    os.mkfifo(folder / "sources.csv")
    assert found(folder) == {("CASE_UNREADABLE", "interests"), ("CASE_UNREADABLE", "sources")}


def test_an_empty_folder(tmp_path: Path) -> None:
    assert ("TABLE_MISSING", "settings") in found(tmp_path)


def test_large_files_are_not_read(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = small_problem()
    monkeypatch.setattr(case_csv_files, "MOST_CSV_BYTES", 400)
    assert ("CASE_UNSAFE", "requirements") in found(folder)
    for name, limit in (("case.yaml", "MOST_YAML_BYTES"), ("case.json", "MOST_JSON_BYTES")):
        write_case(problem, tmp_path / name)
        monkeypatch.setattr(case_documents, limit, 400)
        assert found(tmp_path / name) == {("CASE_UNSAFE", "")}


DOCUMENTS: list[tuple[str, str, Codes]] = [
    ("yaml", "", {("CASE_UNREADABLE", "")}),
    ("yaml", "text", {("CASE_UNREADABLE", "")}),
    ("yaml", "- settings", {("CASE_UNREADABLE", "")}),
    ("yaml", "settings: {a: 1}\n---\nsettings: {}", {("CASE_UNREADABLE", "line 2")}),
    ("yaml", "settings:\n  title: &a x\n  description: *a", {("CASE_UNSAFE", "line 2")}),
    ("yaml", "settings: *a", {("CASE_UNSAFE", "line 1")}),
    ("yaml", "a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]", {("CASE_UNSAFE", "line 1")}),
    ("yaml", "settings: !!python/object/apply:os.system [ls]", {("CASE_UNSAFE", "line 1")}),
    ("yaml", "settings:\n  title: !!str x", {("CASE_UNSAFE", "line 2")}),
    ("yaml", "settings:\n  title: !local x", {("CASE_UNSAFE", "line 2")}),
    ("yaml", "%TAG ! tag:example.com,2000:\n---\nsettings: {}", {("CASE_UNSAFE", "line 1")}),
    ("yaml", "[" * 50 + "]" * 50, {("CASE_UNSAFE", "line 1")}),
    ("yaml", "[" * 100_000, {("CASE_UNSAFE", "line 1")}),
    ("yaml", "settings: {title: x\nactors: [", {("CASE_UNREADABLE", "line 2")}),
    ("yaml", "settings:\n\ttitle: x", {("CASE_UNREADABLE", "line 2")}),
    ("json", "", {("CASE_UNREADABLE", "line 1")}),
    ("json", "null", {("CASE_UNREADABLE", "")}),
    ("json", "[]", {("CASE_UNREADABLE", "")}),
    ("json", '{\n"settings": {},\n}', {("CASE_UNREADABLE", "line 3")}),
    ("json", "[" * 200_000, {("CASE_UNSAFE", "")}),
    ("json", '{"a":' * 200_000, {("CASE_UNSAFE", "")}),
]


@pytest.mark.parametrize(("suffix", "text", "expected"), DOCUMENTS, ids=range(len(DOCUMENTS)))
def test_documents(tmp_path: Path, suffix: str, text: str, expected: Codes) -> None:
    path = tmp_path / f"case.{suffix}"
    path.write_text(text, encoding="utf-8")
    codes = {
        (finding.code, finding.row_key) for finding in findings_of(path) if finding.code.startswith("CASE_")
    }
    assert codes == expected


EDITED: list[tuple[str, str, str, Codes]] = [
    ("settings", "{", '{"title": "a", ', {("COLUMN_DUPLICATE", "settings[row 1].title")}),
    ("settings", '"win_ratio": 1.2', '"win_ratio": NaN', {("VALUE_NOT_FINITE", "settings.win_ratio")}),
    ("settings", '"win_ratio": 1.2', '"win_ratio": -Infinity', {("VALUE_NOT_FINITE", "settings.win_ratio")}),
    ("settings", '"win_ratio": 1.2', '"win_ratio": 1e999', {("VALUE_NOT_FINITE", "settings.win_ratio")}),
    ("settings", "1.2", "9" * 5000, {("VALUE_NOT_FINITE", "settings.win_ratio")}),
    ("settings", '"win_ratio": 1.2', '"win_ratio": [1]', {("VALUE_TYPE", "settings[row 1].win_ratio")}),
    ("settings", '"win_ratio": 1.2', '"win_ratio": {}', {("VALUE_TYPE", "settings[row 1].win_ratio")}),
    ("settings", '"Small"', "30", {("VALUE_TYPE", "settings.title")}),
    ("settings", '"Small"', '"\\ud800"', {("VALUE_TYPE", "settings.title")}),
    ("interests", "[", '[7, "x", null, ', {("CASE_UNREADABLE", f"interests[row {i}]") for i in (1, 2, 3)}),
    ("interests", "[", '[{"theater_id": 1e300}, ', {
        ("VALUE_TYPE", "interests[1e+300/].theater_id"),
        ("VALUE_MISSING", "interests[1e+300/].capability_id"),
        ("VALUE_MISSING", "interests[1e+300/].interest_usd_m_per_point_yr"),
    }),
]  # fmt: skip


@pytest.mark.parametrize(("table", "old", "new", "expected"), EDITED, ids=range(len(EDITED)))
def test_json_cells(tmp_path: Path, table: str, old: str, new: str, expected: Codes) -> None:
    path = tmp_path / "case.json"
    write_case(small_problem(), path)
    before, start, after = path.read_text(encoding="utf-8").partition(f'"{table}"')
    path.write_text(before + start + after.replace(old, new, 1), encoding="utf-8")
    assert found(path) == expected


def test_tables_in_documents(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    write_case(small_problem(), path)
    text = path.read_text(encoding="utf-8").rstrip().removesuffix("}")
    extra = '"interests": [], "garison": [{"a": 1}], "notes": "x", "lift": {"a": 1}, "sites": 3}'
    path.write_text(f"{text}, {extra}", encoding="utf-8")
    assert found(path) == {
        ("TABLE_DUPLICATE", "interests"),
        ("TABLE_DUPLICATE", "lift"),
        ("TABLE_DUPLICATE", "sites"),
        ("TABLE_UNKNOWN", "garison"),
    }
    path.write_text('{"settings": [], "sites": {"a": 1}, "lift": 3}', encoding="utf-8")
    codes = {finding.path for finding in findings_of(path) if finding.code == "CASE_UNREADABLE"}
    assert codes == {"settings", "sites", "lift"}


def test_yaml_keeps_words_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "case.yaml"
    kinds = [{"capability_id": kind} for kind in ("HEAVY_GROUND", "AIR", "ENGINEERS")]
    write_case(small_problem(capabilities=kinds), path)
    text = path.read_text(encoding="utf-8")
    words = ["NO", "NA", "1e3", "0x10", "1_000", "on", "12:30", "2025-01-01"]
    lines = "".join(f"- capability_id: {word.replace(':', '-')}\n  name: {word}\n" for word in words)
    path.write_text(text.replace("\ncapabilities:\n", f"\ncapabilities:\n{lines}"), encoding="utf-8")
    capabilities = read_case(path)["capabilities"].set_index("capability_id")["name"]
    assert capabilities[[word.replace(":", "-") for word in words]].tolist() == words


def edit_workbook(path: Path, edit: Callable[[openpyxl.Workbook], object]) -> None:
    write_case(small_problem(), path)
    workbook = openpyxl.load_workbook(path)
    edit(workbook)
    workbook.save(path)


def _set(sheet: str, cell: str, value: object) -> Callable[[openpyxl.Workbook], object]:
    return lambda workbook: workbook[sheet].__setitem__(cell, value)


SPREADSHEETS: list[tuple[Callable[[openpyxl.Workbook], object], Codes]] = [
    (lambda workbook: workbook.create_sheet("garison").append(["a"]), {("TABLE_UNKNOWN", "garison")}),
    (_set("sites", "D2", "=1+1"), {("VALUE_TYPE", "sites[EST_TAPA].capacity_persons")}),
    (_set("sites", "D2", "many"), {("VALUE_TYPE", "sites[EST_TAPA].capacity_persons")}),
    (_set("sites", "D2", datetime.date(2025, 1, 1)), {("VALUE_TYPE", "sites[EST_TAPA].capacity_persons")}),
    (_set("theaters", "B2", datetime.date(2025, 1, 1)), {("VALUE_TYPE", "theaters[BALTIC].name")}),
    (_set("theaters", "B2", "#DIV/0!"), {("VALUE_TYPE", "theaters[BALTIC].name")}),
    (_set("theaters", "B2", True), {("VALUE_TYPE", "theaters[BALTIC].name")}),
    (_set("theaters", "C1", "name"), {("COLUMN_DUPLICATE", "theaters.name")}),
    (_set("theaters", "C1", "nmae"), {("COLUMN_UNKNOWN", "theaters.nmae")}),
    (_set("theaters", "C2", "note"), {("COLUMN_UNKNOWN", "theaters")}),
    (_set("settings", "A3", "second"), {
        ("KEY_DUPLICATE", "settings"),
        *(("VALUE_MISSING", f"settings.{column}") for column in (
            "lead_actor_id", "money_base_year", "first_year",
        )),
    }),
]  # fmt: skip


@pytest.mark.parametrize(("edit", "expected"), SPREADSHEETS, ids=range(len(SPREADSHEETS)))
def test_spreadsheets(tmp_path: Path, edit: Callable[[openpyxl.Workbook], object], expected: Codes) -> None:
    path = tmp_path / "case.xlsx"
    edit_workbook(path, edit)
    codes = found(path)
    assert expected <= codes
    assert len(codes) <= len(expected) + 1


def test_computed_formulas_are_read(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    edit_workbook(path, _set("sites", "D2", "=1500*2"))
    rewrite(path, "xl/worksheets/sheet6.xml", lambda xml: xml.replace(b"<v />", b"<v>3000</v>").replace(
        b"<v></v>", b"<v>3000</v>"
    ).replace(b"<v/>", b"<v>3000</v>"))  # fmt: skip
    assert read_case(path).digest == small_problem().digest


def rewrite(path: Path, part: str, edit: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert part in parts
    parts[part] = edit(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"settings,sites\n"])
def test_files_that_are_no_spreadsheets(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "case.xlsx"
    path.write_bytes(content)
    assert found(path) == {("CASE_UNREADABLE", "")}


def test_zip_bombs_are_not_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "case.xlsx"
    write_case(small_problem(), path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/bomb.xml", b"\0" * 20_000_000)
    assert path.stat().st_size < 200_000
    monkeypatch.setattr(case_spreadsheets, "MOST_UNPACKED_BYTES", 10_000_000)
    monkeypatch.setattr(openpyxl, "load_workbook", pytest.fail)
    assert found(path) == {("CASE_UNSAFE", "")}


def test_sizes_that_lie_are_found(tmp_path: Path) -> None:
    path = tmp_path / "case.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"\0" * 20_000_000)
    content = path.read_bytes()
    path.write_bytes(content.replace((20_000_000).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert found(path) == {("CASE_UNREADABLE", "")}


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (lambda xml: b'<!DOCTYPE a [<!ENTITY b "c">]>' + xml, "CASE_UNSAFE"),
        (lambda xml: xml[: len(xml) // 2], "CASE_UNREADABLE"),
        (lambda xml: xml.replace(b'r="2"', b'r="99999999"'), "CASE_UNSAFE"),
        (lambda xml: xml.replace(b'r="A1"', b'r="ZZZZ1"'), "CASE_UNREADABLE"),
    ],
)
def test_mangled_parts(tmp_path: Path, edit: Callable[[bytes], bytes], code: str) -> None:
    path = tmp_path / "case.xlsx"
    workbook = openpyxl.Workbook()
    workbook.active.title = "sites"
    workbook.active.append(["site_id"])
    workbook.active.append(["X"])
    workbook.save(path)
    rewrite(path, "xl/worksheets/sheet1.xml", edit)
    assert code in {finding.code for finding in findings_of(path)}


FORMATS = ["case.xlsx", "case.yaml", "case.json", "interests.csv"]


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(FORMATS),
    cuts=st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 20), st.binary(max_size=6)), min_size=1, max_size=4
    ),
)
def test_mangled_files_raise_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, name: str, cuts: list[tuple[float, int, bytes]]
) -> None:
    folder = tmp_path_factory.mktemp("case")
    if name.endswith(".csv"):
        (folder / "settings.yaml").write_text(json.dumps({"title": "x"}), encoding="utf-8")
        (folder / name).write_text("theater_id,capability_id\nBALTIC,AIR\n", encoding="utf-8")
    else:
        write_case(small_problem(), folder / name)
    content = (folder / name).read_bytes()
    for place, length, inserted in cuts:
        start = int(place * len(content))
        content = content[:start] + inserted + content[start + length :]
    (folder / name).write_bytes(content)
    try:
        read_case(folder if name.endswith(".csv") else folder / name)
    except ProblemError as error:
        str(error).encode("utf-8")


@settings(max_examples=40, deadline=None)
@given(place=st.floats(0, 1), mask=st.integers(1, 255))
def test_a_workbook_with_a_flipped_byte_raises_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, place: float, mask: int
) -> None:
    """The parts of a workbook are compressed: what they unpack to may be anything, or nothing."""
    path = tmp_path_factory.mktemp("case") / "case.xlsx"
    write_case(small_problem(), path)
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= mask
    path.write_bytes(content)
    try:
        read_case(path)
    except ProblemError as error:
        str(error).encode("utf-8")
