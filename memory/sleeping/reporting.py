"""What a stage came to, in numbers and in sentences. Pure."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from memory.layers.transitions import Happening
from memory.sleeping.records import ChangeOf, ChangeStatus, NightChange, ProbeScore, StageName

SENTENCES = {
    "replayed": "{} memories were replayed and will hold longer.",
    "promoted": "{} episodes have become knowledge.",
    "demoted": "{} doubtful facts count as reports again.",
    "archived": "{} items left recall; they are kept in the archive.",
    "corroborated": "{} memories are more certain, because others say the same.",
    "merged": "{} repeats now stand behind the memory that says the same.",
    "names_merged": "{} names count as another name of the same entity.",
    "gists": "{} gists were made of sentences of their sources.",
    "distilled": "{} gists were distilled by the LLM.",
    "statements": "{} statements of the LLM were kept, for the sources that they cite say the same.",
    "unsupported": "{} sentences of the LLM were dropped, for no source that they cite supports them.",
    "unreadable": "{} times the gist is extractive, for the LLM's answer could not be read.",
    "unanswered": "{} times the gist is extractive, for the LLM did not answer.",
    "none_supported": "{} times the gist is extractive, for nothing that the LLM said was supported.",
    "too_long": "{} times the gist is extractive, for what was supported of the LLM's answer saved too little.",
    "not_asked": "{} times the gist is extractive, for the LLM's share of the night was used up.",
    "llm_requests": "{} times the LLM was asked.",
    "llm_tokens": "{} tokens were spent on the LLM.",
    "llm_milliseconds": "{} milliseconds it took to answer.",
    "tokens_saved": "{} tokens less are searched.",
    "new_edges": "{} new associations were tried out and kept.",
    "strengthened": "{} associations were strengthened.",
    "weakened": "{} associations were weakened.",
    "pruned": "{} associations were too weak to stay.",
    "purged": "{} items were purged, as the policies say; that cannot be undone.",
    "kept_for_health": "{} changes of associations were dropped, for the graph would have fallen apart.",
    "passed_over": "{} changes were dropped, because somebody was faster.",
}
OF_HAPPENING = {
    Happening.ARCHIVED: "archived",
    Happening.PROMOTED: "promoted",
    Happening.DEMOTED: "demoted",
}


def counts(changes: Sequence[NightChange]) -> dict[str, float]:
    """How much of what was done, by name."""
    found: dict[str, float] = defaultdict(float)
    for one in changes:
        if one.status is ChangeStatus.PASSED_OVER:
            found["passed_over"] += 1
        elif one.status is ChangeStatus.APPLIED:
            found[_name(one)] += _size(one)
            saved = (one.after or {}).get("saved")
            if isinstance(saved, int | float):
                found["tokens_saved"] += saved
    return {name: count for name, count in found.items() if count}


def sentences(found: Mapping[str, float]) -> tuple[str, ...]:
    """For people; nothing where nothing was done."""
    return tuple(text.format(f"{found[name]:,.0f}") for name, text in SENTENCES.items() if found.get(name))


def judged(before: ProbeScore, after: ProbeScore, is_rolled_back: bool) -> str:
    """What the probes say about a stage."""
    told = f"{before.recall:.1%} of {before.probes} probes were found before, {after.recall:.1%} afterwards"
    return f"Rolled back: {told}." if is_rolled_back else f"{told[0].upper()}{told[1:]}."


def _name(one: NightChange) -> str:
    if one.of is ChangeOf.TRACE:
        return "replayed" if one.stage is StageName.REPLAY else "corroborated"
    if one.of is ChangeOf.PLACE:
        return OF_HAPPENING.get(one.happening or Happening.MOVED, "moved")
    if one.of is ChangeOf.EDGE:
        return _of_edge(one)
    if one.of is ChangeOf.GIST:
        return "distilled" if (one.after or {}).get("distilled") else "gists"
    return "names_merged" if one.of is ChangeOf.NAMES else "merged"


def _of_edge(one: NightChange) -> str:
    if one.before is None:
        return "new_edges"
    if one.after is None:
        return "pruned"
    is_stronger = float(str(one.after["weight"])) > float(str(one.before["weight"]))
    return "strengthened" if is_stronger else "weakened"


def _size(one: NightChange) -> int:
    sources = (one.after or {}).get("sources")
    is_merge = one.of is ChangeOf.REPEATS and isinstance(sources, Sequence) and not isinstance(sources, str)
    return len(sources) if is_merge and isinstance(sources, Sequence) else 1
