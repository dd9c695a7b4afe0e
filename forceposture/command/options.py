"""Arguments and options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Case = Annotated[
    str,
    typer.Argument(metavar="CASE", help="A shipped case, a folder of CSVs, an .xlsx, a .yaml or a .json."),
]
Alternative = Annotated[
    str | None,
    typer.Option(
        "--alternative", metavar="NAME", help="One of the case's alternatives, as posture cases lists them."
    ),
]
Relax = Annotated[bool, typer.Option("--relax", help="Solve the linear relaxation: nothing need be whole.")]
TimeLimit = Annotated[
    float | None,
    typer.Option(
        "--time-limit",
        help="Search for so many seconds, in each solve; without, the search is counted, not timed.",
    ),
]
Gap = Annotated[
    float | None,
    typer.Option("--gap", help="Search until the gap to the bound, as part of the cost, is no larger."),
]
Threads = Annotated[int, typer.Option("--threads", help="Threads of the solver.")]
Seed = Annotated[int, typer.Option("--seed", help="Seed of the solver.")]
Solver = Annotated[
    str, typer.Option("--solver", help="Algorithm for linear programs: choose, simplex, ipm or pdlp.")
]
Processes = Annotated[
    int | None,
    typer.Option(
        "--processes",
        help="Processes of a search with a time limit or a gap; by default 2, or 1 on one core.",
    ),
]
Deterministic = Annotated[
    bool,
    typer.Option(
        "--deterministic", help="Count work with a time limit or a gap, too, so that it repeats exactly."
    ),
]
NodeLimit = Annotated[
    int | None, typer.Option("--node-limit", help="Nodes after which the search over everything ends.")
]
PlainSearch = Annotated[
    bool, typer.Option("--plain-search", help="Leave the search for whole numbers to the solver alone.")
]
Start = Annotated[
    Path | None,
    typer.Option("--start", metavar="DIR", help="Result folder of a plan from which the search starts."),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out", metavar="DIR", help="Folder of the result, no case; by default in posture-results."
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="Write one JSON object to standard output; no folder unless --out.")
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="ADDRESS", help="Solve through the service at this host and port."),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log on standard error, and show tracebacks.")]
