"""Answers of the service, as the HTTP contract has them."""

from tests.sdk.misbehaving import Behaviour, answer

RECEIPT = {
    "id": "m1",
    "kind": "memory",
    "status": "stored",
    "content_hash": "00",
    "passages": 1,
    "layer": "episodic",
    "revision": 7,
}
DOCUMENT = {
    "id": "m1",
    "kind": "memory",
    "text": "Mira moved to Ghent.",
    "speaker": "Mira",
    "external_id": None,
    "metadata": {"project": "heron"},
    "occurred_at": "2026-03-01T09:30:00Z",
    "recorded_at": "2026-03-02T00:00:00Z",
    "updated_at": "2026-03-02T00:00:00Z",
    "content_hash": "00",
    "status": "ready",
    "error": None,
    "passages": 1,
    "layer": "episodic",
    "version": 3,
}
RESULT: dict[str, object] = {
    "id": "p1",
    "document_id": "m1",
    "kind": "memory",
    "text": "Mira moved to Ghent.",
    "title": "",
    "source": "",
    "speaker": "Mira",
    "session_id": None,
    "layer": "episodic",
    "occurred_at": None,
    "recorded_at": "2026-03-02T00:00:00Z",
    "metadata": {},
    "score": 1.5,
    "probability": 0.93,
}
EXPLANATION = {
    "arms": {"dense": {"score": 0.61, "rank": 3}, "graph": {"score": 0.2, "rank": 1}},
    "path": [
        {"node": "question", "id": "", "label": "", "edge": "", "weight": 1.0},
        {"node": "entity", "id": "", "label": "Mira", "edge": "seed", "weight": 0.42},
        {"node": "passage", "id": "p1", "label": "", "edge": "mention", "weight": 0.5},
    ],
}
TOOK = {"encode": 1.0, "search": 2.0, "total": 3.0}
STORED = answer(201, {"items": [RECEIPT], "revision": 7, "operation": None})
FOUND = answer(200, DOCUMENT)
GONE = answer(204)
NOTHING = answer(200, {"items": [], "next_cursor": None})
RECALLED = answer(200, {"results": [RESULT], "abstained": False, "revision": 7, "took_ms": TOOK})
EXPLAINED = answer(
    200,
    {
        "results": [{**RESULT, "explanation": EXPLANATION}],
        "abstained": False,
        "revision": 7,
        "seeds": [{"kind": "entity", "label": "Mira", "mass": 0.42}],
        "took_ms": TOOK,
    },
)


def operation(status: str, error: str | None = None) -> Behaviour:
    body = {
        "id": "o1",
        "kind": "ingest",
        "status": status,
        "progress": {"done": 1, "total": 2},
        "items": [RECEIPT],
        "error": error,
        "created_at": "2026-03-02T00:00:00Z",
        "updated_at": "2026-03-02T00:00:00Z",
    }
    return answer(200, body)


def page(*ids: str, following: str | None = None) -> Behaviour:
    return answer(200, {"items": [{**DOCUMENT, "id": one} for one in ids], "next_cursor": following})
