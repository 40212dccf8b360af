"""The verbs of sleep and their commands, against a real service."""

import asyncio

import pytest

from tests.api.test_hints import NEW, OLD, lived
from tests.sdk.conftest import MakeClient
from tests.sdk.served import Run, Service, database_url, run, service, settings  # noqa: F401  # fixtures
from zengram import AsyncClient, Conflict, NotFound, cli

TWICE = ("The ferry to Ostend leaves at six.", "The ferry to Ostend leaves at six, as always.")


def test_sleep_is_at_hand(service: Service, make_client: MakeClient) -> None:  # noqa: F811
    url = str(service.client.base_url).rstrip("/")
    memory = make_client(url)
    memory.add(list(TWICE), speaker="Mira")
    plan = memory.sleep(dry_run=True).plan
    assert plan
    begun = memory.sleep().night
    assert begun is not None
    service.work()
    night = memory.night(begun)
    assert night.status == "done"
    assert night.counts["archived"] >= 1
    assert [one.id for one in memory.nights()] == [night.id]
    assert len(list(memory.night_changes(night, page_size=1))) > 1
    assert memory.recall("ferry").results[0].sources
    stands_for = memory.history(memory.recall("ferry").results[0].document_id).sources
    assert [one.id for one in stands_for] == memory.recall("ferry").results[0].sources
    assert memory.undo_night(night).status == "undone"
    with pytest.raises(Conflict):
        memory.undo_night(night)

    async def settle() -> None:
        async with AsyncClient(url) as other:
            assert (await other.set_sleep(at="04:30", time_zone="Europe/Lisbon")).is_on
            assert (await other.sleep_settings()).at == "04:30"
            assert (await other.set_sleep(distil=False, distil_clusters=3)).distil_clusters == 3
            assert not (await other.sleep_settings()).distil
            assert [one.id async for one in other.nights()] == [night.id]

    asyncio.run(settle())


def test_names_of_one_entity_are_merged_and_told_apart(
    service: Service,  # noqa: F811
    make_client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = str(service.client.base_url).rstrip("/")
    memory = make_client(url)
    memory.add(["Mira Lund painted the bridge.", "Lake Orta belongs to M. Lund."])
    both = memory.merge_entities("M. Lund", "Mira Lund")
    assert (both.entity.passages, [one.name for one in both.merged]) == (2, ["m lund"])
    memory.unmerge_entity("Mira Lund", "M. Lund")
    assert memory.entity("Mira Lund").merged == []
    monkeypatch.setenv("ZENGRAM_URL", url)
    assert cli.main(["entity", "M. Lund", "--merge-into", "Mira Lund"]) == 0
    assert "name     m lund (somebody said so)" in capsys.readouterr().out
    assert cli.main(["entity", "Mira Lund", "--unmerge", "M. Lund"]) == 0
    assert cli.main(["entity", "M. Lund", "--unmerge", "a", "--merge-into", "b"]) == 2
    assert cli.main(["sleep", "--every-night", "04:30", "--merge-names"]) == 0
    assert memory.sleep_settings().merge_names


def test_hints_are_at_hand(
    service: Service,  # noqa: F811
    make_client: MakeClient,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    url = str(service.client.base_url).rstrip("/")
    memory = make_client(url)
    assert memory.set_sleep(is_on=False, hints=True, stages=["settle"]).hints
    lived(service)
    memory.sleep()
    service.work()
    (hint,) = memory.hints()
    assert (hint.source.text, hint.target.text) == (NEW, OLD)
    monkeypatch.setenv("ZENGRAM_URL", url)
    assert cli.main(("hints",)) == cli.DONE
    shown = capsys.readouterr().out
    assert shown == f"{hint.id} {hint.why}\n  {NEW}\n  -> {OLD}\n"
    assert cli.main(("hints", "--dismiss", hint.id)) == cli.DONE
    assert list(memory.hints()) == []
    assert cli.main(("sleep", "--every-night", "03:00", "--hints")) == cli.DONE
    assert memory.sleep_settings().hints
    assert memory.sleep_settings().distil
    assert cli.main(("sleep", "--every-night", "03:00", "--no-distil")) == cli.DONE
    assert not memory.sleep_settings().distil

    async def ask() -> None:
        async with AsyncClient(url) as other:
            assert [one async for one in other.hints()] == []
            with pytest.raises(NotFound):
                await other.dismiss_hint(hint)

    asyncio.run(ask())


def test_sleep_has_commands(service: Service, run: Run) -> None:  # noqa: F811
    for text in TWICE:
        run("add", text, "--speaker", "Mira")
    assert "replay: trace" in run("sleep", "--dry-run")
    id_ = run("sleep").split()[0]
    service.work()
    assert "items left recall" in run("sleep", "--show", id_)
    assert run("sleep", "--nights").startswith(f"{id_} night 1, done")
    assert "undone" in run("sleep", "--undo", id_)
    assert run("sleep", "--every-night", "03:00") == "sleeps every night at 03:00 (UTC)\n"
    assert run("sleep", "--every-night", "never") == "never sleeps\n"
