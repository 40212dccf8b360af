"""Whatever is sent, the answer is a problem that says what to do, and nothing is kept."""

from collections.abc import Iterator

import httpx2
import pytest

from tests.api.checks import JSON, fields, problem
from tests.api.conftest import Service
from tests.unit.app import make_files

DEEP: object = "x"
for _ in range(40):
    DEEP = [DEEP]

BAD_DOCUMENTS: dict[str, tuple[object, str]] = {
    "no content": ({}, "body"),
    "two contents": ({"text": "a", "data": 1}, "body"),
    "empty text": ({"text": ""}, "text"),
    "blank text": ({"text": " \n\t "}, "text"),
    "huge text": ({"text": "x" * 1_000_000 + "\u00e9" * 300_000, "data": 1}, "body"),
    "NUL": ({"text": "a\x00b"}, "text"),
    "text of another type": ({"text": 5}, "text"),
    "unknown field": ({"text": "a", "colour": "red"}, "colour"),
    "unknown format": ({"text": "a", "format": "latex"}, "format"),
    "format without text": ({"data": 1, "format": "markdown"}, "body"),
    "empty data": ({"data": [{}, [], None, ""]}, "body"),
    "deep data": ({"data": DEEP}, "data"),
    "metadata of another type": ({"text": "a", "metadata": [1]}, "metadata"),
    "NUL in metadata": ({"text": "a", "metadata": {"k": "a\x00"}}, "metadata.k"),
    "NUL in a title": ({"text": "a", "title": "a\x00"}, "title"),
    "NUL in an external id": ({"text": "a", "external_id": "\x00"}, "external_id"),
    "empty external id": ({"text": "a", "external_id": ""}, "external_id"),
    "long title": ({"text": "a", "title": "x" * 1001}, "title"),
    "huge metadata": ({"text": "a", "metadata": {"k": "x" * 20_000}}, "metadata"),
    "number beyond 64 bits": ({"text": "a", "metadata": {"k": 10**30}}, "metadata.k"),
    "not a time": ({"text": "a", "occurred_at": "yesterday"}, "occurred_at"),
    "time before time": ({"text": "a", "occurred_at": "0001-01-01T00:00:00+10:00"}, "occurred_at"),
    "a list": ([1], "body"),
    "a text": ("hello", "body"),
    "no documents": ({"documents": []}, "documents"),
    "too many documents": ({"documents": [{"text": "a"}] * 1001}, "documents"),
    "a batch and a document": ({"documents": [{"text": "a"}], "text": "b"}, "text"),
    "one bad in a batch": ({"documents": [{"text": "a"}, {"text": "b", "titel": "c"}]}, "documents[1].titel"),
}


@pytest.fixture
def kept_nothing(service: Service) -> Iterator[None]:
    yield
    listed = service.client.get("/v1/documents")
    assert listed.status_code == 404 or listed.json()["items"] == []


@pytest.mark.usefixtures("kept_nothing")
def test_bad_documents_are_refused_by_field_and_keep_nothing(client: httpx2.Client) -> None:
    for name, (body, field) in BAD_DOCUMENTS.items():
        answer = client.post("/v1/documents", json=body)
        problem(answer, 422, "invalid_input")
        assert field in fields(answer), name


