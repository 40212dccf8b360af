"""Gists: items made of the most telling sentences of others, word for word, so that a namespace takes less room. Pure.

Condensing answers a budget and takes the least loss for a token first; relating needs none, and puts together what says
the same in several places. Source: proposals of this project, chosen by measurements on MuSiQue, LoCoMo and HotpotQA.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from memory.dynamics.checks import above, ordered, require, within
from memory.sleeping import clusters, telling
from memory.sleeping.episodes import Episode, Gist, Part
from memory.sleeping.telling import Telling, Weights
from memory.types import Kind
from retrieval.normalize import terms

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class GistParams:
    """What may be shortened, and how far."""

    kept: float = 0.6  # share of the tokens of its sources that a gist has at most
    kept_at_least: float = 0.35  # share that it may be brought down to under more pressure
    shortest: int = 24  # tokens of an item that is worth shortening by itself
    longest_run: int = 4  # neighbouring turns of one speaker that a gist stands for
    longest_source: int = 40  # tokens of a turn that is put together with others
    widest_gap: int = 2  # positions between such turns: those of the other speaker in between
    closeness: float = 0.8  # cosine of items that tell of the same
    commonest: int = 64  # items that may have a name for it to bring them together
    largest: int = 6  # items that tell of the same and become one gist
    told: float = 0.97  # share of what its sources tell that such a gist has to tell

    def __post_init__(self) -> None:
        require(
            within("kept", self.kept, 0, 1),
            above("kept_at_least", self.kept_at_least, 0),
            ordered("kept_at_least", self.kept_at_least, "kept", self.kept),
            within("longest_run", self.longest_run, 1),
        )


RECOMMENDED = GistParams()


@dataclass(frozen=True, slots=True)
class _Unit:
    """Items that become one gist, by their numbers, in order; with all their sentences."""

    sources: tuple[int, ...]
    sentences: tuple[Telling, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A unit, shortened to a level: what is lost for a token that is saved, against the level before."""

    price: float
    unit: int
    level: int
    kept: tuple[Telling, ...]


def condense(
    episodes: Sequence[Episode], most_tokens: int, count_tokens: CountTokens, params: GistParams = RECOMMENDED
) -> list[Gist]:
    """The gists by which `episodes` come down to `most_tokens`, or as near as gists can bring them.

    Nothing protected, used or made by sleep is a source, and no item is a source twice. Less room never means more
    tokens. Neighbouring short turns of a speaker become one gist, everything else one each.
    """
    ordered_ = sorted(episodes, key=lambda one: one.id)
    total = sum(one.tokens for one in ordered_)
    if total <= most_tokens:
        return []
    weights = Weights(frozenset(terms(one.text)) for one in ordered_)
    units = list(_units(ordered_, params))
    made: dict[int, Gist] = {}
    sizes = {number: unit.tokens for number, unit in enumerate(units)}
    for step in sorted(_steps(ordered_, units, weights, params), key=lambda one: (one.price, one.unit, one.level)):
        if total <= most_tokens:
            break
        gist = _gist(ordered_, units[step.unit], step.kept)
        size = count_tokens(gist.text)
        if size >= sizes[step.unit] or size > params.kept * units[step.unit].tokens:
            continue
        total += size - sizes[step.unit]
        sizes[step.unit] = size
        made[step.unit] = gist
    return [made[number] for number in sorted(made)]


def related(episodes: Sequence[Episode], count_tokens: CountTokens, params: GistParams = RECOMMENDED) -> list[Gist]:
    """Gists of items that tell of the same, where one says (nearly) all in clearly fewer tokens; no source is in two.

    What a person said in a session is put together with what the same person said; documents with documents.
    """
    ordered_ = sorted((one for one in episodes if _is_free(one)), key=lambda one: one.id)
    weights = Weights(frozenset(terms(one.text)) for one in ordered_)
    found = []
    for cluster in clusters.related(ordered_, params.closeness, params.commonest, params.largest):
        if len({ordered_[number].speaker for number in cluster}) > 1:
            continue
        unit = _unit(ordered_, cluster)
        kept = telling.most_telling(unit.sentences, params.kept * unit.tokens, weights)
        gist = _gist(ordered_, unit, kept)
        is_shorter = bool(kept) and count_tokens(gist.text) <= params.kept * unit.tokens
        if is_shorter and _told(kept, weights) >= params.told * _told(unit.sentences, weights):
            found.append(gist)
    return sorted(found, key=lambda one: one.sources)


