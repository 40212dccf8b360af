"""Gists: items made of the most telling parts of others, word for word, so that a namespace takes less room. Pure.

Condensing answers a budget and takes the least expected loss first, clause by clause; relating needs none, and puts
together sentences that tell the same in several places. Source: proposals of this project, chosen by measurements on
MuSiQue, HotpotQA, LoCoMo and the life log. Turns of one speaker in one gist are found better than apart if all of a
session are put together, but the gaps that they leave cost the turns around them their neighbours, so it is off. The
value of the information bottleneck (longer and richer in names is worse) says the opposite of what is asked for, so it
has no say.
"""

from collections.abc import Callable, Mapping, Sequence

from memory.sleeping import clusters, telling
from memory.sleeping.episodes import Episode, Gist, Library, Named, Outline, Part
from memory.sleeping.telling import Weights
from memory.sleeping.units import AT_ONCE, RECOMMENDED, GistParams, priced, whole

CountTokens = Callable[[str], int]

__all__ = ["RECOMMENDED", "CountTokens", "GistParams", "condense", "related"]


def condense(
    items: Sequence[Outline], most_tokens: int, count_tokens: CountTokens, library: Library,
    params: GistParams = RECOMMENDED,
) -> list[Gist]:  # fmt: skip
    """The gists by which these items come down to `most_tokens`, or as near as gists can bring them.

    Nothing protected or used is a source, and no item is a source twice. Less room never means more tokens.
    Neighbouring turns of a speaker in a session become one gist, everything else one each, gists only if `params` say
    so: then what came first has to give way as what comes later. A turn of which no sentence is worth its room is among
    the sources without a part.
    """
    known = sorted(items, key=lambda one: one.edition.id)
    total = sum(one.tokens for one in known)
    if total <= most_tokens:
        return []
    units, steps = priced(known, library, params)
    made: dict[int, Gist] = {}
    sizes = list(units.tokens)
    for some in steps.cheapest_first():
        if total <= most_tokens:
            break
        read = whole(known, (units.sources[unit] for unit, _ in some), library)
        for unit, left_out in some:
            sources = [read.get(number) for number in units.sources[unit]]
            if total <= most_tokens or None in sources:
                continue
            gist = _gist([one for one in sources if one], units.parts(unit, left_out, known))
            size = count_tokens(gist.text)
            if size <= params.kept * units.tokens[unit] and size < sizes[unit]:
                total += size - sizes[unit]
                sizes[unit] = size
                made[unit] = gist
    return [made[number] for number in sorted(made)]


def related(
    items: Sequence[Named], count_tokens: CountTokens, library: Library, params: GistParams = RECOMMENDED
) -> list[Gist]:
    """Gists of items that tell of the same, where one says (nearly) all in clearly fewer tokens; no source is in two.

    What one person said is put together with what the same person said, documents with documents of the same title.
    """
    free = sorted((one for one in items if one.can_relate), key=lambda one: one.edition.id)
    found = clusters.related(free, library, params.closeness, params.commonest, params.largest)
    weights = Weights(library.texts([one.edition for one in free]) if found else ())
    made = []
    for begin in range(0, len(found), AT_ONCE):
        some = found[begin : begin + AT_ONCE]
        read = whole(free, some, library)
        for cluster in some:
            mine = [read[number] for number in cluster if number in read]
            if len(mine) < len(cluster) or len({(one.speaker, one.title) for one in mine}) > 1:
                continue
            gist = _gist(mine, _nearly_all(mine, weights, params.told))
            if gist.parts and count_tokens(gist.text) <= params.related_kept * gist.tokens:
                made.append(gist)
    return sorted(made, key=lambda one: one.sources)


def _nearly_all(mine: Sequence[Episode], weights: Weights, share: float) -> list[Part]:
    """Sentences of a cluster, the most telling first, until they tell this share of all."""
    sentences = [one for number, each in enumerate(mine) for one in telling.sentences_of(number, each, weights)]
    known = telling.known_of(mine[0])
    missing = share * telling.told(sentences, known)
    kept = []
    for added in telling.by_price(sentences, known):
        if missing <= 1e-9:
            break
        missing -= added.worth
        kept.append(Part(mine[added.sentence.source].id, added.sentence.start, added.sentence.end))
    return kept


def _gist(sources: Sequence[Episode], parts: Sequence[Part]) -> Gist:
    by_id = {one.id: one for one in sources}
    ranks = {id_: rank for rank, id_ in enumerate(by_id)}
    inside = tuple(_joined(by_id, sorted(parts, key=lambda one: (ranks[one.source], one.start))))
    text = " ".join(by_id[one.source].text[one.start : one.end] for one in inside)
    count = sum(len(one.sentences) for one in sources)
    what = f"{len(by_id)} memories" if len(by_id) > 1 else "one memory"
    why = f"what tells most in {count} sentences of {what}"
    return Gist(tuple(one.edition for one in sources), inside, text, sum(one.tokens for one in sources), why)


def _joined(sources: Mapping[str, Episode], parts: Sequence[Part]) -> list[Part]:
    """The same in order, clauses that follow one upon the other in their sentence put together again."""
    begins = {(one.id, sentence.start) for one in sources.values() for sentence in one.sentences}
    found: list[Part] = []
    for part in parts:
        last = found[-1] if found else None
        is_next = last is not None and last.source == part.source and (part.source, part.start) not in begins
        if last is not None and is_next and sources[part.source].text[last.end : part.start].isspace():
            found[-1] = Part(part.source, last.start, part.end)
        else:
            found.append(part)
    return found