BAD_BODIES: dict[str, tuple[bytes, dict[str, str], int, str]] = {
    "cut JSON": (b'{"text": ', JSON, 400, "invalid_json"),
    "no JSON": (b"text=a", JSON, 400, "invalid_json"),
    "invalid UTF-8": (b'{"text": "\xff\xfe"}', JSON, 400, "invalid_body"),
    "nested without end": (b"[" * 200_000, JSON, 400, "invalid_body"),
    "a number of 5,000 digits": (b'{"text": "a", "metadata": {"n": ' + b"9" * 5000 + b"}}", JSON, 400, "invalid_body"),
    "NaN": (b'{"text": "a", "metadata": {"n": NaN}}', JSON, 422, "invalid_input"),
    "lone surrogate": (b'{"text": "\\ud800"}', JSON, 422, "invalid_input"),
    "lone surrogate in metadata": (b'{"text": "a", "metadata": {"a": "\\udfff"}}', JSON, 422, "invalid_input"),
    "lone surrogate in a key": (b'{"text": "a", "metadata": {"\\udfff": 1}}', JSON, 422, "invalid_input"),
    "no body": (b"", JSON, 422, "invalid_input"),
    "plain text": (b"hello", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
    "no type": (b'{"text": "a"}', {}, 415, "unsupported_media_type"),
    "too large": (b'{"text": "' + b"x" * 2_200_000 + b'"}', JSON, 413, "too_large"),
}


@pytest.mark.usefixtures("kept_nothing")
def test_bodies_that_cannot_be_read_say_why(client: httpx2.Client) -> None:
    for name, (content, headers, status, code) in BAD_BODIES.items():
        answer = client.post("/v1/documents", content=content, headers=headers)
        assert (answer.status_code, name) == (status, name)
        problem(answer, status, code)


@pytest.mark.usefixtures("kept_nothing")
def test_a_stream_without_a_length_is_cut_at_the_limit(client: httpx2.Client) -> None:
    def stream() -> Iterator[bytes]:
        yield b'{"text": "'
        for _ in range(40):
            yield b"x" * 100_000

    try:
        answer = client.post("/v1/documents", content=stream(), headers=JSON)
    except httpx2.WriteError:
        return  # the server had answered and closed before all was sent
    problem(answer, 413, "too_large")


BAD_FILES: dict[str, tuple[str, bytes, int]] = {
    "empty": ("a.txt", b"", 422),
    "binary as text": ("a.txt", b"a\x00b", 422),
    "PDF as text": ("a.txt", make_files.pdf("x"), 422),
    "text as PDF": ("a.pdf", b"hello", 422),
    "cut PDF": ("a.pdf", make_files.pdf("x")[:500], 422),
    "encrypted PDF": ("a.pdf", make_files.encrypted_pdf("secret"), 422),
    "PDF of images": ("a.pdf", make_files.pdf(""), 422),
    "text as Word": ("a.docx", b"hello", 422),
    "zip bomb": ("a.docx", make_files.zip_bomb(), 422),
    "no mail": ("a.eml", b"hello", 422),
    "ragged CSV": ("a.csv", b"a\n1,2\n", 422),
    "cut JSON": ("a.json", b"{", 422),
    "bad line": ("a.jsonl", b"1\n{\n", 422),
    "script only": ("a.html", b"<script>1</script>", 422),
    "unknown kind": ("a.xls", b"hello", 415),
    "no extension": ("notes", b"hello", 415),
}


@pytest.mark.usefixtures("kept_nothing")
def test_files_that_cannot_be_read_say_which_and_why_and_their_neighbours_are_not_kept(client: httpx2.Client) -> None:
    for name, (filename, content, status) in BAD_FILES.items():
        files = [("file", ("good.txt", b"A good file.")), ("file", (filename, content))]
        answer = client.post("/v1/documents/upload", files=files)
        assert (answer.status_code, name) == (status, name)
        if status == 422:
            problem(answer, 422, "invalid_input")
            assert fields(answer) == {"file[1]"}
            assert filename in answer.json()["errors"][0]["message"]
        else:
            problem(answer, 415, "unsupported_media_type")


@pytest.mark.parametrize("metadata", ["{", "[]", "nul", '{"a": NaN}', '{"a": "\\ud800"}'])
def test_a_form_with_bad_metadata_is_refused(metadata: str, client: httpx2.Client) -> None:
    answer = client.post("/v1/documents/upload", files=[("file", ("a.txt", b"a"))], data={"metadata": metadata})
    problem(answer, 422, "invalid_input")
    assert all(field.startswith("metadata") for field in fields(answer))


def test_bad_forms_are_refused(client: httpx2.Client) -> None:
    problem(client.post("/v1/documents/upload", json={}), 415, "unsupported_media_type")
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    problem(client.post("/v1/documents/upload", content=b"--x", headers=form), 400, "invalid_body")
    problem(client.post("/v1/documents/upload", files=[("other", ("a.txt", b"a"))]), 422, "invalid_input")
    several = [("file", (f"{number}.txt", b"text %d" % number)) for number in range(2)]
    answer = client.post("/v1/documents/upload", files=several, data={"external_id": "e"})
    problem(answer, 422, "invalid_input")
    assert fields(answer) == {"external_id"}


BAD_QUESTIONS: dict[str, tuple[object, str]] = {
    "no query": ({}, "query"),
    "blank query": ({"query": "  "}, "query"),
    "long query": ({"query": "x" * 9000}, "query"),
    "top_k of 0": ({"query": "a", "top_k": 0}, "top_k"),
    "top_k of 201": ({"query": "a", "top_k": 201}, "top_k"),
    "top_k as text": ({"query": "a", "top_k": "many"}, "top_k"),
    "threshold above 1": ({"query": "a", "threshold": 1.1}, "threshold"),
    "unknown mode": ({"query": "a", "mode": "psychic"}, "mode"),
    "unknown field": ({"query": "a", "limit": 5}, "limit"),
    "backward range": (
        {"query": "a", "time_range": {"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}},
        "time_range",
    ),
    "unknown in range": ({"query": "a", "time_range": {"since": "2026-01-02T00:00:00Z"}}, "time_range.since"),
    "no documents": ({"query": "a", "document_ids": []}, "document_ids"),
    "filters as a list": ({"query": "a", "filters": []}, "filters"),
    "no tokens": ({"query": "a", "max_tokens": 0}, "max_tokens"),
}


def test_bad_questions_are_refused_by_field(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"text": "a"})
    for path in ("/v1/recall", "/v1/context"):
        for name, (body, field) in BAD_QUESTIONS.items():
            answer = client.post(path, json=body)
            problem(answer, 422, "invalid_input")
            assert field in fields(answer), name


BAD_FILTERS = [
    {"unknown": {"eq": 1}},
    {"metadata.a": {"like": "x"}},
    {"metadata.a": {}},
    {"AND": []},
    {"AND": {"a": 1}},
    {"OR": ["x"]},
    {"NOT": "x"},
    {"occurred_at": {"gte": "yesterday"}},
    {"metadata.a": {"in": "x"}},
    {"metadata.a": {"gt": None}},
]


@pytest.mark.parametrize("filters", BAD_FILTERS, ids=str)
def test_bad_filters_are_refused_with_a_remedy(filters: object, client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"text": "a"})
    answer = client.post("/v1/recall", json={"query": "a", "filters": filters})
    problem(answer, 422, "invalid_filter")
    assert all(field.startswith("filters") for field in fields(answer))


UNKNOWN = "018f0000-0000-7000-8000-000000000000"


def test_unknown_ids_and_paths_and_methods_are_problems(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"text": "a"})
    for item in (UNKNOWN, "nonsense", "%00", "a%2Fb", "%F0%9F%92%A9"):
        for path in ("/v1/documents/", "/v1/memories/", "/v1/operations/"):
            problem(client.get(path + item), 404, "not_found")
    problem(client.get(f"/v1/documents/{UNKNOWN}/passages"), 404, "not_found")
    problem(client.patch(f"/v1/documents/{UNKNOWN}", json={"title": "x"}), 404, "not_found")
    problem(client.delete(f"/v1/memories/{UNKNOWN}"), 404, "not_found")
    problem(client.post(f"/v1/operations/{UNKNOWN}/cancel"), 404, "not_found")
    problem(client.post(f"/v1/operations/{UNKNOWN}/retry"), 404, "not_found")
    problem(client.delete(f"/v1/keys/{UNKNOWN}"), 404, "not_found")
    problem(client.get("/v1/namespaces/nowhere"), 404, "not_found")
    problem(client.get("/v1/documents", params={"namespace": "nowhere"}), 404, "not_found")
    problem(client.get("/v2/documents"), 404, "not_found")
    answer = client.put("/v1/documents")
    problem(answer, 405, "method_not_allowed")
    assert answer.headers["allow"] == "GET, POST"


