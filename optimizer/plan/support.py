"""How much support deployed units need and get."""

import math
from collections import defaultdict

from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.support import support_groups
from optimizer.plan.written_tables import ByKey, Key
from optimizer.tables.keyed import keys


def support_results(index: Index, deployments: ByKey) -> dict[str, ByKey]:
    """The columns of the table of that name by its key, where deployed units need support.

    Args:
        index: the index of the problem.
        deployments: deployed units by the key of the table deployments.
    """
    by_type = defaultdict(list)
    columns = ["unit_type_id", "capability_id", "needed_points", "provided_points"]
    for unit_type, *support in keys(index.problem["unit_support"], columns):
        by_type[unit_type].append(support)
    groups = support_groups(index).to_dict()
    needed: dict[Key, list[float]] = defaultdict(list)
    provided: dict[Key, list[float]] = defaultdict(list)
    for (actor, unit_type, _, *place), count in deployments.items():
        for capability, need, gift in by_type[unit_type]:
            key = (groups[actor], capability, *place)
            needed[key].append(need * count)
            provided[key].append(gift * count)
    found = {key: points for key, parts in needed.items() if (points := math.fsum(parts)) > 0}
    return {"needed_points": found, "provided_points": {key: math.fsum(provided[key]) for key in found}}
