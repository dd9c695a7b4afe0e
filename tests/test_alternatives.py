"""Cases with a base, and their named alternatives: rows laid over it by key, and what is said of bad ones."""

import contextlib
from pathlib import Path

import pytest
from small_problem import small_problem, small_tables
from typer.testing import CliRunner

from forceposture.command.cli import app
from forceposture.command.exit_codes import ExitCode
from optimizer.cases.read import alternatives, case_title, read_case, shipped_cases, write_case
from optimizer.checks import check
from optimizer.errors import Finding, ProblemError
from optimizer.tables.problem import Problem, canonical_lines


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """The small problem with an empty alternative ``changed``."""
    write_case(small_problem(), tmp_path / "case")
    folder = tmp_path / "case" / "alternatives" / "changed"
    folder.mkdir(parents=True)
    (folder / "settings.yaml").write_text("title: Changed\n", encoding="utf-8")
    return tmp_path / "case"


def changed(case: Path, **tables: str) -> Problem:
    """The alternative with these CSV files."""
    for name, text in tables.items():
        (case / "alternatives" / "changed" / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_case(case, "changed")


def refused(case: Path, **tables: str) -> list[Finding]:
    with pytest.raises(ProblemError) as caught:
        changed(case, **tables)
    return list(caught.value.findings)


def differing(problem: Problem) -> tuple[list[str], list[str]]:
    """The lines of the small problem that are gone, and those that are new; without settings."""
    before, after = canonical_lines(small_problem()), canonical_lines(problem)
    gone = [line for line in before if line not in after and not line.startswith('["settings"')]
    return gone, [line for line in after if line not in before and not line.startswith('["settings"')]


def test_an_alternative_is_named_by_its_settings_and_else_its_base(case: Path) -> None:
    problem = changed(case)
    assert list(alternatives(case)) == ["changed"]
    assert case_title(alternatives(case)["changed"]) == "Changed"
    assert problem.settings == {**small_problem().settings, "title": "Changed"}
    assert differing(problem) == ([], [])
    assert read_case(case).digest == small_problem().digest != problem.digest


def test_the_digest_is_that_of_the_same_problem_written_whole(case: Path, tmp_path: Path) -> None:
    problem = changed(case, theaters="theater_id,name\nBALTIC,Baltics\n")
    for name in ("whole", "whole.json", "whole.xlsx"):
        write_case(problem, tmp_path / name)
        assert read_case(tmp_path / name).digest == problem.digest


def test_given_cells_replace_and_empty_cells_leave(case: Path) -> None:
    row = next(row for row in small_tables()["site_access"] if len(row) > 3)
    key = f"{row['site_id']},{row['actor_id']}"
    text = f"site_id,actor_id,open_cost_usd_m_per_yr,limit_persons\n{key},77,\n"
    (gone,), (new,) = differing(changed(case, site_access=text))
    assert '"open_cost_usd_m_per_yr":77' in new
    before = read_case(case)["site_access"].set_index(["site_id", "actor_id"])
    after = read_case(case, "changed")["site_access"].set_index(["site_id", "actor_id"])
    columns = [name for name in before if name != "open_cost_usd_m_per_yr"]
    assert before[columns].equals(after[columns])
    assert gone != new


def test_a_word_empties_a_cell(case: Path) -> None:
    _, new = differing(changed(case, theaters="theater_id,name\nBALTIC,(empty)\n"))
    assert new == ['["theaters",{"theater_id":"BALTIC"}]\n']


def test_new_keys_are_added_and_deleted_ones_go(case: Path) -> None:
    text = "capability_id,name,change\nCYBER,Cyber forces,\n"
    _, new = differing(changed(case, capabilities=text))
    assert new == ['["capabilities",{"capability_id":"CYBER","name":"Cyber forces"}]\n']
    (member, *_) = small_tables()["site_group_members"]
    text = f"site_group_id,member_id,change\n{member['site_group_id']},{member['member_id']},delete\n"
    gone, _ = differing(changed(case, site_group_members=text))
    assert len(gone) == 1
    assert member["member_id"] in gone[0]


def test_keys_are_compared_as_what_they_mean(case: Path) -> None:
    row = small_tables()["actor_years"][0]
    text = f"actor_id,year,gdp_usd_m\n {row['actor_id']} ,{row['year']}.0,123456\n"
    gone, new = differing(changed(case, actor_years=text))
    assert len(gone) == len(new) == 1
    mode = small_tables()["unit_type_modes"][0]
    text = f"unit_type_id,mode,exposure_points\n{mode['unit_type_id']},{str(mode['mode']).lower()},9\n"
    changed(case, unit_type_modes=text)
    assert len(read_case(case, "changed")["unit_type_modes"]) == len(small_tables()["unit_type_modes"])


THEATERS = "alternatives/changed/theaters.csv: "

BAD = [
    ("theaters", "theater_id,nam\nBALTIC,X\n", "COLUMN_UNKNOWN", THEATERS),
    ("theaters", "name\nX\n", "COLUMN_MISSING", THEATERS),
    ("theaters", "theater_id,name,name\nBALTIC,X,Y\n", "COLUMN_DUPLICATE", THEATERS),
    ("theaters", "theater_id,name\nBALTIC,X\nBALTIC,Y\n", "KEY_DUPLICATE", THEATERS),
    ("theaters", "theater_id,name\n,X\n", "VALUE_MISSING", THEATERS),
    ("theaters", "theater_id,name\nA B,X\n", "KEY_UNSAFE", THEATERS),
    ("theaters", "theater_id,change\nBALTIK,delete\n", "REFERENCE_UNKNOWN", THEATERS),
    ("theaters", "theater_id,change\nBALTIC,remove\n", "VALUE_CHOICE", THEATERS),
    ("theaters", "theater_id,name,change\nBALTIC,X,delete\n", "VALUE_CHOICE", THEATERS),
    ("theaters", "theater_id,name\nBALTIC,X,Y\n", "CASE_UNREADABLE", THEATERS),
    ("theaters", "theater_id,shortfall_weight_factor\nBALTIC,much\n", "VALUE_TYPE", THEATERS),
    ("theaters", "theater_id,shortfall_weight_factor\nBALTIC,-1\n", "VALUE_RANGE", THEATERS),
    ("theatres", "theater_id,name\nBALTIC,X\n", "TABLE_UNKNOWN", "alternatives/changed/theatres.csv: "),
    ("theaters", "theater_id,change\nBALTIC,delete\n", "REFERENCE_UNKNOWN", "with alternatives/changed laid"),
]


@pytest.mark.parametrize(("table", "text", "code", "beginning"), BAD)
def test_findings_name_the_file(case: Path, table: str, text: str, code: str, beginning: str) -> None:
    findings = refused(case, **{table: text})
    assert {finding.code for finding in findings} == {code}
    assert all(finding.message.startswith(beginning) for finding in findings)


def test_everything_wrong_is_said_at_once(case: Path) -> None:
    findings = refused(case, theaters="theater_id,nam\nBALTIC,X\n", actors="actor_id,change\nUSB,delete\n")
    assert [finding.code for finding in findings] == ["REFERENCE_UNKNOWN", "COLUMN_UNKNOWN"]
    assert findings[0].fix == "Did you mean USA?"


def test_a_new_row_needs_its_cells(case: Path) -> None:
    (finding,) = refused(case, phases="phase_id,days\nD9,9\n")
    assert (finding.code, finding.path) == ("VALUE_MISSING", "phases[D9].kind")
    assert finding.message.startswith("alternatives/changed/phases.csv: ")


def test_settings_are_no_place_for_other_words(case: Path) -> None:
    path = case / "alternatives" / "changed" / "settings.yaml"
    path.write_text("base: reference\nchange: delete\n", encoding="utf-8")
    findings = refused(case)
    assert {finding.column_name for finding in findings} == {"base", "change"}
    assert all(f.message.startswith("alternatives/changed/settings.yaml: ") for f in findings)


def test_a_base_is_found_from_the_folder_and_has_alternatives_of_its_own(case: Path) -> None:
    upper = case.parent / "upper"
    (upper / "alternatives" / "more").mkdir(parents=True)
    (upper / "settings.yaml").write_text("base: ../case\ntitle: Upper\n", encoding="utf-8")
    (upper / "theaters.csv").write_text("theater_id,name\nBALTIC,Upper\n", encoding="utf-8")
    (upper / "alternatives" / "more" / "settings.yaml").write_text("win_ratio: 2\n", encoding="utf-8")
    more = read_case(upper, "more")
    assert more["theaters"].set_index("theater_id")["name"]["BALTIC"] == "Upper"
    assert (more.settings["title"], more.settings["win_ratio"]) == ("Upper", 2)
    assert list(alternatives(upper)) == ["more"]
    with pytest.raises(ProblemError, match="no alternative of that name"):
        read_case(upper, "changed")


@pytest.mark.parametrize("base", [".", "", "../upper", "/tmp", "refrence", "../loop"])
def test_a_base_must_be_another_case(tmp_path: Path, base: str) -> None:
    for name, below in (("upper", base), ("loop", "../upper")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "settings.yaml").write_text(f"base: {below}\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_case(tmp_path / "upper")
    assert {finding.code for finding in caught.value.findings} <= {"CASE_UNREADABLE", "CASE_NOT_FOUND"}


def test_what_is_wrong_with_the_base_is_said_of_the_base(case: Path) -> None:
    (case / "phases.csv").write_text("phase_id,days,kind\nD1,x,DETER\n", encoding="utf-8")
    upper = case.parent / "upper"
    upper.mkdir()
    (upper / "settings.yaml").write_text("base: ../case\n", encoding="utf-8")
    with pytest.raises(ProblemError) as caught:
        read_case(upper)
    assert all(finding.message.startswith("base ../case: ") for finding in caught.value.findings)


@pytest.mark.parametrize("name", ["chnged", "../changed", "", "x" * 999])
def test_unknown_alternatives_get_the_nearest_known(case: Path, name: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_case(case, name)
    (finding,) = caught.value.findings
    assert finding.code == "CASE_NOT_FOUND"
    assert "changed" in finding.fix


def test_files_have_no_alternatives(tmp_path: Path) -> None:
    write_case(small_problem(), tmp_path / "case.json")
    assert alternatives(tmp_path / "case.json") == {}
    with pytest.raises(ProblemError, match="There is none"):
        read_case(tmp_path / "case.json", "changed")


def test_the_command_lists_and_takes_alternatives(case: Path) -> None:
    def posture(*arguments: str) -> tuple[int, str]:
        with contextlib.chdir(case.parent):
            result = CliRunner().invoke(app, list(arguments))
        return result.exit_code, result.stdout

    changed(case, theaters="theater_id,name\nBALTIC,Baltics\n")
    listed = posture("cases")[1].splitlines()
    for folder in shipped_cases().values():
        for other, path in alternatives(folder).items():
            assert any(line.split() == [other, *case_title(path).split()] for line in listed), folder
    digest = read_case(case, "changed").digest
    code, text = posture("check", "case", "--alternative", "changed")
    assert (code, text.splitlines()[0]) == (0, f"case-changed: no findings; digest {digest}")
    assert posture("check", "case", "--alternative", "chnaged")[0] == ExitCode.BAD_INPUT
    code, text = posture("export", "case", "--format", "json", "--alternative", "changed")
    assert code == 0
    assert text.strip().endswith("case-changed.json")
    assert read_case(text.strip()).digest == digest
    assert posture("solve", "case", "--alternative", "changed", "--relax")[0] == 0
    assert (case.parent / "posture-results" / f"case-changed-{digest[:8]}-relax" / "solution.json").exists()


def test_a_folder_here_with_a_shipped_name_has_alternatives_of_its_own(
    case: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed(case, theaters="theater_id,name\nBALTIC,Baltics\n")
    here = case.rename(case.parent / "essay")
    (here.parent / "more").mkdir()
    (here.parent / "more" / "settings.yaml").write_text("base: ../essay\n", encoding="utf-8")
    monkeypatch.chdir(here.parent)
    found = read_case("./essay", "changed")
    assert found["theaters"].set_index("theater_id").loc["BALTIC", "name"] == "Baltics"
    assert read_case("more")["theaters"].equals(read_case("./essay")["theaters"])
    assert not read_case("essay")["theaters"].equals(read_case("./essay")["theaters"])


def test_shipped_alternatives_have_no_findings() -> None:
    for name, case_folder in shipped_cases().items():
        for alternative, folder in alternatives(case_folder).items():
            problem = read_case(name, alternative)
            assert check(problem) == [], (name, alternative)
            assert problem.settings["title"] == case_title(folder)
