"""From the linear relaxation to a plan in whole numbers, and on until time runs out.

The relaxation of a posture problem is nearly whole. A first plan comes from deciding sites, then units owned, then the
rest (``dive``). The next search keeps every whole value of the relaxation and lets every other column take one of its
two neighbors (relaxation-enforced neighborhood search); what follows frees parts of the best plan
(``neighborhoods``). Beside that, HiGHS searches over everything and proves the bound.

``search`` does this in one process, one thing after the other; ``parallel`` in two, each giving the other what it
finds. Neither changes what is optimal: every plan keeps every row, and only the search over everything proves a
bound.
"""

from optimizer.search.integer.completion import Start
from optimizer.search.integer.incumbent import Incumbent, Report, Step
from optimizer.search.integer.parallel import find_plan_in_two_processes
from optimizer.search.integer.search import find_plan

__all__ = ["Incumbent", "Report", "Start", "Step", "find_plan", "find_plan_in_two_processes"]
