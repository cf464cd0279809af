"""What is scored with a caution is always referred."""

from collections.abc import Mapping
from typing import Any

from bundle.gate import Outcome


def with_caution(fields: Mapping[str, Any], row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a slice's or series' uncertainty, referred where the gate has a caution.

    Args:
        fields: with "refer" and "refer_reason", both None where there is no uncertainty file.
        row: with "outcome" and "kind" where the gate has judged it.

    Example:
        >>> row = {"outcome": "scored with a caution", "kind": "MR"}
        >>> with_caution({"refer": True, "refer_reason": "not decisive"}, row)
        {'refer': True, 'refer_reason': 'MR; not decisive'}
        >>> with_caution({"refer": None, "refer_reason": None}, row)
        {'refer': True, 'refer_reason': 'MR'}
    """
    if row.get("outcome") != Outcome.CAUTION:
        return dict(fields)
    reasons = [row["kind"], *filter(None, [fields["refer_reason"]])]
    return {**fields, "refer": True, "refer_reason": "; ".join(reasons)}
