"""From a posture problem to a plan: tables, checks, formulation, solver, solution, audit."""
