"""The verbs of the layers and their commands, against a real service."""

import pytest

from tests.sdk.conftest import MakeClient
from tests.sdk.served import Run, Service, database_url, run, service, settings  # noqa: F401  # fixtures
from zengram import Conflict


def test_the_layers_are_at_hand(service: Service, make_client: MakeClient) -> None:  # noqa: F811
    memory = make_client(str(service.client.base_url).rstrip("/"))
    old = memory.add("I live in Ghent.", speaker="Mira", occurred_at="2026-01-01").items[0]
    memory.add("I moved to Oslo.", speaker="Mira", occurred_at="2026-01-09")
    assert (old.layer, old.reason) == ("semantic", "it states the residence of mira")
    assert [one.kind for one in memory.history(old).items] == ["remembered", "superseded"]
    assert [one.text for one in memory.recall("Where does Mira live?", as_of="2026-01-05").results] == [
        "I live in Ghent."
    ]
    memory.update(old, state="archived")
    assert [one.id for one in memory.list(status="archived")] == [old.id]

    said = memory.say("s", [{"role": "user", "content": "The ferry leaves at six."}, "Noted."], role="assistant")
    assert [(one.role, one.text) for one in said.items] == [
        ("user", "The ferry leaves at six."),
        ("assistant", "Noted."),
    ]
    assert [one.text for one in memory.messages("s", limit=1).items] == ["Noted."]
    assert memory.complete("s", "ferry leaves", limit=1)[0].message.text == "The ferry leaves at six."
    assert [one.content for one in memory.hold("s", [{"kind": "goal", "content": "Catch the ferry."}]).items] == [
        one.content for one in memory.working("s").items
    ]

    memory.add_core("persona", "You are a gardener.")
    with pytest.raises(Conflict):
        memory.add_core("persona", "You are a thief.")
    changed = memory.update_core("persona", "You are patient.", if_version=1)
    assert [one.text for one in memory.core_versions(changed)] == ["You are patient.", "You are a gardener."]
    assert memory.context("ferry").core == ["persona"]

    made = memory.add_procedure("Moor the ferry", ["Slow down.", "Throw the line."])
    assert memory.judge(made, False).success_rate == 0.5
    assert [one.id for one in memory.procedures()] == [made.id]

    memory.create_namespace("work")
    assert memory.change_namespace("work", linkable=True).linkable
    assert memory.find_links() == []


def test_the_layers_have_commands(run: Run) -> None:  # noqa: F811
    item = run("add", "I live in Ghent.", "--speaker", "Mira").split()[2]
    assert "states  residence of mira: Ghent" in run("history", item)
    assert run("say", "s", "Hello.", "--speaker", "Mira").startswith("said ")
    assert run("messages", "s") == "Mira: Hello.\n"
    assert run("working", "s", "--hold", "goal", "Be kind.").endswith("goal: Be kind.\n")
    assert "version 1" in run("core", "persona", "A gardener.")
    assert "version 2" in run("core", "persona", "A patient gardener.")
    assert run("core", "persona", "--delete") == ""
    assert run("procedures") == run("links") == ""
    assert "Ghent" in run("recall", "Where does Mira live?", "--as-of", "2999-01-01")
