"""What only shows once it is known which combinations exist."""

from optimizer.errors import Finding
from optimizer.formulation import FAMILIES
from optimizer.formulation.frames.index import Index
from optimizer.tables.schema import PROBLEM_TABLES


def model_findings(index: Index) -> list[Finding]:
    """Everything that the families find wrong with an index, in the order of the tables."""
    findings = [
        finding for family in FAMILIES if family.is_asked_for(index) for finding in family.findings(index)
    ]
    order = list(PROBLEM_TABLES)
    return sorted(findings, key=lambda finding: order.index(finding.table_name))
