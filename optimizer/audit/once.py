"""What several rules look at is drawn up once for a plan."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from optimizer.audit.plan import Plan

T = TypeVar("T")


def once(function: Callable[[Plan], T]) -> Callable[[Plan], T]:
    """Makes a function of a plan draw up its result once; nobody changes it."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembering(plan: Plan) -> T:
        return plan.once(name, lambda: function(plan))

    return remembering
