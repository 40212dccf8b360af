"""What tests of the API look at again and again."""

import httpx2

JSON = {"Content-Type": "application/json"}


def problem(answer: httpx2.Response, status: int, code: str) -> dict[str, object]:
    """The problem, after checking that it is a complete one."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert set(body) == {"type", "title", "status", "detail", "code", "request_id", "errors"}
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer.headers["x-request-id"]
    assert body["detail"]
    for one in body["errors"]:
        assert set(one) == {"field", "message", "remedy"}
        assert all(one.values())
    return dict(body)


def fields(answer: httpx2.Response) -> set[str]:
    return {one["field"] for one in answer.json()["errors"]}


def add(client: httpx2.Client, text: str, **more: object) -> str:
    """The id of a new document."""
    answer = client.post("/v1/documents", json={"text": text, **more})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["items"][0]["id"])


def recalled(client: httpx2.Client, query: str, **more: object) -> list[str]:
    """The texts that are recalled, best first."""
    answer = client.post("/v1/recall", json={"query": query, **more})
    assert answer.status_code == 200, answer.text
    return [result["text"] for result in answer.json()["results"]]
