"""How today's posture stands: the tables of a score; also as a message."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from forceposture.v1 import score_pb2
from optimizer.tables.schema import SCORE_TABLES, frame_from_rows, rows_from_frame


@dataclass(frozen=True)
class Score:
    """How today's posture stands, kept as it is.

    Attributes:
        problem_digest: digest of the problem.
        tables: every table of a score by name.
        audit_findings: where its deployment or its costs fail their audit; none if they pass.
    """

    problem_digest: str
    tables: Mapping[str, pd.DataFrame]
    audit_findings: tuple[str, ...] = ()


def message_from_score(score: Score) -> score_pb2.Score:
    """The message of a score."""
    message = score_pb2.Score(problem_digest=score.problem_digest, audit_findings=score.audit_findings)
    for name, table in SCORE_TABLES.items():
        rows = getattr(message, name)
        for row in rows_from_frame(table, score.tables[name]):
            rows.add(**row)
    return message


def score_from_message(message: score_pb2.Score) -> Score:
    """The score of a message; the way back of ``message_from_score``."""
    tables = {
        name: table.typed(frame_from_rows(table, getattr(message, name)))
        for name, table in SCORE_TABLES.items()
    }
    return Score(message.problem_digest, tables, tuple(message.audit_findings))


def json_from_score(score: Score) -> dict[str, Any]:
    """A score as plain values: digest, findings, and each table as a list of rows without empty cells."""
    document: dict[str, Any] = {
        "problem_digest": score.problem_digest,
        "audit_findings": list(score.audit_findings),
    }
    for name in SCORE_TABLES:
        rows = score.tables[name].astype("object").to_dict("records")
        document[name] = [{key: cell for key, cell in row.items() if not pd.isna(cell)} for row in rows]
    return document