def test_bad_parameters_are_refused_by_name(client: httpx2.Client) -> None:
    client.post("/v1/documents", json={"text": "a"})
    for parameters, field in (
        ({"limit": "0"}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"namespace": "a b"}, "namespace"),
        ({"namespace": "x" * 101}, "namespace"),
        ({"cursor": "nonsense"}, "cursor"),
        ({"cursor": "\x00"}, "cursor"),
    ):
        answer = client.get("/v1/documents", params=parameters)
        problem(answer, 422, "invalid_input")
        assert fields(answer) == {field}
    problem(client.get("/v1/memories", params={"session_id": "\x00"}), 422, "invalid_input")


def test_bad_headers_are_refused_by_name(client: httpx2.Client) -> None:
    item = client.post("/v1/documents", json={"text": "a"}).json()["items"][0]["id"]
    for value in ("", "x" * 256):
        answer = client.post("/v1/documents", json={"text": "b"}, headers={"Idempotency-Key": value})
        problem(answer, 422, "invalid_input")
        assert fields(answer) == {"Idempotency-Key"}
    answer = client.patch(f"/v1/documents/{item}", json={"title": "t"}, headers={"If-Match": "abc"})
    problem(answer, 422, "invalid_input")
    assert fields(answer) == {"If-Match"}


def test_a_patch_that_changes_nothing_or_empties_the_text_is_refused(client: httpx2.Client) -> None:
    item = client.post("/v1/documents", json={"text": "a"}).json()["items"][0]["id"]
    for body in ({}, {"text": None}, {"text": " "}, {"kind": "memory"}, {"metadata": {"a": "\x00"}}):
        problem(client.patch(f"/v1/documents/{item}", json=body), 422, "invalid_input")
    assert client.get(f"/v1/documents/{item}").json()["version"] == 1