def _units(episodes: Sequence[Episode], params: GistParams) -> Iterator[_Unit]:
    """Runs of short neighbouring turns, and every other long item by itself."""
    in_runs: set[int] = set()
    for run in _runs(episodes, params):
        in_runs.update(run)
        yield _unit(episodes, run)
    for number, one in enumerate(episodes):
        if number not in in_runs and _is_free(one) and one.tokens >= params.shortest and len(one.sentences) > 1:
            yield _unit(episodes, (number,))


def _unit(episodes: Sequence[Episode], sources: tuple[int, ...]) -> _Unit:
    sentences = tuple(one for number in sources for one in telling.sentences_of(number, episodes[number]))
    return _Unit(sources, sentences, sum(episodes[number].tokens for number in sources))


def _is_free(one: Episode) -> bool:
    return not (one.is_protected or one.is_gist or one.recalls)


def _runs(episodes: Sequence[Episode], params: GistParams) -> Iterator[tuple[int, ...]]:
    """Short turns of one speaker in one session, with nothing but another's turns between them."""
    sessions: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for number, one in enumerate(episodes):
        if one.kind is Kind.MEMORY and one.session_id is not None:
            sessions[one.group, one.speaker].append(number)
    for members in sessions.values():
        run: list[int] = []
        for number in sorted(members, key=lambda number: (episodes[number].position, episodes[number].id)):
            one = episodes[number]
            is_short = _is_free(one) and one.tokens <= params.longest_source
            if run and not (is_short and _follows(episodes[run[-1]], one, params) and len(run) < params.longest_run):
                yield from _if_several(run)
                run = []
            if is_short:
                run.append(number)
        yield from _if_several(run)


def _follows(before: Episode, one: Episode, params: GistParams) -> bool:
    return one.position - before.position <= params.widest_gap


def _if_several(run: list[int]) -> Iterator[tuple[int, ...]]:
    if len(run) > 1:
        yield tuple(run)


def _steps(
    episodes: Sequence[Episode], units: Sequence[_Unit], weights: Weights, params: GistParams
) -> Iterator[_Step]:
    """For every unit, level by level; prices of a unit never fall, so that the order of all keeps that of each."""
    for number, unit in enumerate(units):
        everything = _told(unit.sentences, weights)
        value = sum(max(0.0, episodes[source].value) for source in unit.sources) / len(unit.sources)
        told, tokens, price = everything, float(unit.tokens), 0.0
        for level, share in enumerate((params.kept, params.kept_at_least)):
            kept = tuple(telling.most_telling(unit.sentences, share * unit.tokens, weights))
            size, now = sum(one.tokens for one in kept), _told(kept, weights)
            if not kept or size >= tokens:
                continue
            price = max(price, (1 + value) * (told - now) / (tokens - size))
            told, tokens = now, size
            yield _Step(price, number, level, kept)


def _told(sentences: Sequence[Telling], weights: Weights) -> float:
    covered: set[str] = set()
    total = 0.0
    for one in sentences:
        total += telling.worth(one, covered, weights)
        covered |= one.words
    return total


def _gist(episodes: Sequence[Episode], unit: _Unit, kept: Sequence[Telling]) -> Gist:
    ranks = {number: rank for rank, number in enumerate(unit.sources)}
    inside = sorted(kept, key=lambda one: (ranks[one.source], one.start))
    parts = tuple(Part(episodes[one.source].id, one.start, one.end) for one in inside)
    text = " ".join(episodes[one.source].text[one.start : one.end] for one in inside)
    sources = tuple(episodes[number].id for number in unit.sources)
    what = "the most telling sentences" if len(sources) == 1 else f"the most telling sentences of {len(sources)} turns"
    return Gist(sources, parts, text, f"{what}, {len(parts)} of {len(unit.sentences)}")
