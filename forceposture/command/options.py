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
    float, typer.Option("--time-limit", help="Seconds after which the best plan is taken; of each solve.")
]
Gap = Annotated[
    float, typer.Option("--gap", help="Gap to the bound, as part of the cost, at which a plan is optimal.")
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
        help="Processes of the search for whole numbers; by default 2, or 1 on one core or with --deterministic.",
    ),
]
Deterministic = Annotated[
    bool,
    typer.Option("--deterministic", help="Count nodes instead of seconds, so that a solve repeats exactly."),
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
