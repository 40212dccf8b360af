"""Documents over HTTP: they go in, come out, change and go, and are recallable in the next request."""

import httpx2
import pytest

from tests.api.checks import add, fields, problem, recalled
from tests.api.conftest import Service
from tests.unit.app import make_files
from tests.unit.app.make_files import HERON


def test_a_document_is_recallable_in_the_next_request(client: httpx2.Client) -> None:
    answer = client.post("/v1/documents", json={"text": HERON, "title": "Birds", "metadata": {"river": "Leie"}})
    assert answer.status_code == 201
    body = answer.json()
    assert body["operation"] is None
    (receipt,) = body["items"]
    assert receipt["status"] == "stored"
    assert receipt["kind"] == "document"
    assert receipt["passages"] == 1
    assert receipt["revision"] == body["revision"]
    assert recalled(client, "Where does the heron nest?", min_revision=body["revision"]) == [HERON]


def test_a_document_is_read_back_as_it_was_sent(client: httpx2.Client) -> None:
    sent = {
        "text": HERON,
        "title": "Birds",
        "source": "https://example.org/birds",
        "external_id": "note-1",
        "metadata": {"river": {"name": "Leie"}, "tags": ["a", 1, None, True, 2.5]},
        "occurred_at": "2026-03-01T09:30:00Z",
    }
    item = add(client, **sent)  # type: ignore[arg-type]
    answer = client.get(f"/v1/documents/{item}")
    assert answer.headers["etag"] == f'"{answer.json()["version"]}"'
    kept = answer.json()
    assert {name: kept[name] for name in sent} == sent
    assert (kept["id"], kept["kind"], kept["format"], kept["status"], kept["passages"]) == (
        item,
        "document",
        "text",
        "ready",
        1,
    )
    assert "speaker" not in kept


def test_a_time_without_a_zone_is_read_as_utc(client: httpx2.Client) -> None:
    item = add(client, HERON, occurred_at="2026-03-01T09:30:00")
    assert client.get(f"/v1/documents/{item}").json()["occurred_at"] == "2026-03-01T09:30:00Z"


def test_any_json_can_be_a_document(client: httpx2.Client) -> None:
    answer = client.post("/v1/documents", json={"data": {"bird": {"name": "heron"}, "seen": [1, 2]}})
    kept = client.get(f"/v1/documents/{answer.json()['items'][0]['id']}").json()
    assert kept["text"] == "bird.name: heron\nseen: 1\nseen: 2"
    assert kept["format"] == "json"


def test_a_batch_has_a_receipt_for_each_in_order_and_repeats_are_recognised(client: httpx2.Client) -> None:
    texts = ["One heron.", "Two swifts.", "One heron."]
    answer = client.post("/v1/documents", json={"documents": [{"text": text} for text in texts]})
    assert answer.status_code == 201
    first, second, third = answer.json()["items"]
    assert [first["status"], second["status"], third["status"]] == ["stored", "stored", "duplicate"]
    assert third["id"] == first["id"]
    again = client.post("/v1/documents", json={"text": "Two swifts."}).json()["items"][0]
    assert (again["status"], again["id"]) == ("duplicate", second["id"])


def test_a_batch_with_one_bad_document_keeps_nothing(client: httpx2.Client) -> None:
    answer = client.post("/v1/documents", json={"documents": [{"text": HERON}, {"text": " "}]})
    problem(answer, 422, "invalid_input")
    assert fields(answer) == {"documents[1].text"}
    assert client.post("/v1/documents", json={"text": HERON}).json()["items"][0]["status"] == "stored"


def test_pages_give_every_document_once_newest_first(client: httpx2.Client) -> None:
    ids = [add(client, f"Note number {number}.") for number in range(7)]
    found: list[str] = []
    cursor: str | None = None
    while True:
        parameters = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = client.get("/v1/documents", params=parameters).json()
        found += [one["id"] for one in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == ids[::-1]


def test_a_change_is_seen_by_recall_and_raises_the_version(client: httpx2.Client) -> None:
    item = add(client, HERON)
    before = client.get(f"/v1/documents/{item}")
    changed = client.patch(
        f"/v1/documents/{item}",
        json={"text": "The swift nests under the roof.", "metadata": {"a": 1}},
        headers={"If-Match": before.headers["etag"]},
    )
    assert changed.status_code == 200
    assert changed.headers["etag"] != before.headers["etag"]
    assert changed.json()["metadata"] == {"a": 1}
    assert recalled(client, "Where does the swift nest?") == ["The swift nests under the roof."]
    stale = client.patch(f"/v1/documents/{item}", json={"title": "x"}, headers={"If-Match": before.headers["etag"]})
    problem(stale, 412, "version_mismatch")


def test_null_empties_a_field_and_what_is_not_sent_stays(client: httpx2.Client) -> None:
    item = add(client, HERON, title="Birds", external_id="e-1", occurred_at="2026-03-01T00:00:00Z", metadata={"a": 1})
    kept = client.patch(f"/v1/documents/{item}", json={"occurred_at": None, "external_id": None}).json()
    assert (kept["occurred_at"], kept["external_id"]) == (None, None)
    assert (kept["title"], kept["metadata"], kept["text"]) == ("Birds", {"a": 1}, HERON)


def test_an_external_id_belongs_to_one_document(client: httpx2.Client) -> None:
    add(client, HERON, external_id="e-1")
    problem(client.post("/v1/documents", json={"text": "Other.", "external_id": "e-1"}), 409, "external_id_taken")
    other = add(client, "Other.", external_id="e-2")
    problem(client.patch(f"/v1/documents/{other}", json={"external_id": "e-1"}), 409, "external_id_taken")


def test_a_deleted_document_is_gone_at_once(client: httpx2.Client) -> None:
    item = add(client, HERON)
    problem(client.delete(f"/v1/documents/{item}", headers={"If-Match": '"99"'}), 412, "version_mismatch")
    assert client.delete(f"/v1/documents/{item}").status_code == 204
    assert recalled(client, "Where does the heron nest?") == []
    problem(client.get(f"/v1/documents/{item}"), 404, "not_found")
    problem(client.delete(f"/v1/documents/{item}"), 404, "not_found")


def test_passages_say_what_they_name(client: httpx2.Client) -> None:
    item = add(client, "Mira Janssen moved to Ghent. She likes the river.")
    (passage,) = client.get(f"/v1/documents/{item}/passages").json()["items"]
    assert passage["ordinal"] == 0
    assert passage["text"].startswith("Mira Janssen")
    assert {"Mira Janssen", "Ghent"} <= {mention["name"] for mention in passage["mentions"]}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("notes.txt", HERON.encode()),
        ("notes.md", f"# Birds\n\n{HERON}".encode()),
        ("page.html", f"<title>Birds</title><p>{HERON}</p>".encode()),
        ("paper.pdf", make_files.pdf(HERON)),
        ("letter.docx", make_files.docx()),
        ("message.eml", make_files.mail()),
        ("table.csv", f"note\n{HERON}\n".encode()),
        ("record.json", f'{{"note": "{HERON}"}}'.encode()),
        ("records.jsonl", f'"{HERON}"\n'.encode()),
    ],
)
def test_a_file_of_every_format_is_recallable(name: str, content: bytes, client: httpx2.Client) -> None:
    answer = client.post(
        "/v1/documents/upload", files=[("file", (name, content))], data={"metadata": '{"from": "upload"}'}
    )
    assert answer.status_code == 201, answer.text
    (text,) = recalled(client, "Where does the heron nest?", filters={"metadata.from": {"eq": "upload"}})
    assert HERON in text


