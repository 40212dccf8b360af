"""Gists that an LLM words, over real HTTP: supported or dropped, never half done, undone exactly, and erased whole."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from memory import distilling, documents, enrichment, erase, history, sleep
from memory.enrichment import Enrichment
from memory.forgetting.records import ErasureStatus
from memory.forgetting.subjects import Subject, SubjectKind
from memory.llm.breaker import Breaker
from memory.llm.chat import ChatModel
from memory.night import step
from memory.parts import Parts
from memory.sleeping import settings
from memory.sleeping.records import ChangeOf, ChangeStatus, Night, NightStatus, StageName, StageStatus, Trigger
from memory.sleeping.settings import SleepSettings
from memory.store import derivations, namespaces, scanning
from memory.store.sleeping_tables import DistillationRow
from memory.store.tables import UsageRow
from memory.types import DocumentPatch, ItemState, Kind, Namespace, Recall, StoredDocument
from tests.llm_server import Answer, LlmServer, llm_server
from tests.nights import go_on
from tests.store.test_sleep import rows
from tests.store.working import found, keep, results, said

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NIGHT = 20 * DAY
STARTS = ("So", "And", "But", "Well,")
BICYCLE = "I bought a green bicycle with a Brooks saddle from Okafor."
HIVES = "I keep four hives behind the mill of Ottoland."
TOLD = "Mira bought a green bicycle with a Brooks saddle from Okafor."
KEPT = "Mira keeps four hives behind the mill of Ottoland."
OTHERS = {  # what Mira says, by what the LLM makes of it
    KEPT: HIVES,
    "Mira lent the brass sextant to the museum of Skarrow.": "I lent the brass sextant to the museum of Skarrow.",
    "Mira teaches chemistry at the evening school of Tartu.": "I teach chemistry at the evening school of Tartu.",
    "Mira sings alto in the choir of Brennock.": "I sing alto in the choir of Brennock.",
    "Mira repaired the winch of the ferry to Ostend.": "I repaired the winch of the ferry to Ostend.",
}
ONLY_THERE = "Mira bought a green"  # stands in what the LLM says, and in no source
CONSOLIDATE = frozenset({StageName.CONSOLIDATE, StageName.VERIFY})


@pytest.fixture
def server() -> Iterator[LlmServer]:
    with llm_server() as running:
        running.told.answers = saying((TOLD, [1, 2, 3, 4]))
        yield running


@pytest.fixture
def thinking(parts: Parts, server: LlmServer) -> Iterator[Parts]:
    """With an LLM, asked for two groups at a time."""
    breaker = Breaker(failures=1_000)
    with closing(ChatModel(server.url, "replay", parallel=2, breaker=breaker, sleep=lambda _: None)) as llm:
        yield replace(parts, llm=llm)


@pytest.fixture
def ids(thinking: Parts, namespace: Namespace, now: datetime) -> list[str]:
    """Four sayings of the same."""
    return told_of(thinking, namespace, now, BICYCLE)


def told_of(parts: Parts, namespace: Namespace, now: datetime, text: str) -> list[str]:
    drafts = [said(f"{start} {text}", "Mira") for start in STARTS]
    return [keep(parts, namespace, now + at * HOUR, one).receipts[0].id for at, one in enumerate(drafts)]


def saying(*statements: tuple[str, Sequence[int]]) -> Answer:
    listed = [{"text": text, "sources": list(numbers)} for text, numbers in statements]
    return lambda _messages: json.dumps({"statements": listed})


def by_subject(messages: Sequence[Mapping[str, str]]) -> str:
    asked = messages[1]["content"]
    told = next(told for told, heard in {TOLD: BICYCLE, **OTHERS}.items() if heard in asked)
    return saying((told, [1, 2, 3, 4]))(messages)


def sleeping(parts: Parts, namespace: Namespace, wanted: SleepSettings) -> None:
    kept = settings.to_json(wanted)
    parts.database.write(lambda session: namespaces.change_setting(session, namespace.id, settings.SETTING, kept))


def slept(parts: Parts, namespace: Namespace, now: datetime) -> Night:
    return sleep.sleep_through(parts, namespace, now=now + NIGHT, actor="test", stages=CONSOLIDATE)


def begun(parts: Parts, namespace: Namespace, now: datetime) -> Night:
    return sleep.begin(parts, namespace, trigger=Trigger.ASKED, now=now + NIGHT, actor="test", stages=CONSOLIDATE)


def counts(night: Night) -> Mapping[str, float]:
    return night.stage(StageName.CONSOLIDATE).counts


def items(parts: Parts, namespace: Namespace, state: ItemState = ItemState.ACTIVE) -> list[StoredDocument]:
    page = documents.list_page(parts, namespace, Kind.MEMORY, 200, None).items
    return [one for one in page if one.state is state]


def kept_texts(parts: Parts) -> int:
    return len(parts.database.read(lambda session: session.execute(select(DistillationRow.id)).all()))


def stands_somewhere(parts: Parts, text: str) -> bool:
    """In a row of any table, or in a file of the database where there are any."""
    in_rows = parts.database.read(lambda session: scanning.in_rows(session, [text], None))
    return bool(in_rows or scanning.in_files(parts.database.files(), [text]))


def test_related_items_become_a_gist_in_the_words_of_the_llm(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str]
) -> None:
    night = slept(thinking, namespace, now)
    (gist,) = items(thinking, namespace)
    assert (gist.text, gist.speaker, gist.reason) == (TOLD, "Mira", "distilled from 4 items")
    (result,) = results(thinking, namespace, Recall("Who sold Mira a bicycle?"))
    assert sorted(result.sources) == sorted(ids)
    assert {one.id for one in items(thinking, namespace, ItemState.ARCHIVED)} == set(ids)
    made = history.of(thinking, namespace, Kind.MEMORY, gist.id).sources
    assert {(one.source, one.ordinal, one.start) for one in made} == {(id_, 0, None) for id_ in ids}
    (request,) = server.told.requests
    asked = json.loads(request["messages"][1]["content"])  # type: ignore[index]
    assert [one["text"].split()[-1] for one in asked["sources"]] == ["Okafor."] * 4
    assert {one["speaker"] for one in asked["sources"]} == {"Mira"}
    assert request["response_format"]["json_schema"]["name"] == "distillation"  # type: ignore[index]
    figures = counts(night)
    assert (figures["distilled"], figures["statements"], figures["llm_requests"], figures["llm_tokens"]) == (
        1,
        1,
        1,
        110,
    )
    assert "unsupported" not in figures
    assert kept_texts(thinking) == 0
    usage = thinking.database.read(
        lambda session: session.execute(select(UsageRow.purpose, UsageRow.output_tokens)).all()
    )
    assert [tuple(one) for one in usage] == [("distil", 10)]


def test_what_no_cited_source_says_is_dropped_and_counted(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str]
) -> None:
    server.told.answers = saying(
        (TOLD, [1, 2, 3, 4]),
        ("Okafor bought a green bicycle with a Brooks saddle from Mira.", [1, 2, 3, 4]),
        ("Mira bought two green bicycles.", [1]),
        ("Mira has never met Okafor. Mira loves Okafor.", [1, 2]),
        (TOLD.replace("green", "red"), [1]),
        (TOLD.replace("Mira", "It is said that Mira"), []),
    )
    night = slept(thinking, namespace, now)
    assert [one.text for one in items(thinking, namespace)] == [TOLD]
    assert (counts(night)["statements"], counts(night)["unsupported"]) == (1, 6)
    assert any(one.startswith("6 sentences of the LLM were dropped") for one in said_by(night))


def said_by(night: Night) -> Sequence[str]:
    return night.stage(StageName.CONSOLIDATE).sentences


@pytest.mark.parametrize(
    ("script", "count", "why"),
    [
        *((word, "unreadable", "could not be read") for word in ("not json", "no choices", "null", "empty", "deep")),
        *((word, "unreadable", "could not be read") for word in ("wrong schema", "python", "huge")),
        *((word, "unanswered", "did not answer") for word in ("429", "500", "hang up", "slow")),
        ("injected", "unreadable", "could not be read"),
    ],
)
def test_whatever_goes_wrong_the_gist_is_extractive_and_the_night_says_so(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str], script: str, count: str,
    why: str,
) -> None:  # fmt: skip
    sleeping(thinking, namespace, SleepSettings(distil_seconds=1))
    server.told.script = [script]
    night = slept(thinking, namespace, now)
    assert night.status is NightStatus.DONE
    (gist,) = items(thinking, namespace)
    assert gist.text in {f"{start} {BICYCLE}" for start in STARTS}
    assert (counts(night)[count], counts(night)["gists"]) == (1, 1)
    assert any(why in one for one in said_by(night))
    assert len(server.told.requests) == 1
    assert kept_texts(thinking) == 0


def test_where_nothing_is_supported_the_gist_is_extractive(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str]
) -> None:
    server.told.answers = saying(("Tomas bought a green bicycle with a Brooks saddle from Okafor.", [1, 2, 3, 4]))
    night = slept(thinking, namespace, now)
    (gist,) = items(thinking, namespace)
    assert gist.text.endswith(BICYCLE)
    assert (counts(night)["unsupported"], counts(night)["none_supported"], counts(night)["gists"]) == (1, 1, 1)


def test_what_saves_too_little_makes_room_for_the_extractive_gist(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str]
) -> None:
    server.told.answers = saying(*((f"{start} {BICYCLE}", [at]) for at, start in enumerate(STARTS, 1)))
    night = slept(thinking, namespace, now)
    (gist,) = items(thinking, namespace)
    assert gist.text.endswith(BICYCLE)
    assert len(gist.text) < 2 * len(BICYCLE)
    assert (counts(night)["too_long"], counts(night)["gists"]) == (1, 1)
    assert "statements" not in counts(night)


@pytest.mark.parametrize("how", ["sleep", "enrichment", "clusters", "tokens", "day"])
def test_no_llm_is_asked_where_it_is_switched_off_or_its_share_is_spent(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str], how: str
) -> None:
    wanted = {
        "sleep": SleepSettings(distil=False),
        "clusters": SleepSettings(distil_clusters=0),
        "tokens": SleepSettings(distil_tokens=0),
    }
    sleeping(thinking, namespace, wanted.get(how, SleepSettings()))
    if how in {"enrichment", "day"}:
        allowed = Enrichment(is_on=how == "day", daily_tokens=0)
        enrichment.change(thinking, namespace, allowed, now)
    night = slept(thinking, namespace, now)
    assert server.told.requests == []
    assert counts(night)["gists"] == 1
    assert ("not_asked" in counts(night)) == (how not in {"sleep", "enrichment"})


def test_a_dry_run_asks_no_llm(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str]
) -> None:
    plan = sleep.plan(thinking, namespace, now + NIGHT, CONSOLIDATE)
    assert [one.of for one in plan].count(ChangeOf.GIST) == 1
    assert server.told.requests == []


def test_undoing_restores_all_but_the_log(thinking: Parts, namespace: Namespace, now: datetime, ids: list[str]) -> None:
    before = rows(thinking)
    night = slept(thinking, namespace, now)
    assert counts(night)["distilled"] == 1
    sleep.undo(thinking, namespace, night.id, now=now + NIGHT + DAY, actor="test")
    assert rows(thinking) == before
    assert not parts_say(thinking, ONLY_THERE)


def parts_say(parts: Parts, text: str) -> bool:
    return bool(parts.database.read(lambda session: scanning.in_rows(session, [text], None)))


def test_a_night_that_dies_between_planning_and_doing_ends_as_an_unbroken_one(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str]
) -> None:
    night = until(thinking, namespace, begun(thinking, namespace, now), StageStatus.PLANNED)
    assert kept_texts(thinking) == 1
    changes = sleep.changes_page(thinking, namespace, night.id, 100, None).items
    assert not any("bicycle" in json.dumps([one.before, one.after, one.why]) for one in changes)
    server.told.answers = saying(("Something else.", [1]))  # nobody asks for it
    night = go_on(thinking, namespace, sleep.get(thinking, namespace, night.id))
    assert [one.text for one in items(thinking, namespace)] == [TOLD]
    assert len(server.told.requests) == 1
    assert (counts(night)["distilled"], counts(night)["llm_requests"]) == (1, 1)
    assert kept_texts(thinking) == 0


def until(parts: Parts, namespace: Namespace, night: Night, wanted: StageStatus) -> Night:
    while night.stage(StageName.CONSOLIDATE).status is not wanted:
        night = step(parts, namespace, night, parts.database.write)
    return night


def test_a_night_that_dies_while_it_asks_asks_nothing_twice(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    for text in OTHERS.values():
        told_of(thinking, namespace, now, text)
    server.told.answers = by_subject
    monkeypatch.setattr(distilling, "TURN", 0.0)  # a portion a turn
    night, turns = begun(thinking, namespace, now), 0
    while night.stage(StageName.CONSOLIDATE).status is StageStatus.TODO and turns < 10:
        step(thinking, namespace, night, thinking.database.write)
        night, turns = sleep.get(thinking, namespace, night.id), turns + 1
        assert len(server.told.requests) <= 2 * turns, "two a portion"
    assert turns >= 3
    night = go_on(thinking, namespace, night)
    assert {one.text for one in items(thinking, namespace)} == set(OTHERS)
    assert counts(night)["distilled"] == counts(night)["llm_requests"] == len(server.told.requests) == len(OTHERS)
    asked = [request["messages"][1]["content"] for request in server.told.requests]  # type: ignore[index]
    assert len(set(asked)) == len(asked)


def test_an_llm_that_is_away_is_not_waited_for_again(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime
) -> None:
    for text in OTHERS.values():
        told_of(thinking, namespace, now, text)
    server.told.script = ["500"] * 20
    night = slept(thinking, namespace, now)
    assert len(server.told.requests) == 2
    assert (counts(night)["unanswered"], counts(night)["gists"]) == (len(OTHERS), len(OTHERS))
    assert "not_asked" not in counts(night)


WORKER = """
import sys
from datetime import datetime
from pathlib import Path
from memory import jobs
from memory.indexing import Indexes
from memory.llm.chat import ChatModel
from memory.parts import Parts
from memory.store.database import Database
from tests.fakes import MoodyEmbedder
database, embedder = Database(sys.argv[1]), MoodyEmbedder()
indexes = Indexes(database, Path(sys.argv[3]), embedder.dimension, embedder.fingerprint, 1 << 30)
parts = Parts(database, indexes, embedder, llm=ChatModel(sys.argv[2], "replay", parallel=2))
while jobs.run_one(parts, datetime.fromisoformat(sys.argv[4]), "child"):
    pass
