"""Frames that several families need are computed once for an index."""

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

if TYPE_CHECKING:
    from optimizer.formulation.frames.index import Index

Frame = TypeVar("Frame", pd.DataFrame, pd.Series)


def once(function: "Callable[[Index], Frame]") -> "Callable[[Index], Frame]":
    """Makes a function of an index compute its frame once; each caller gets a copy that it may change."""
    name = f"{function.__module__}.{function.__qualname__}"

    @wraps(function)
    def remembering(index: "Index") -> Frame:
        if name not in index.computed:
            index.computed[name] = function(index)
        frame: Frame = index.computed[name].copy()
        return frame

    return remembering
