"""How much support deployed units need and get."""

import pandas as pd

from optimizer.formulation.frames.index import Index
from optimizer.formulation.frames.support import SUPPORT, support_groups


def support_results(index: Index, deployments: pd.DataFrame) -> pd.DataFrame:
    """The table of that name.

    Args:
        index: the index of the problem.
        deployments: the table of that name.

    Returns:
        The columns of SupportResult, where deployed units need support.
    """
    frame = deployments.merge(index.problem["unit_support"], on="unit_type_id")
    frame["support_group_id"] = frame["actor_id"].map(support_groups(index))
    points = ["needed_points", "provided_points"]
    for column in points:
        frame[column] *= frame["deployed_count"]
    found = frame.groupby([*SUPPORT, "year"])[points].sum().reset_index()
    return found[found["needed_points"] > 0]
