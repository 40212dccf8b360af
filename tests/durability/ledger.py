"""What a client knows after each crash: what was acknowledged, and what it asked for without hearing the answer."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Asked:
    """These texts are about to be added, under this idempotency key; `how` is which route takes them."""

    key: str
    how: str
    texts: Sequence[str]


@dataclass(frozen=True, slots=True)
class Added:
    """All texts of that key were acknowledged, with these ids."""

    key: str
    ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class Changing:
    """This item is about to get another text; None: to be deleted."""

    id: str
    text: str | None


@dataclass(frozen=True, slots=True)
class Changed:
    """The change was acknowledged."""

    id: str
    text: str | None


Told: TypeAlias = Asked | Added | Changing | Changed


@dataclass
class Ledger:
    """All that was told, over all lives of the service."""

    unanswered: dict[str, Asked] = field(default_factory=dict)  # by key
    allowed: dict[str, set[str | None]] = field(default_factory=dict)  # by id: the texts that it may have; None: gone
    acknowledged: int = 0

    def note(self, told: Told) -> None:
        match told:
            case Asked(key):
                self.unanswered[key] = told
            case Added(key, ids):
                asked = self.unanswered.pop(key)
                self.acknowledged += len(ids)
                for id_, text in zip(ids, asked.texts, strict=True):
                    assert id_ not in self.allowed, "two requests got the same document"
                    self.allowed[id_] = {text}
            case Changing(id_, text):
                self.allowed[id_].add(text)
            case Changed(id_, text):
                self.acknowledged += 1
                self.allowed[id_] = {text}

    def missing(self, found: dict[str, str]) -> list[str]:
        """Sentences about acknowledged items that are not as they must be; `found` has all texts by id."""
        return [
            f"{id_} is {found.get(id_)!r:.80}, not {allowed!r:.160}"
            for id_, allowed in self.allowed.items()
            if found.get(id_) not in allowed
        ]

    def unexplained(self, found: dict[str, str]) -> list[str]:
        """Texts that are there although nobody asked for them, or more than once."""
        asked = {text for one in self.unanswered.values() for text in one.texts}
        extra = [text for id_, text in found.items() if id_ not in self.allowed and text not in asked]
        return extra + sorted(text for text in asked if list(found.values()).count(text) > 1)