"""


def test_a_worker_that_is_killed_while_it_asks_is_followed_by_one_that_goes_on(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, database_url: str, tmp_path: Path
) -> None:
    """What was answered before it died is asked for by nobody, and the gists are those of an unbroken night."""
    plain = replace(thinking, llm=None)  # so that nothing but the night asks
    for text in OTHERS.values():
        told_of(plain, namespace, now, text)
    night = begun(thinking, namespace, now)
    child: subprocess.Popen[bytes] | None = None
    asked: list[str] = []

    def kill_at_the_third(messages: Sequence[Mapping[str, str]]) -> str:
        asked.append(messages[1]["content"])
        if len(asked) == 3:
            assert child is not None
            os.kill(child.pid, signal.SIGKILL)
        return by_subject(messages)

    server.told.answers = kill_at_the_third
    arguments = [database_url, server.url, str(tmp_path / "segments"), (now + NIGHT).isoformat()]
    child = subprocess.Popen([sys.executable, "-c", WORKER, *arguments], cwd=Path(__file__).parents[2])
    assert child.wait(120) == -signal.SIGKILL
    night = sleep.get(thinking, namespace, night.id)
    assert night.stage(StageName.CONSOLIDATE).status is StageStatus.TODO
    assert kept_texts(thinking) == 2
    answered = asked[:2]
    night = go_on(thinking, namespace, night)
    assert {one.text for one in items(thinking, namespace)} == set(OTHERS)
    assert counts(night)["distilled"] == counts(night)["llm_requests"] == len(OTHERS)
    assert not set(answered) & set(asked[2:])


def test_what_is_kept_of_the_llm_ends_with_its_share_of_tokens(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime
) -> None:
    for text in [*OTHERS.values()][:3]:
        told_of(thinking, namespace, now, text)
    sleeping(thinking, namespace, SleepSettings(distil_tokens=1))
    server.told.answers = saying()
    night = slept(thinking, namespace, now)
    assert len(server.told.requests) == 2, "two at a time, and no more after these"
    assert (counts(night)["not_asked"], counts(night)["unreadable"], counts(night)["gists"]) == (1, 2, 3)


@pytest.mark.parametrize("state", ["asked", "planned", "applied", "undone", "rolled back"])
def test_erasing_a_source_leaves_no_byte_of_what_was_distilled(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str], state: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    for text in [*OTHERS.values()][:2]:
        told_of(thinking, namespace, now, text)
    server.told.answers = by_subject
    night = begun(thinking, namespace, now)
    if state == "asked":
        monkeypatch.setattr(distilling, "TURN", 0.0)
        night = step(thinking, namespace, night, thinking.database.write)
        monkeypatch.undo()
        assert night.stage(StageName.CONSOLIDATE).status is StageStatus.TODO
    elif state == "planned":
        night = until(thinking, namespace, night, StageStatus.PLANNED)
    else:
        night = go_on(thinking, namespace, night)
    if state == "undone":
        night = sleep.undo(thinking, namespace, night.id, now=now + NIGHT + HOUR, actor="test")
    elif state == "rolled back":
        stage = replace(night.stage(StageName.CONSOLIDATE), status=StageStatus.ROLLING_BACK)
        night = go_on(thinking, namespace, replace(night.with_stage(stage), status=NightStatus.RUNNING))
    assert stands_somewhere(thinking, ONLY_THERE) or state in {"undone", "rolled back"}
    subject = Subject(SubjectKind.MEMORY, ids[0])
    erased = erase.erase(thinking, namespace, subject, now=now + NIGHT + DAY, actor="test")
    assert erased.status in {ErasureStatus.PROVED, ErasureStatus.SCRUBBED}
    assert not stands_somewhere(thinking, ONLY_THERE)
    server.told.answers = saying()
    night = go_on(thinking, namespace, sleep.get(thinking, namespace, night.id))
    assert night.status in {NightStatus.DONE, NightStatus.UNDONE}
    assert not stands_somewhere(thinking, ONLY_THERE)


@pytest.mark.parametrize("when", ["asked", "planned"])
@pytest.mark.parametrize("how", ["delete", "patch"])
def test_a_source_that_goes_or_changes_during_the_night_is_in_no_gist(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime, ids: list[str], when: str, how: str
) -> None:
    late = now + NIGHT + HOUR

    def change() -> None:
        if how == "delete":
            documents.delete(thinking, namespace, Kind.MEMORY, ids[0], None, late, "test")
        else:
            new = DocumentPatch(text="I never had a bicycle.")
            documents.patch(thinking, namespace, Kind.MEMORY, ids[0], new, None, late, "test")

    def changing(messages: Sequence[Mapping[str, str]]) -> str:
        server.told.answers = saying()
        change()
        return saying((TOLD, [1, 2, 3, 4]))(messages)

    night = begun(thinking, namespace, now)
    if when == "asked":
        server.told.answers = changing
    else:
        until(thinking, namespace, night, StageStatus.PLANNED)
        change()
    night = go_on(thinking, namespace, sleep.get(thinking, namespace, night.id))
    assert night.status is NightStatus.DONE
    assert not parts_say(thinking, TOLD)
    assert kept_texts(thinking) == 0
    made = sleep.changes_page(thinking, namespace, night.id, 100, None).items
    told = [one for one in made if one.of is ChangeOf.GIST and (one.after or {}).get("distilled")]
    assert all(one.status is ChangeStatus.PASSED_OVER for one in told)
    texts = found(thinking, namespace, "bicycle")
    assert ("I never had a bicycle." in texts) == (how == "patch")


@pytest.mark.parametrize("how", ["delete", "patch"])
def test_a_distilled_gist_goes_with_a_source_and_the_others_come_back(
    thinking: Parts, namespace: Namespace, now: datetime, ids: list[str], how: str
) -> None:
    slept(thinking, namespace, now)
    late = now + NIGHT + HOUR
    if how == "delete":
        documents.delete(thinking, namespace, Kind.MEMORY, ids[0], None, late, "test")
    else:
        new = DocumentPatch(text="I never had a bicycle.")
        documents.patch(thinking, namespace, Kind.MEMORY, ids[0], new, None, late, "test")
    assert {one.id for one in items(thinking, namespace)} == set(ids[1:] if how == "delete" else ids)
    assert not parts_say(thinking, ONLY_THERE)


def test_facts_of_several_sources_are_joined_and_each_is_cited(
    thinking: Parts, namespace: Namespace, server: LlmServer, now: datetime
) -> None:
    texts = (
        f"{BICYCLE} It was cheap.", f"Well, {BICYCLE[0].lower()}{BICYCLE[1:]} It was cheap.",
        f"And {BICYCLE} It was cheap.", f"So {BICYCLE} It was cheap.",
    )  # fmt: skip
    kept = [keep(thinking, namespace, now + at * HOUR, said(one, "Mira")) for at, one in enumerate(texts)]
    server.told.answers = saying((TOLD, [1, 3]), ("It was cheap.", [2]))
    slept(thinking, namespace, now)
    (gist,) = items(thinking, namespace)
    assert gist.text == f"{TOLD} It was cheap."
    made = thinking.database.read(lambda session: derivations.find(session, namespace.id, [gist.id]))
    first, second, third, fourth = (one.receipts[0].id for one in kept)
    assert {(one.source, one.ordinal) for one in made} == {(first, 0), (third, 0), (second, 1), (fourth, 2)}
