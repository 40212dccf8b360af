"""JSON as the store writes it: compact, and readable in any script."""

import json


def to_json(value: object) -> str:
    """Raises ValueError for NaN and infinity, which PostgreSQL refuses."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
