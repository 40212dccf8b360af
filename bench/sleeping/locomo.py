"""Evidence in conversations with and without sleep: a night at the end, nights after every session, budgets."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path
from statistics import mean

from bench.conversations import read
from bench.dynamics.ablation import Life
from bench.dynamics.lifelog import Remembered, Task
from bench.report import table
from bench.service import ACTOR, Service
from bench.sleeping.deleting import forget_the_oldest, tokens_of
from bench.sleeping.measure import ROOM, Asked, ask
from bench.statistics import sign_test
from bench.types import Collection, Json
from memory import forget, sleep
from memory.forgetting.policies import Policy
from memory.types import Draft
from retrieval.ports import Embedder

FILES = ("conv-26", "conv-30", "conv-41", "conv-42", "conv-43")
BUDGETS = (0.9, 0.8, 0.7, 0.6, 0.526, 0.4)  # shares of the tokens of a conversation
NO_SLEEP, ONE_NIGHT, NIGHTS = "no sleep", "one night", "a night after each session"
UNDATED = datetime(2023, 1, 1, tzinfo=UTC)
LATER = timedelta(hours=8)  # from the last turn to the night


@dataclass(frozen=True, slots=True)
class Point:
    """How one conversation was answered in one way, with so many tokens in recall."""

    conversation: str
    tokens: int
    asked: tuple[Asked, ...]


def measure(
    data: Path, embedder: Embedder, folder: Path, files: Sequence[str] = FILES, budgets: Sequence[float] = BUDGETS
) -> dict[str, Json]:
    """All conversations, each a namespace of its own. Raises DatasetInvalid."""
    points: dict[str, list[Point]] = {}
    with Service(folder, embedder, is_cached=True) as service:
        for collection in read([data / "locomo" / f"{name}.json" for name in files]).collections:
            for arm, point in _of(service, collection, budgets):
                points.setdefault(arm, []).append(point)
    return summary(points)


def summary(points: Mapping[str, Sequence[Point]]) -> dict[str, Json]:
    """By arm: tokens kept, recall@10 over all questions by the three rules, questions won and lost against no sleep."""
    plain = points[NO_SLEEP]
    found: dict[str, Json] = {}
    for arm, some in points.items():
        asked = [one for point in some for one in point.asked]
        before = [one for point in plain for one in point.asked]
        changes = [one.outcome.recall - other.outcome.recall for one, other in zip(asked, before, strict=True)]
        wins, losses = sum(one > 0 for one in changes), sum(one < 0 for one in changes)
        found[arm] = {
            "kept": round(sum(one.tokens for one in some) / sum(one.tokens for one in plain), 3),
            "recall@10": round(mean(one.outcome.recall for one in asked), 4),
            "by_share": round(mean(one.by_share for one in asked), 4),
            "strict": round(mean(one.strict for one in asked), 4),
            "within_room": round(mean(one.within for one in asked), 4),
            "returned_tokens": round(mean(one.tokens for one in asked), 1),
            "won": wins,
            "lost": losses,
            "p": sign_test(wins, losses),
        }
    return found


def markdown(found: Mapping[str, Json]) -> str:
    """A table of arms; shares in %."""
    shares = {"kept": "tokens kept", "recall@10": "recall@10", "by_share": "by share quoted",
              "strict": "without gists", "within_room": f"within {ROOM} tokens"}  # fmt: skip
    lines = []
    for arm, one in found.items():
        assert isinstance(one, Mapping)
        cells = [f"{100 * float(str(one[name])):.1f}" for name in shares]
        lines.append([arm, *cells, str(one["returned_tokens"]), f"{one['won']} / {one['lost']}", f"{one['p']:.2g}"])
    heads = ["arm", *shares.values(), "tokens returned", "won / lost", "p"]
    return "# LoCoMo, evidence in %; questions won and lost against no sleep\n\n" + table(heads, lines) + "\n"


def _of(service: Service, collection: Collection, budgets: Sequence[float]) -> Iterator[tuple[str, Point]]:
    sessions = _sessions(collection.drafts)
    tasks = [
        Task(0, one.category, one.text, tuple(frozenset({name}) for name in sorted(one.relevant)))
        for one in collection.questions
    ]
    lengths = {str(draft.external_id): len(draft.text) for draft in collection.drafts}
    life = _talk(service, collection, sessions, f"{collection.name}-all", sleeps=False)
    night = _end(sessions[-1]) + LATER
    later = night + LATER

    def point(of: Life) -> Point:
        asked = tuple(ask(of, task, 0, lengths, later) for task in tasks)
        return Point(collection.name, tokens_of(of.parts, of.namespace, later), asked)

    plain = point(life)
    yield NO_SLEEP, plain
    for share in (None, *budgets):
        most = None if share is None else int(share * plain.tokens)
        forget.set_policies(life.parts, life.namespace, [Policy(most_tokens=most)] if most else [])
        slept = sleep.sleep_through(life.parts, life.namespace, now=night, actor=ACTOR)
        found = point(life)
        yield (ONE_NIGHT if share is None else f"{ONE_NIGHT}, {share:.0%} of the tokens"), found
        sleep.undo(life.parts, life.namespace, slept.id, now=night, actor=ACTOR)
        if share is not None:
            gone = forget_the_oldest(life.parts, life.namespace, found.tokens, night)
            yield f"oldest deleted, {share:.0%} of the tokens", point(life)
            forget.undo(life.parts, life.namespace, gone.id, now=night, actor=ACTOR)
    yield NIGHTS, point(_talk(service, collection, sessions, f"{collection.name}-nights", sleeps=True))


def _talk(
    service: Service, collection: Collection, sessions: Sequence[Sequence[Draft]], name: str, sleeps: bool
) -> Life:
    """Every session as it was held, and then, if it `sleeps`, a night."""
    life = Life(service, service.namespace(name), service.parts)
    for session in sessions:
        for number, draft in enumerate(session):
            at = (draft.occurred_at or UNDATED) + timedelta(seconds=number)
            life.meet(Remembered(at, replace(draft, session_id=f"{collection.name}/{draft.session_id}")))
        life.write()
        if sleeps:
            sleep.sleep_through(life.parts, life.namespace, now=_end(session) + LATER, actor=ACTOR)
    return life


def _sessions(drafts: Sequence[Draft]) -> list[list[Draft]]:
    return [list(some) for _, some in groupby(drafts, lambda draft: draft.session_id)]


def _end(session: Sequence[Draft]) -> datetime:
    return max((draft.occurred_at or UNDATED for draft in session), default=UNDATED) + timedelta(seconds=len(session))