def test_several_files_come_in_one_request_and_keep_their_names(client: httpx2.Client) -> None:
    files = [("file", ("a.txt", b"One heron.")), ("file", ("b.jsonl", b'"Two swifts."\n"Three owls."\n'))]
    answer = client.post("/v1/documents/upload", files=files)
    assert [one["status"] for one in answer.json()["items"]] == ["stored"] * 3
    kept = [client.get(f"/v1/documents/{one['id']}").json() for one in answer.json()["items"]]
    assert [one["source"] for one in kept] == ["a.txt", "b.jsonl", "b.jsonl"]


def test_what_the_form_says_wins_over_what_the_file_says(client: httpx2.Client) -> None:
    form = {"title": "Mine", "source": "desk", "external_id": "f-1", "occurred_at": "2020-01-01T00:00:00Z"}
    answer = client.post("/v1/documents/upload", files=[("file", ("m.eml", make_files.mail()))], data=form)
    kept = client.get(f"/v1/documents/{answer.json()['items'][0]['id']}").json()
    assert {name: kept[name] for name in form} == form


LONG = "\n\n".join(
    f"Chapter {number}. " + f"The keeper of lock {number} wrote a long letter home. " * 40 for number in range(60)
)


def test_a_large_document_is_durable_at_once_and_recallable_when_the_worker_is_done(service: Service) -> None:
    client = service.client
    answer = client.post("/v1/documents", json={"text": LONG, "title": "Letters"})
    assert answer.status_code == 202
    operation = answer.json()["operation"]
    (receipt,) = answer.json()["items"]
    assert receipt["status"] == "accepted"
    assert client.get(f"/v1/documents/{receipt['id']}").json()["status"] == "pending"
    service.work()
    finished = client.get(f"/v1/operations/{operation['id']}").json()
    assert finished["status"] == "completed"
    assert finished["progress"] == {"done": 1, "total": 1}
    assert finished["items"][0]["status"] == "stored"
    kept = client.get(f"/v1/documents/{receipt['id']}").json()
    assert kept["status"] == "ready"
    assert kept["passages"] > 64
    assert "lock 59" in recalled(client, "Chapter 59: the keeper of lock 59", top_k=1)[0]
    assert client.get("/v1/operations").json()["items"][0]["id"] == operation["id"]


def test_a_cancelled_operation_leaves_nothing_half_done_and_can_be_retried(service: Service) -> None:
    client = service.client
    answer = client.post("/v1/documents", json={"text": LONG}).json()
    operation = answer["operation"]["id"]
    assert client.post(f"/v1/operations/{operation}/cancel").json()["status"] == "cancelled"
    service.work()
    assert recalled(client, "the keeper of lock 3") == []
    assert client.post(f"/v1/operations/{operation}/cancel").json()["status"] == "cancelled"
    assert client.post(f"/v1/operations/{operation}/retry").status_code == 200
    service.work()
    assert client.get(f"/v1/operations/{operation}").json()["status"] == "completed"
    for verb in ("cancel", "retry"):
        problem(client.post(f"/v1/operations/{operation}/{verb}"), 409, "conflict")


def test_the_same_idempotency_key_gives_the_same_answer_and_writes_once(client: httpx2.Client) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = client.post("/v1/documents", json={"text": HERON}, headers=headers)
    again = client.post(
        "/v1/documents",
        content=b'{ "text" : "' + HERON.encode() + b'" }',
        headers=headers | {"Content-Type": "application/json"},
    )
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.json()["items"][0]["status"] == "stored"
    assert len(client.get("/v1/documents").json()["items"]) == 1
    other = client.post("/v1/documents", json={"text": "Something else."}, headers=headers)
    problem(other, 409, "idempotency_reuse")
    assert len(client.get("/v1/documents").json()["items"]) == 1
