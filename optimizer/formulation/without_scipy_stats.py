"""Imports Pyomo and SciPy without scipy.stats, and what comes with it.

Pyomo imports these parts of SciPy as soon as both are there, for add-ons that nothing here uses; together they take
longer than all else that a solve imports but pandas. While Pyomo looks, empty modules stand in for them. They are gone
afterwards, so that whoever needs the real ones gets them.
"""

import sys
from types import ModuleType

_UNUSED = ("scipy.stats", "scipy.integrate", "scipy.spatial")

_stand_ins = {name: ModuleType(name) for name in _UNUSED if name not in sys.modules}
sys.modules.update(_stand_ins)
try:
    import pyomo.common.dependencies  # noqa: F401
    import scipy.sparse  # noqa: F401
finally:
    for _name in _stand_ins:
        del sys.modules[_name]
