"""Arguments and options that several commands share; those of a solve follow from ``SolveOptions``."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from optimizer.solve_options import (
    OPTIONS,
    SolveOptions,
    help_text,
    word_at_the_command,
    word_from_the_command,
)

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
Start = Annotated[
    Path | None,
    typer.Option(
        "--start",
        metavar="DIR",
        help="Result folder of a plan, of this case or one like it, from which the search for whole numbers "
        "starts.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        metavar="DIR",
        help="Folder of the result, not that of a case. Default: posture-results/CASE-DIGEST here, and what is "
        "asked beyond the case, as in …-relax-budget-9000.",
    ),
]
AsJson = Annotated[
    bool,
    typer.Option("--json", help="Write one JSON object to standard output; no folder unless --out is given."),
]
Server = Annotated[
    str | None,
    typer.Option("--server", metavar="ADDRESS", help="Solve through the service at this host and port."),
]
Verbose = Annotated[bool, typer.Option("--verbose", help="Log, and show tracebacks, on standard error.")]


def takes_solve_options(command: Callable[..., None]) -> Callable[..., None]:
    """A command with a flag for every field of ``SolveOptions`` in place of its parameter ``flags``.

    Args:
        command: ``flags`` is given the values by name of the field, for ``options_from_flags``.
    """
    own = inspect.signature(command)
    parameters: list[inspect.Parameter] = []
    for parameter in own.parameters.values():
        parameters += _flags() if parameter.name == "flags" else [parameter]

    def with_flags(**given: Any) -> None:
        flags = {name: given.pop(name) for name in OPTIONS}
        command(**given, flags=flags)

    with_flags.__name__, with_flags.__doc__ = command.__name__, command.__doc__
    with_flags.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    # Typer reads the parameters of a command from its signature.
    with_flags.__signature__ = own.replace(parameters=parameters)  # type: ignore[attr-defined]
    return with_flags


def options_from_flags(flags: Mapping[str, Any]) -> SolveOptions:
    """The options of the flags of a command.

    Raises:
        ProblemError: as ``SolveOptions``.
    """
    objectives = tuple(word_from_the_command(word) for word in flags["objectives"])
    return SolveOptions(**{**flags, "objectives": objectives})


def _flags() -> list[inspect.Parameter]:
    types = get_type_hints(SolveOptions)
    flags = []
    for field in fields(SolveOptions):
        option, kind, default = OPTIONS[field.name], types[field.name], field.default
        if isinstance(default, tuple):
            kind, default = list[str], [word_at_the_command(word) for word in default]
        asked = typer.Option(
            option.flag, metavar=option.unit or None, help=help_text(field.name), show_default=False
        )
        flags.append(
            inspect.Parameter(
                field.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD,
                default=default,
                annotation=Annotated[kind, asked],
            )
        )
    return flags
