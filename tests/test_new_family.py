"""Adding a family touches the files that the recipe names and nothing else; tried on a copy of the software."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRATCH = Path(__file__).parent / "new_family"
COPIED = ("data", "forceposture", "optimizer", "server", "tests", "pyproject.toml")
NUMBERS = {"five": 5, "six": 6, "seven": 7, "eight": 8}

IN_USE = """
import json, sys
from pathlib import Path

sys.path.insert(0, "tests")
from hand_cases import changed, hand_tables, problem_of
from optimizer.audit import audit
from optimizer.checks.admission import checked_index
from optimizer.checks.model import model_findings
from optimizer.checks.size import model_size
from optimizer.formulation import ROW_KINDS
from optimizer.formulation.frames.index import build_index
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.solver.compilation import compile_matrix
from optimizer.solver.model_files import write_model

tables = {name: rows for name, rows in hand_tables().items() if name != "responses"}
problem = problem_of(tables)
index = checked_index(problem)
size, matrix = model_size(index), compile_matrix(index)
write_model(matrix, Path("hand.lp"))
solution = solve(problem, SolveOptions())
owned = solution.tables["owned_forces"]
fewer = owned.assign(owned_count=owned["owned_count"].where(owned["actor_id"] != "USA", 2.5))
slow = changed(tables["actor_unit_types"], {"actor_id": "USA"}, maximum_raised_count_per_yr=3)
late = build_index(problem_of({**tables, "actor_unit_types": slow}))
print(json.dumps({
    "kind": ROW_KINDS["cadre_there"].name,
    "counted": [size.row_count, size.column_count, size.nonzero_count, size.integer_count],
    "built": [*matrix.coefficients.shape, matrix.coefficients.nnz, int(matrix.is_integer.sum())],
    "rows": [name for name in matrix.row_names() if name.startswith("cadre_there")],
    "exported": "cadre_there" in Path("hand.lp").read_text(),
    "owned": dict(zip(owned["actor_id"], owned["owned_count"], strict=True)),
    "audit": audit(problem, {**solution.tables, "owned_forces": fewer}, False, solution.outcome["objective_usd_m"]),
    "findings": [finding.path for finding in model_findings(late)],
}))
"""


def replaced(path: Path, before: str, after: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(folder: Path, *arguments: str) -> str:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    ran = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=300
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def add_family(folder: Path) -> None:
    """Follows the recipe, but for the golden file, which the tests write themselves."""
    optimizer = folder / "optimizer"
    shutil.copy(SCRATCH / "rules.py", optimizer / "formulation" / "families" / "cadre.py")
    listing = optimizer / "formulation" / "__init__.py"
    replaced(listing, "    basing,\n", "    basing,\n    cadre,\n")
    replaced(listing, "    goals.FAMILY,\n", "    goals.FAMILY,\n    cadre.FAMILY,\n")
    page = optimizer / "README.md"
    heading = "| **4.14 `formulation/families/cadre.py`** | | | |\n"
    line = (
        "| `cadre_there` | POLICY | at the end a force has its cadre | cost of one more unit in the cadre |\n"
    )
    replaced(page, "<!-- /rules -->", f"{heading}{line}<!-- /rules -->")
    shutil.copy(SCRATCH / "audit.py", optimizer / "audit" / "cadre.py")
    audits = optimizer / "audit" / "__init__.py"
    following = "from optimizer.audit.command import command\n"
    replaced(audits, following, f"from optimizer.audit.cadre import cadre\n{following}")
    replaced(audits, "    ledger_shown,\n", "    ledger_shown,\n    cadre,\n")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a copy that is not made by running it."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc" and "cache" not in path.as_posix()
    }


@pytest.fixture(scope="module")
def touched(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, set[str]]:
    """A copy of the software with one family more that passes the tests of families, and the files it took."""
    folder = tmp_path_factory.mktemp("with_a_family")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(source, folder / name)
    before = contents(folder)
    add_family(folder)
    tests = ("tests/test_golden.py", "tests/test_rules_page.py")
    run(folder, "-m", "pytest", "-n0", "-p", "no:cacheprovider", "--accept", tests[0])
    run(folder, "-m", "pytest", "-n0", "-p", "no:cacheprovider", *tests)
    after = contents(folder)
    return folder, {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_the_recipe_names_every_file_and_how_many(touched: tuple[Path, set[str]]) -> None:
    _, files = touched
    recipe = (ROOT / "optimizer" / "README.md").read_text(encoding="utf-8").split("## How to add a family")[1]
    named = re.findall(r"^\| `([\w/.<>]+)` \| ", recipe, flags=re.MULTILINE)
    assert {name.replace("<name>", "cadre") for name in named} == files
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Add a family")[1]
    (count,) = re.findall(r"A family takes (\w+) files", contributing)
    assert NUMBERS[count] == len(files)


def test_a_new_family_is_part_of_everything(touched: tuple[Path, set[str]]) -> None:
    folder, _ = touched
    found: dict[str, Any] = json.loads(run(folder, "-c", IN_USE).splitlines()[-1])
    assert found["kind"] == "POLICY"
    assert found["counted"] == found["built"]
    assert found["rows"] == [f"cadre_there[{actor},BRIGADE,2026]" for actor in ("EUR", "ROK", "USA")]
    assert found["exported"]
    assert found["owned"]["USA"] == pytest.approx(4)
    assert "owned_forces: USA BRIGADE 2026: 2.5 owned but the cadre is 4" in found["audit"]
    assert found["findings"] == ["actor_unit_types[USA/BRIGADE].maximum_raised_count_per_yr"]


@pytest.mark.parametrize(
    ("needed", "contract"),
    [
        ("from optimizer.formulation.families import goals", "families know nothing of each other"),
        ("import pyomo.core", "families and frames know no Pyomo"),
    ],
)
def test_a_family_that_needs_what_it_may_not_breaks_the_contract(
    touched: tuple[Path, set[str]], needed: str, contract: str
) -> None:
    folder, _ = touched
    check = ("-c", "from importlinter.cli import lint_imports_command; lint_imports_command()")
    assert f"{contract} KEPT" in run(folder, *check)
    family = folder / "optimizer" / "formulation" / "families" / "cadre.py"
    text = family.read_text(encoding="utf-8")
    family.write_text(f"{text}\n{needed}\n", encoding="utf-8")
    try:
        with pytest.raises(AssertionError, match=f"{contract} BROKEN"):
            run(folder, *check)
    finally:
        family.write_text(text, encoding="utf-8")
