"""The verbs of feedback through the SDK and the command line, against a real service."""

import pytest

from tests.sdk.conftest import MakeClient
from tests.sdk.served import Service, database_url, service, settings  # noqa: F401  # fixtures
from zengram import InvalidInput, NotFound, cli


def test_feedback_is_at_hand(service: Service, make_client: MakeClient) -> None:  # noqa: F811
    memory = make_client(str(service.client.base_url).rstrip("/"))
    memory.add("The spare key hangs behind the blue door.", speaker="Mira")
    found = memory.recall("Where is the spare key?", explain=True)
    memory.feedback({found.results[0].id: "used"}, recall=found)
    assert memory.strength(found.results[0], days=10, step=5).recalls == 1
    right = {"id": found.results[0].id, "verdict": "corrected", "text": "The spare key lies under the flowerpot."}
    change = memory.feedback([right]).items[0].change
    assert change is not None
    assert memory.recall("Where is the spare key?").results[0].text == "The spare key lies under the flowerpot."
    assert memory.undo(change).undone_at is not None
    assert memory.recall("Where is the spare key?").results[0].text == "The spare key hangs behind the blue door."
    assert memory.metacognition().events == 2
    with pytest.raises(NotFound):
        memory.feedback({"no-such-result": "used"})
    with pytest.raises(InvalidInput):
        memory.feedback({found.results[0].id: "corrected"})


def test_feedback_has_commands(
    service: Service,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    make_client: MakeClient,
) -> None:
    url = str(service.client.base_url).rstrip("/")
    monkeypatch.setenv("ZENGRAM_URL", url)
    id_ = make_client(url).add("The ferry leaves at six.", speaker="Mira").items[0].id
    assert cli.main(["feedback", id_, "corrected", "The ferry leaves at nine."]) == 0
    told = capsys.readouterr().out
    assert "undo with" in told
    assert cli.main(["undo", told.split()[-1]]) == 0
    assert cli.main(["strength", id_, "--days", "15"]) == 0
    assert "retrievability" in capsys.readouterr().out
