"""Solves the relaxation of ``reference`` and of the alternatives of ``essay``, and writes what is found into the data.

``python benchmarks/reference_findings.py`` solves them one after the other, writes ``data/findings.json`` after each,
and fills the tables of ``data/README.md``. A problem without a plan is said to have none, and why. With ``--keep``,
what was found for a problem that is still the same is kept.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from plans_of_alternatives import plan_row, todays_row
from published_figures import BASELINE, plan_measures, rows

from optimizer.cases.read import alternative_names, read_case
from optimizer.errors import ProblemError, SolverError
from optimizer.run import solve
from optimizer.solve_options import SolveOptions
from optimizer.tables.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "data" / "findings.json"

Findings = dict[str, Any]
"""What the file holds: version, problems by name, and the rows of published figures."""


def problems() -> dict[str, Problem]:
    """The base of ``essay`` and its alternatives, by name."""
    found = {BASELINE: read_case("essay")}
    return found | {name: read_case("essay", name) for name in alternative_names("essay")}


def found_of(problem: Problem, options: SolveOptions, is_baseline: bool) -> dict[str, Any]:
    """What is found of a problem: its digest and how its solve ended, and of a plan its row and measures."""
    named = {"digest": problem.digest, "title": problem.settings["title"]}
    try:
        solution = solve(problem, options)
    except (ProblemError, SolverError) as error:
        return {**named, "termination": type(error).__name__, "why": str(error)}
    ended = {**named, "termination": solution.outcome["termination"]}
    if not solution.has_plan:
        conflicts = solution.outcome.get("conflicts", [])
        return {**ended, "why": " ".join(conflicts)}
    today = {"today": todays_row(problem, solution)} if is_baseline else {}
    return {
        **ended,
        "audit_findings": solution.outcome["audit_findings"],
        "row": plan_row(problem, solution),
        "measures": plan_measures(problem, solution),
        **today,
    }


def findings(found: dict[str, dict[str, Any]], baseline: Problem, version: str) -> Findings:
    """The file's contents, of what is found so far by name."""
    measures = {name: each["measures"] for name, each in found.items() if "measures" in each}
    return {"software_version": version, "problems": found, "published": rows(baseline, measures)}


def main() -> None:
    """Solves, and writes what is found."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--keep", action="store_true", help="keep what was found for problems that are still the same"
    )
    parser.add_argument("--time-limit", type=float, default=1800.0, help="seconds after which a solve ends")
    arguments = parser.parse_args()
    options = SolveOptions(relax=True, time_limit_seconds=arguments.time_limit)
    version = str(options.echo()["software_version"])
    before = (
        json.loads(FILE.read_text(encoding="utf-8"))["problems"] if arguments.keep and FILE.exists() else {}
    )
    asked = problems()
    found: dict[str, dict[str, Any]] = {}
    for number, (name, problem) in enumerate(asked.items(), start=1):
        is_kept = before.get(name, {}).get("digest") == problem.digest
        print(f"{number} of {len(asked)}: {name}{' is kept' if is_kept else ''}", flush=True)
        found[name] = before[name] if is_kept else found_of(problem, options, name == BASELINE)
        print(f"  {found[name]['termination']}{_cost(found[name])}", flush=True)
        text = json.dumps(findings(found, asked[BASELINE], version), indent=1, ensure_ascii=False)
        FILE.write_text(f"{text}\n", encoding="utf-8")
    subprocess.run([sys.executable, ROOT / "protos" / "generate.py"], cwd=ROOT, check=True)
    for row in findings(found, asked[BASELINE], version)["published"]:
        if row["is_inside"] is False and not row["outside"]:
            print(f"outside, and published_figures.py does not say why: {row['name']}, {row['value']:.4g}")


def _cost(found: dict[str, Any]) -> str:
    if "row" not in found:
        return f": {found['why'][:300]}"
    doubts = f"; {len(found['audit_findings'])} findings of the audit" if found["audit_findings"] else ""
    return f", {found['row']['lead_cost_usd_m'] / 1000:,.1f} B${doubts}"


if __name__ == "__main__":
    main()
