"""Gists: items made of the most telling parts of others, word for word, so that a namespace takes less room. Pure.

Condensing answers a budget and takes the least expected loss first, clause by clause; relating needs none, and puts
together sentences that tell the same in several places. Source: proposals of this project, chosen by measurements on
MuSiQue, HotpotQA, LoCoMo and the life log. Turns of one speaker in one gist are found better than apart if all of a
session are put together, but the gaps that they leave cost the turns around them their neighbours, so it is off. The
value of the information bottleneck (longer and richer in names is worse) says the opposite of what is asked for, so it
has no say.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from memory.dynamics.checks import above, ordered, require, within
from memory.sleeping import clusters, telling
from memory.sleeping.episodes import Episode, Gist, Part
from memory.sleeping.telling import Added, Place, Weights
from memory.types import Kind

CountTokens = Callable[[str], int]
LAST_TURNS = 3  # of a session, which say goodbye
TURN = 20  # tokens that a gist has of a turn; what several turns tell is not the share of one


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


@dataclass(frozen=True, slots=True)
class _Unit:
    """Items that become one gist, by their numbers, in order; their clauses from the cheapest to the dearest."""

    sources: tuple[int, ...]
    clauses: tuple[_Priced, ...]
    tokens: int


@dataclass(frozen=True, slots=True)
class _Step:
    """A unit without its `left_out` cheapest clauses."""

    price: float  # of the dearest of them
    unit: int
    left_out: int


def condense(
    episodes: Sequence[Episode], most_tokens: int, count_tokens: CountTokens, params: GistParams = RECOMMENDED
) -> list[Gist]:
    """The gists by which `episodes` come down to `most_tokens`, or as near as gists can bring them.

    Nothing protected or used is a source, and no item is a source twice. Less room never means more tokens.
    Neighbouring turns of a speaker in a session become one gist, everything else one each, gists only if `params` say
    so: then what came first has to give way as what comes later. A turn of which no sentence is worth its room is among
    the sources without a part.
    """
    known = sorted(episodes, key=lambda one: one.id)
    total = sum(one.tokens for one in known)
    if total <= most_tokens:
        return []
    units = _units(known, params)
    steps = [step for number, unit in enumerate(units) for step in _steps(number, unit, params)]
    made: dict[int, Gist] = {}
    sizes = [unit.tokens for unit in units]
    for step in sorted(steps, key=lambda one: (one.price, one.unit, one.left_out)):
        if total <= most_tokens:
            break
        unit = units[step.unit]
        gist = _gist(known, unit.sources, [part for one in unit.clauses[step.left_out :] for part in one.parts])
        size = count_tokens(gist.text)
        if size <= params.kept * unit.tokens and size < sizes[step.unit]:
            total += size - sizes[step.unit]
            sizes[step.unit] = size
            made[step.unit] = gist
    return [made[number] for number in sorted(made)]


def related(episodes: Sequence[Episode], count_tokens: CountTokens, params: GistParams = RECOMMENDED) -> list[Gist]:
    """Gists of items that tell of the same, where one says (nearly) all in clearly fewer tokens; no source is in two.

    What one person said is put together with what the same person said, documents with documents of the same title.
    """
    free = sorted((one for one in episodes if _is_free(one) and not one.is_gist), key=lambda one: one.id)
    weights = Weights(one.text for one in free)
    found = []
    for cluster in clusters.related(free, params.closeness, params.commonest, params.largest):
        if len({(free[number].speaker, free[number].title) for number in cluster}) > 1:
            continue
        tokens = sum(free[number].tokens for number in cluster)
        kept = _nearly_all(free, cluster, weights, params.told)
        gist = _gist(free, cluster, kept)
        if gist.parts and count_tokens(gist.text) <= params.related_kept * tokens:
            found.append(gist)
    return sorted(found, key=lambda one: one.sources)


def _nearly_all(episodes: Sequence[Episode], cluster: Sequence[int], weights: Weights, share: float) -> list[Part]:
    """Sentences of the cluster, the most telling first, until they tell this share of all."""
    sentences = [one for number in cluster for one in telling.sentences_of(number, episodes[number], weights)]
    known = telling.known_of(episodes[cluster[0]])
    missing = share * telling.told(sentences, known)
    kept = []
    for added in telling.by_price(sentences, known):
        if missing <= 1e-9:
            break
        missing -= added.worth
        kept.append(Part(episodes[added.sentence.source].id, added.sentence.start, added.sentence.end))
    return kept


def _gist(episodes: Sequence[Episode], sources: Sequence[int], parts: Sequence[Part]) -> Gist:
    by_id = {episodes[number].id: episodes[number] for number in sources}
    ranks = {id_: rank for rank, id_ in enumerate(by_id)}
    inside = tuple(_joined(by_id, sorted(parts, key=lambda one: (ranks[one.source], one.start))))
    text = " ".join(by_id[one.source].text[one.start : one.end] for one in inside)
    count = sum(len(one.sentences) for one in by_id.values())
    what = f"{len(by_id)} memories" if len(by_id) > 1 else "one memory"
    return Gist(tuple(by_id), inside, text, f"what tells most in {count} sentences of {what}")


def _joined(episodes: Mapping[str, Episode], parts: Sequence[Part]) -> list[Part]:
    """The same in order, clauses that follow one upon the other in their sentence put together again."""
    begins = {(one.id, sentence.start) for one in episodes.values() for sentence in one.sentences}
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        is_next = last is not None and last.source == part.source and (part.source, part.start) not in begins
        if last is not None and is_next and episodes[part.source].text[last.end : part.start].isspace():
            found[-1] = Part(part.source, last.start, part.end)
        else:
            found.append(part)
    return found


def _is_free(one: Episode) -> bool:
    return not (one.is_protected or one.recalls)


def _units(episodes: Sequence[Episode], params: GistParams) -> list[_Unit]:
    """Runs of turns, and every other item by itself if it is long; all with sentences to choose from."""
    weights = Weights(one.text for one in episodes)
    places = _places(episodes)
    found = []
    in_runs: set[int] = set()
    for run in _runs(episodes, params):
        in_runs.update(run)
        found.append(_unit(episodes, run, weights, places))
    for number, one in enumerate(episodes):
        can_be = _is_free(one) and (params.shortens_gists or not one.is_gist)
        if number not in in_runs and can_be and one.tokens >= params.shortest:
            found.append(_unit(episodes, (number,), weights, places))
    return [unit for unit in found if len(unit.clauses) > 1]


def _unit(
    episodes: Sequence[Episode], sources: tuple[int, ...], weights: Weights, places: Mapping[int, Place]
) -> _Unit:
    priced = [one for number in sources for one in _priced(number, episodes[number], weights, places)]
    priced.sort(key=lambda one: (one.price, one.parts[0].source, -one.parts[0].start))
    return _Unit(sources, tuple(priced), sum(episodes[number].tokens for number in sources))


def _priced(number: int, one: Episode, weights: Weights, places: Mapping[int, Place]) -> list[_Priced]:
    clauses = telling.clauses_of(number, one, weights)
    known = telling.known_of(one)
    turns = max(1, round(one.tokens / TURN)) if one.is_gist and one.session_id is not None else 1
    turn, place = telling.told(clauses, known) / turns, places.get(number, Place())
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


def _places(episodes: Sequence[Episode]) -> dict[int, Place]:
    """Of the turns of sessions."""
    turns = [number for number, one in enumerate(episodes) if one.session_id is not None and not one.is_gist]
    asking = {(one.group, one.position) for one in episodes if "?" in one.text and not one.is_gist}
    last: dict[str, int] = {}
    for number in turns:
        one = episodes[number]
        last[one.group] = max(last.get(one.group, 0), one.position)
    return {number: _place(episodes[number], asking, last) for number in turns}


def _place(one: Episode, asking: Set[tuple[str, int]], last: Mapping[str, int]) -> Place:
    return Place((one.group, one.position - 1) in asking, one.position > last[one.group] - LAST_TURNS)


def _runs(episodes: Sequence[Episode], params: GistParams) -> Iterator[tuple[int, ...]]:
    """Two or more turns of one speaker in one session that are free, with little of others between them."""
    speakers: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, one in enumerate(episodes):
        if one.kind is Kind.MEMORY and one.session_id is not None and _is_free(one) and not one.is_gist:
            speakers[one.group, one.speaker or ""].append(number)
    for key in sorted(speakers):
        run: list[int] = []
        for number in sorted(speakers[key], key=lambda number: (episodes[number].position, episodes[number].id)):
            if run and not _continues(episodes, run, number, params):
                yield from _if_several(run)
                run = []
            run.append(number)
        yield from _if_several(run)


def _continues(episodes: Sequence[Episode], run: Sequence[int], number: int, params: GistParams) -> bool:
    is_near = episodes[number].position - episodes[run[-1]].position <= params.widest_gap
    tokens = sum(episodes[one].tokens for one in (*run, number))
    return is_near and len(run) < params.most_turns and tokens <= params.longest_run


def _if_several(run: Sequence[int]) -> Iterator[tuple[int, ...]]:
    if len(run) > 1:
        yield tuple(run)


def _steps(number: int, unit: _Unit, params: GistParams) -> Iterator[_Step]:
    """From the first that makes a gist short enough to the last that leaves enough of it."""
    left = float(unit.tokens)
    for left_out, one in enumerate(unit.clauses[:-1], start=1):
        left -= one.tokens
        if left < params.kept_at_least * unit.tokens - 1e-9:
            return
        if left <= params.kept * unit.tokens:
            yield _Step(one.price, number, left_out)
