"""What several rules look at is drawn up once for a plan."""

from collections.abc import Callable
from functools import wraps

import pandas as pd

from optimizer.audit.plan import Plan


def once(function: Callable[[Plan], pd.DataFrame]) -> Callable[[Plan], pd.DataFrame]:
    """Makes a function of a plan draw up its frame once; each caller gets a copy that it may change."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembering(plan: Plan) -> pd.DataFrame:
        if name not in plan.drawn:
            plan.drawn[name] = function(plan)
        return plan.drawn[name].copy(deep=False)

    return remembering
