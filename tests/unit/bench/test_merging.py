"""The bench of merges on a small world: what is merged is told with its sources, and both states are asked the same."""

from pathlib import Path

from bench import merging
from bench.service import Service
from bench.types import Collection, Dataset, LabelledQuestion
from memory import atlas
from memory.sleeping.likenesses import RECOMMENDED
from memory.types import Draft, Kind
from retrieval.embedders.hashing import HashingEmbedder

TEXTS = {
    "march": "The Salt March began in Ahmedabad.",
    "end": "The Salt March ended in Dandi.",
    "bread": "Bread is baked on Monday.",
}


def test_names_are_merged_between_two_rounds_of_questions(tmp_path: Path) -> None:
    drafts = tuple(
        Draft(Kind.DOCUMENT, text, title="The Salt March" if name == "end" else "", external_id=name)
        for name, text in TEXTS.items()
    )
    asked = (LabelledQuestion("1", "Where did the Salt March end?", frozenset({"end"})),)
    dataset = Dataset("small", "0", (Collection("one", drafts, asked),))
    with Service(tmp_path, HashingEmbedder(64)) as service:
        found = merging.measure(dataset, service, with_questions=True)
        portrait = atlas.portrait(service.parts, service.existing("collection-0"), "Salt March")
    assert [one.proposal.name for one in found.merged] == [portrait.merges[0].name]
    assert portrait.entity.passages == 2
    assert [one.question for one in found.apart] == [one.question for one in found.together]
    figures = merging.as_json(found, RECOMMENDED.least)
    assert figures["merged"] == 1
    told = merging.markdown(figures, merging.sampled(found, 5))
    assert "Salt March began" in told
    assert merging.sampled(found, 0) == []
