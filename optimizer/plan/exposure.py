"""How exposed a plan leaves the lead actor, today and in every year, part by part."""

import math
from collections.abc import Mapping

import pandas as pd

from optimizer.formulation.families.exposure import exposed_commands, exposed_umbrellas, exposed_units
from optimizer.formulation.frames.command_options import OPTION
from optimizer.formulation.frames.index import PLACE, Index
from optimizer.formulation.frames.nuclear_options import CHOICE
from optimizer.plan.written_tables import ByKey, Key
from optimizer.tables.keyed import values


def exposure_results(index: Index, stationed: ByKey, held: ByKey, chosen: ByKey) -> dict[str, ByKey]:
    """The columns of ExposureResult for period 0 and every year, by year.

    Args:
        index: the index of the problem.
        stationed: units by PLACE and year.
        held: fractions by command, holder and year.
        chosen: fractions by nuclear option and year.
    """

    def borne(exposed: pd.DataFrame, by: list[str], quantities: Mapping[Key, float]) -> dict[Key, float]:
        points = values(exposed, by, "points")
        parts: dict[Key, list[float]] = {(year,): [] for year in index.periods}
        for (*key, year), quantity in quantities.items():
            parts[year,].append(points.get(tuple(key), 0.0) * quantity)
        return {year: math.fsum(each) for year, each in parts.items()}

    presence = borne(exposed_units(index), PLACE, stationed)
    command = borne(exposed_commands(index), OPTION, held)
    umbrella = borne(exposed_umbrellas(index), CHOICE, chosen)
    return {
        "exposure_points": {year: presence[year] + command[year] + umbrella[year] for year in presence},
        "presence_exposure_points": presence,
        "command_exposure_points": command,
        "umbrella_exposure_points": umbrella,
    }
