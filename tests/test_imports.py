"""What imports what."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from optimizer.formulation import FAMILIES

ROOT = Path(__file__).resolve().parent.parent

COMMAND = """
import sys
from {module} import main
sys.argv = ["{module}", "--help"]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
"""


def _imported_by(code: str) -> set[str]:
    """Names of the packages that running this code imports."""
    telling = code + "\nprint('\\n' + ' '.join({name.partition('.')[0] for name in sys.modules}))"
    run = subprocess.run(
        [sys.executable, "-c", telling], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(run.stdout.splitlines()[-1].split())


def test_every_file_of_families_is_registered_and_held_apart() -> None:
    folder = ROOT / "optimizer" / "formulation" / "families"
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} == {family.name for family in FAMILIES}
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (contract,) = [
        contract
        for contract in settings["tool"]["importlinter"]["contracts"]
        if contract["type"] == "independence"
    ]
    assert contract["modules"] == ["optimizer.formulation.families.*"]
    assert "ignore_imports" not in contract


@pytest.mark.parametrize("module", ["forceposture.command.cli", "server.main"])
def test_help_imports_nothing_heavy(module: str) -> None:
    imported = _imported_by(COMMAND.format(module=module))
    assert not imported & {"pyomo", "highspy", "pandas", "numpy", "scipy", "grpc"}


def test_solving_leaves_out_what_takes_long_and_is_not_used() -> None:
    solve = (
        "import sys; from optimizer.run import solve; from optimizer.solve_options import SolveOptions;"
        "from optimizer.cases.read import read_case; solve(read_case('hand'), SolveOptions());"
        "print(*[name for name in sys.modules if name.count('.') == 1], file=sys.stderr);"
        "import scipy.stats; scipy.stats.norm.cdf(0)"
    )
    run = subprocess.run([sys.executable, "-c", solve], cwd=ROOT, capture_output=True, text=True, check=True)
    imported = set(run.stderr.split())
    assert "scipy.sparse" in imported
    assert not imported & {"scipy.stats", "scipy.spatial", "pyomo.environ"}


def test_a_model_that_needed_only_the_core_is_solved_by_solvers_of_pyomo() -> None:
    code = (
        "import sys; from optimizer.formulation import build; from optimizer.cases.read import read_case;"
        "model = build(read_case('hand')); assert 'pyomo.environ' not in sys.modules;"
        "import pyomo.environ as pyo; pyo.SolverFactory('appsi_highs').solve(model);"
        "print(round(pyo.value(model.objective), 6))"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(run.stdout.splitlines()[-1]) == 18_100


def test_server_leaves_solving_to_its_workers() -> None:
    imported = _imported_by("import sys, server.rpc.service")
    assert "grpc" in imported
    assert not imported & {"pyomo", "highspy", "pandas", "numpy", "scipy"}


def test_client_needs_neither_optimizer_nor_server() -> None:
    imported = _imported_by("import sys, forceposture.client")
    assert not imported & {"optimizer", "server", "pyomo", "highspy", "pandas", "numpy", "scipy"}
