"""The verbs of forgetting and their commands, against a real service."""

import asyncio

import pytest

from tests.sdk.conftest import MakeClient
from tests.sdk.served import Run, Service, database_url, run, service, settings  # noqa: F401  # fixtures
from zengram import AsyncClient, Conflict, cli
from zengram.forgetting import Policy


def test_forgetting_is_at_hand(service: Service, make_client: MakeClient) -> None:  # noqa: F811
    url = str(service.client.base_url).rstrip("/")
    memory = make_client(url)
    memory.add(["The ferry leaves at six.", "The ferry is red."], speaker="Mira")
    assert memory.set_policies([Policy(most_items=1)]) == memory.policies()
    assert memory.forget(dry_run=True).forgetting is None
    forgot = memory.forget()
    assert forgot.forgetting is not None
    assert [one.id for one in memory.forgettings()] == [forgot.forgetting.id]
    assert memory.undo_forget(forgot.forgetting).revived == 1
    gone = memory.forget(policies=[{"most_items": 1}]).plan[0]
    assert memory.revive(gone.id).status == "ready"
    memory.put_hold("Mira", "user", "case 4711")
    assert [one.subject for one in memory.holds()] == ["Mira"]
    with pytest.raises(Conflict):
        memory.erase("Mira", "user")
    memory.lift_hold("Mira", "user")

    async def erase() -> None:
        async with AsyncClient(url) as other:
            assert (await other.erase("Mira", "user", dry_run=True)).counts["documents"] == 2
            erased = await other.erase("Mira", "user")
            assert [one async for one in other.erasures()] == [erased]
            await other.lift_tombstones(str(erased.id))

    asyncio.run(erase())
    assert memory.recall("ferry").results == []


def test_forgetting_has_commands(run: Run) -> None:  # noqa: F811
    item = run("add", "I live in Ghent.", "--speaker", "Mira").split()[2]
    assert "1 would be forgotten" in run("forget", "--most-items", "0", "--dry-run")
    forgot = run("forget", "--filter", '{"speaker": "Mira"}')
    assert forgot.startswith("archive ")
    assert run("revive", item) == f"revived {item}\n"
    again = run("forget", "--layer", "semantic", "--most-items", "0")
    assert run("forget", "--undo", again.split()[-1]) == "revived 1\n"
    assert cli.main(["erase", "Mira", "--kind", "user"]) == cli.USAGE
    assert "1 documents" in run("erase", "Mira", "--kind", "user", "--dry-run")
    assert run("erase", "Mira", "--kind", "user", "--yes").startswith("erased (proved)")
