"""What a budget may shorten, and in which order: clauses by the loss that is expected without them. Pure."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np

from memory.dynamics.checks import above, ordered, require, within
from memory.sleeping import telling
from memory.sleeping.episodes import Episode, Library, Named, Outline, Part
from memory.sleeping.telling import Added, Place, Weights
from memory.types import Kind

LAST_TURNS = 3  # of a session, which say goodbye
TURN = 20  # tokens that a gist has of a turn; what several turns tell is not the share of one
AT_ONCE = 1000  # gists whose sources are held whole


@dataclass(frozen=True, slots=True)
class GistParams:
    """What may be shortened, and how far."""

    kept: float = 0.9  # share of the tokens of its sources that a gist has at most
    kept_at_least: float = 0.1  # share below which more pressure does not bring it
    shortest: int = 10  # tokens of an item that is worth shortening by itself
    most_turns: int = 1  # neighbouring turns of one speaker that a gist stands for; see above for more than one
    longest_run: int = 220  # tokens of these turns together, so that the gist stays one passage
    widest_gap: int = 4  # positions between such turns: those of others in between
    shortens_gists: bool = False  # again, when room gets scarcer
    told: float = 0.97  # share of what its sources tell that a gist of related items tells at least
    related_kept: float = 0.6  # share of the tokens of its sources that a gist of related items has at most
    closeness: float = 0.8  # cosine of related items
    commonest: int = 64  # items that may have a name for it to relate them
    largest: int = 6  # related items of a gist

    def __post_init__(self) -> None:
        require(
            within("kept", self.kept, 0, 1),
            above("kept_at_least", self.kept_at_least, 0),
            ordered("kept_at_least", self.kept_at_least, "kept", self.kept),
            within("shortest", self.shortest, 0),
            within("most_turns", self.most_turns, 1),
            within("longest_run", self.longest_run, 1),
            within("widest_gap", self.widest_gap, 1),
            within("told", self.told, 0, 1),
            within("related_kept", self.related_kept, 0, 1),
            within("closeness", self.closeness, 0, 1),
            within("commonest", self.commonest, 2),
            within("largest", self.largest, 2),
        )


RECOMMENDED = GistParams()


@dataclass(frozen=True, slots=True)
class _Priced:
    """A clause with the loss that is expected for leaving it out, for the room that it takes, and with what stays and
    goes with it, since it would say something else without that.
    """

    price: float
    parts: tuple[Part, ...]
    tokens: float


@dataclass(slots=True)
class Units:
    """Items that become one gist, by their numbers, in order; their clauses from the cheapest to the dearest, those of
    all units one after the other, and so the parts of all clauses.
    """

    sources: list[tuple[int, ...]] = field(default_factory=list)
    tokens: list[int] = field(default_factory=list)
    begins: "array[int]" = field(default_factory=lambda: array("l", (0,)))  # of clauses, and where the last ends
    firsts: "array[int]" = field(default_factory=lambda: array("l", (0,)))  # by clause, of parts; and where those end
    source: "array[int]" = field(default_factory=lambda: array("i"))
    start: "array[int]" = field(default_factory=lambda: array("i"))
    end: "array[int]" = field(default_factory=lambda: array("i"))

    def add(
        self, sources: tuple[int, ...], tokens: int, clauses: Sequence[_Priced], numbers: Mapping[str, int]
    ) -> None:
        self.sources.append(sources)
        self.tokens.append(tokens)
        for one in clauses:
            self.source.extend(numbers[part.source] for part in one.parts)
            self.start.extend(part.start for part in one.parts)
            self.end.extend(part.end for part in one.parts)
            self.firsts.append(len(self.source))
        self.begins.append(len(self.firsts) - 1)

    def parts(self, unit: int, left_out: int, known: Sequence[Outline]) -> list[Part]:
        """Of its clauses but the cheapest."""
        places = range(self.firsts[self.begins[unit] + left_out], self.firsts[self.begins[unit + 1]])
        return [Part(known[self.source[at]].edition.id, self.start[at], self.end[at]) for at in places]


@dataclass(slots=True)
class Steps:
    """Units without so many of their cheapest clauses, each at the price of the dearest of them."""

    price: "array[float]" = field(default_factory=lambda: array("d"))
    unit: "array[int]" = field(default_factory=lambda: array("i"))
    left_out: "array[int]" = field(default_factory=lambda: array("i"))

    def add(self, unit: int, tokens: int, clauses: Sequence[_Priced], params: GistParams) -> None:
        """From the first that makes a gist short enough to the last that leaves enough of it."""
        left = float(tokens)
        for left_out, one in enumerate(clauses[:-1], start=1):
            left -= one.tokens
            if left < params.kept_at_least * tokens - 1e-9:
                return
            if left <= params.kept * tokens:
                self.price.append(one.price)
                self.unit.append(unit)
                self.left_out.append(left_out)

    def cheapest_first(self) -> Iterator[list[tuple[int, int]]]:
        """Units with how many of their clauses are left out, some at a time."""
        order = np.lexsort((self.left_out, self.unit, self.price))
        for begin in range(0, len(order), AT_ONCE):
            yield [(self.unit[at], self.left_out[at]) for at in order[begin : begin + AT_ONCE].tolist()]


def priced(known: Sequence[Outline], library: Library, params: GistParams) -> tuple[Units, Steps]:
    """The units that have clauses to choose from, and how they may be shortened."""
    weights = Weights(library.texts([one.edition for one in known]))
    places = _places(known)
    wanted = _sources(known, params)
    units, steps = Units(), Steps()
    for begin in range(0, len(wanted), AT_ONCE):
        some = wanted[begin : begin + AT_ONCE]
        read = whole(known, some, library)
        for sources in (one for one in some if all(number in read for number in one)):
            clauses = _clauses({number: read[number] for number in sources}, weights, places)
            if len(clauses) > 1:
                tokens = sum(known[number].tokens for number in sources)
                steps.add(len(units.sources), tokens, clauses, params)
                units.add(sources, tokens, clauses, {known[number].edition.id: number for number in sources})
    return units, steps


def whole(
    known: Sequence[Named] | Sequence[Outline], wanted: Iterable[tuple[int, ...]], library: Library
) -> dict[int, Episode]:
    """These items by their numbers, read once each, but for what is not as it was."""
    numbers = sorted({number for some in wanted for number in some})
    by_id = {known[number].edition.id: number for number in numbers}
    return {by_id[one.id]: one for one in library.episodes([known[number].edition for number in numbers])}


def _sources(known: Sequence[Outline], params: GistParams) -> list[tuple[int, ...]]:
    """Runs of turns, and every other item by itself if it is long."""
    runs = list(_runs(known, params))
    in_runs = {number for run in runs for number in run}
    alone = [
        (number,)
        for number, one in enumerate(known)
        if number not in in_runs
        and one.is_free
        and (params.shortens_gists or not one.is_gist)
        and one.tokens >= params.shortest
    ]
    return runs + alone


def _clauses(sources: Mapping[int, Episode], weights: Weights, places: Mapping[int, Place]) -> list[_Priced]:
    """Of the items of a unit, the cheapest first."""
    priced = [one for number, each in sources.items() for one in _prices(each, weights, places.get(number, Place()))]
    return sorted(priced, key=lambda one: (one.price, one.parts[0].source, -one.parts[0].start))


def _prices(one: Episode, weights: Weights, place: Place) -> list[_Priced]:
    clauses = telling.clauses_of(0, one, weights)
    known = telling.known_of(one)
    turns = max(1, round(one.tokens / TURN)) if one.is_gist and one.session_id is not None else 1
    turn = telling.told(clauses, known) / turns
    chances = [turns * telling.chance(one, clause, place, turn) for clause in clauses]
    by_sentence: dict[int, list[Added]] = defaultdict(list)
    for added in telling.by_price(clauses, known, chances):
        by_sentence[added.sentence.sentence].append(added)
    return [priced for some in by_sentence.values() for priced in _held_together(one.id, some)]


def _held_together(id_: str, sentence: Sequence[Added]) -> Iterator[_Priced]:
    """The clauses of a sentence, the dearest first; what doubts or denies is as dear as that, and one with it."""
    held = [place for place, added in enumerate(sentence) if place == 0 or added.sentence.bears]
    for some in (held, *([place] for place in range(len(sentence)) if place not in held)):
        told = [sentence[place].sentence for place in some]
        parts = tuple(Part(id_, one.start, one.end) for one in told)
        yield _Priced(sentence[some[0]].price, parts, sum(one.tokens for one in told))


def _places(items: Sequence[Outline]) -> dict[int, Place]:
    """Of the turns of sessions."""
    turns = [number for number, one in enumerate(items) if one.session_id is not None and not one.is_gist]
    asking = {(one.group, one.position) for one in items if one.asks and not one.is_gist}
    last: dict[str, int] = {}
    for number in turns:
        one = items[number]
        last[one.group] = max(last.get(one.group, 0), one.position)
    return {number: _place(items[number], asking, last) for number in turns}


def _place(one: Outline, asking: Set[tuple[str, int]], last: Mapping[str, int]) -> Place:
    return Place((one.group, one.position - 1) in asking, one.position > last[one.group] - LAST_TURNS)


def _runs(items: Sequence[Outline], params: GistParams) -> Iterator[tuple[int, ...]]:
    """Two or more turns of one speaker in one session that are free, with little of others between them."""
    speakers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(items):
        if one.kind is Kind.MEMORY and one.session_id is not None and one.is_free and not one.is_gist:
            speakers[one.group, one.speaker or ""].append(number)
    for key in sorted(speakers):
        run: list[int] = []
        for number in sorted(speakers[key], key=lambda number: (items[number].position, items[number].edition.id)):
            if run and not _continues(items, run, number, params):
                yield from _if_several(run)
                run = []
            run.append(number)
        yield from _if_several(run)


def _continues(items: Sequence[Outline], run: Sequence[int], number: int, params: GistParams) -> bool:
    is_near = items[number].position - items[run[-1]].position <= params.widest_gap
    tokens = sum(items[one].tokens for one in (*run, number))
    return is_near and len(run) < params.most_turns and tokens <= params.longest_run


def _if_several(run: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if len(run) > 1:
        yield tuple(run)
