"""A whole measurement through the real service: database, index, recall, report."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench import summary
from bench.__main__ import main
from bench.arms import ARMS_WITH_TRIPLES, Arm, named
from bench.errors import BenchError
from bench.run import ingest, measure, outcome
from bench.service import Service, embedder
from bench.systems import Ground
from bench.types import Collection, Dataset, LabelledQuestion
from memory.types import Draft, Kind
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.search import SearchParams

TOWNS = ["Oslo", "Lisbon", "Quito", "Hanoi", "Accra", "Riga"]
CRAFTS = ["violins", "kites", "lanterns", "clocks", "saddles"]
ARMS = ("zengram", "dense", "bm25", "rrf")


def drafts() -> list[Draft]:
    """Thirty passages: who makes what in which town."""
    return [
        Draft(
            Kind.DOCUMENT,
            f"Master {craft.title()} Number {number} makes {craft} in {town}. The workshop opened in {1900 + number}.",
            title=f"Workshop {number}",
            external_id=f"p{number}",
        )
        for number, (town, craft) in enumerate((town, craft) for town in TOWNS for craft in CRAFTS)
    ]


def questions() -> list[LabelledQuestion]:
    return [
        LabelledQuestion("q0", "Who makes violins in Quito?", frozenset({"p10"})),
        LabelledQuestion("q1", "Which workshops opened in 1903 and 1904?", frozenset({"p3", "p4"})),
    ]


def arms() -> list[Arm]:
    return [named(name, {}) for name in ARMS]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    with Service(tmp_path, HashingEmbedder()) as opened:
        yield opened


def test_every_arm_finds_what_its_words_name(service: Service) -> None:
    dataset = Dataset("toy", "0" * 64, (Collection("toy", tuple(drafts()), tuple(questions())),))
    run = measure(dataset, arms(), service, {"embedder": "hashing"})
    assert list(run.outcomes) == list(ARMS)
    assert (run.ingestion.documents, run.ingestion.passages) == (30, 30)
    assert 0 < run.ingestion.encoder_seconds < run.ingestion.seconds
    for arm in ("zengram", "bm25", "rrf"):
        first, second = run.outcomes[arm]
        assert (first.question, first.relevant, first.ranks) == ("q0", 1, (1,))
        assert second.relevant == 2
        assert len(second.ranks) == 2
    stages = run.stages["zengram"]
    assert stages["encode"] + stages["search"] + stages["rest"] == pytest.approx(
        sum(outcome.ms for outcome in run.outcomes["zengram"]) / 2
    )


def test_collections_do_not_see_each_other(service: Service) -> None:
    halves = [
        Collection(name, tuple(some), (LabelledQuestion("0", "Who makes violins in Quito?", frozenset({"p10"})),))
        for name, some in (("with", drafts()), ("without", drafts()[:10]))
    ]
    run = measure(Dataset("toy", "0" * 64, tuple(halves)), arms(), service, {})
    for outcomes in run.outcomes.values():
        assert [outcome.question for outcome in outcomes] == ["with/0", "without/0"]
        assert outcomes[0].ranks
        assert not outcomes[1].ranks


def test_a_document_of_many_passages_leaves_room_for_twenty_others(service: Service) -> None:
    kites = " ".join(f"The kites of Oslo flew on day {day}, and the people of Oslo sang." for day in range(400))
    long = Draft(Kind.DOCUMENT, kites, title="Kites", external_id="long")
    collection = Collection("toy", (long, *drafts()), ())
    ingestion, filled = ingest(service, collection, "toy")
    assert filled.passages > 50
    everything = frozenset({"long", *(draft.external_id or "" for draft in drafts())})
    question = LabelledQuestion("q", "kites of Oslo", everything)
    answered = named("dense", {}).ready(Ground(service, filled, collection, ingestion)).answer(question)
    assert outcome(filled, question, answered).ranks == tuple(range(1, 21))


def test_other_arms_get_the_vectors_that_the_service_searches_with(service: Service) -> None:
    _, filled = ingest(service, Collection("toy", tuple(drafts()), ()), "toy")
    owners, vectors = service.vectors(filled.namespace)
    assert set(owners) == set(filled.ids_of)
    assert vectors.shape == (filled.passages, HashingEmbedder().dimension)
    question = "Who makes violins in Quito?"
    nearest = vectors @ service.encoder.encode_question(question)
    best = service.recall(filled.namespace, question, 1, SearchParams.only("dense")).documents
    assert best == (owners[int(nearest.argmax())],)


def folder(at: Path) -> Path:
    corpus = [{"_id": draft.external_id, "title": draft.title, "text": draft.text} for draft in drafts()]
    queries = [{"_id": question.id, "text": question.text} for question in questions()]
    for name, lines in (("corpus", corpus), ("queries", queries)):
        (at / f"{name}.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    qrels = [f"{question.id}\t{name}\t1" for question in questions() for name in question.relevant]
    (at / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(qrels))
    return at


def test_the_command_writes_results_that_can_be_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, page = tmp_path / "out.json", tmp_path / "out.md"
    command = ["retrieval", str(folder(tmp_path)), "--embedder", "hashing", "--json", str(out)]
    assert main([*command, "--report", str(page), "--limit-corpus", "20", "--vectors-cache", str(tmp_path / "c")]) == 0
    found = json.loads(out.read_text())
    assert list(found["arms"]) == list(ARMS)
    assert (found["passages"], found["queries"]) == (20, 2)
    assert found["arms"]["zengram"]["recall@20"] == 1.0
    assert found["ingestion"]["is_cached"] is True
    assert page.read_text().startswith("# ")
    assert main(["compare", str(out), str(out)]) == 0
    assert "| zengram | R@5 | +0.000 | +0.000 to +0.000 | 0 / 0 / 2 | 1 |" in capsys.readouterr().out


def test_the_command_measures_conversations(tmp_path: Path) -> None:
    turns = [
        {"speaker": "Ann", "dia_id": f"D1:{number}", "text": f"I saw {town} today."}
        for number, town in enumerate(TOWNS)
    ]
    content = {
        "conversation": {"session_1": turns, "session_1_date_time": "1:56 pm on 8 May, 2023"},
        "qa": [{"question": "When did Ann see Quito?", "evidence": ["D1:2"], "category": 2}],
    }
    (tmp_path / "conv.json").write_text(json.dumps(content))
    out = tmp_path / "out.json"
    assert main(["conversation", str(tmp_path / "conv.json"), "--embedder", "hashing", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert found["arms"]["zengram"]["categories"]["temporal"]["recall@5"] == 1.0
    assert found["dataset"] == "conv"


def test_scale_measures_everything_but_the_encoder(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    options = ["--passages", "100", "--writes", "5", "--questions", "5", "--json", str(out)]
    assert main(["scale", *options]) == 0
    found = json.loads(out.read_text())
    assert found["passages"] == 105
    assert found["writes_not_recallable_at_once"] == 0
    for name in ("recall_ms", "write_ms", "recall_after_fold_ms", "cold_recall_ms"):
        assert 0 < found[name]["p50"] <= found[name]["p95"] <= found[name]["p99"]
    assert found["disk_mb"]["zengram.db"] > 0
    assert any(name.endswith(".segment") for name in found["disk_mb"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["retrieval", "nowhere"], "neither qrels.tsv nor"),
        (["conversation", "nowhere.json"], "cannot be read as JSON"),
        (["compare", "nowhere.json", "nowhere.json"], "is not a file of results"),
    ],
)
def test_what_is_missing_is_said_without_a_traceback(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--arms", "magic"], ["--set", "walk"], ["--embedder", "magic"]])
def test_options_that_do_not_fit_are_refused(
    tmp_path: Path, options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retrieval", str(folder(tmp_path)), "--embedder", "hashing", *options]) == 2
    assert capsys.readouterr().err.startswith("bench: ")


def test_unknown_embedders_are_named() -> None:
    with pytest.raises(BenchError, match="no embedder is called 'magic'"):
        embedder("magic", None)


def extracted() -> str:
    """What an LLM would have made of the workshops."""
    lines = []
    for draft in drafts():
        master, _, rest = draft.text.partition(" makes ")
        craft, town = rest.split(". ")[0].split(" in ")
        lines.append(
            {"_id": draft.external_id, "entities": [], "triples": [[master, "makes", craft], [master, "is in", town]]}
        )
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_recorded_triples_bring_the_arms_that_need_them(tmp_path: Path) -> None:
    out, recorded = tmp_path / "out.json", tmp_path / "openie.jsonl"
    recorded.write_text(extracted())
    command = ["retrieval", str(folder(tmp_path)), "--embedder", "hashing", "--triples", str(recorded)]
    assert main([*command, "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert list(found["arms"]) == [*ARMS, *ARMS_WITH_TRIPLES]
    assert found["notes"] == []
    assert found["arms"]["hipporag2-oracle"]["recall@1"] >= found["arms"]["hipporag2"]["recall@1"]
    assert found["arms"]["hipporag1"]["recall@5"] > 0
    assert found["arms"]["zengram+llm"]["recall@5"] > 0
    assert all(set(found["memory_mb"][f"{arm} ready"]) == {"rss", "anonymous"} for arm in ARMS_WITH_TRIPLES)
    assert len({len(found["arms"][arm]) for arm in found["arms"]}) == 1


def test_without_triples_there_is_a_note_in_place_of_the_arms(tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    assert main(["retrieval", str(folder(tmp_path)), "--embedder", "hashing", "--json", str(out)]) == 0
    found = json.loads(out.read_text())
    assert list(found["arms"]) == list(ARMS)
    assert found["notes"] == [
        "Without recorded triples there is no arm zengram+llm, hipporag2, hipporag2-oracle, hipporag1."
    ]


def test_an_arm_that_needs_triples_asks_for_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["retrieval", str(folder(tmp_path)), "--embedder", "hashing", "--arms", "dense,hipporag2"]) == 2
    assert "Name a file of them with --triples" in capsys.readouterr().err


def test_triples_of_another_corpus_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorded = tmp_path / "openie.jsonl"
    recorded.write_text(json.dumps({"_id": "elsewhere", "triples": [["a", "b", "c"]]}))
    command = ["retrieval", str(folder(tmp_path)), "--embedder", "hashing", "--triples", str(recorded)]
    assert main(command) == 2
    assert "of none of the passages" in capsys.readouterr().err


def test_what_the_service_does_not_need_is_not_needed_to_measure_it() -> None:
    code = "import sys; sys.modules.update(igraph=None, matplotlib=None); import bench.__main__"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[3])


def test_everything_is_measured_with_one_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data, out = tmp_path / "data", tmp_path / "out"
    (data / "workshops").mkdir(parents=True)
    (data / "empty").mkdir()
    (data / "broken").mkdir()
    (data / "broken" / "corpus.jsonl").write_text("{")
    folder(data / "workshops")
    (data / "workshops" / "openie.jsonl").write_text(extracted())
    out.mkdir()
    (out / "README.md").write_text(f"# Results\n\n{summary.BEGIN}\n{summary.END}\n")
    assert main(["all", str(data), "--out", str(out), "--embedder", "hashing", "--scale", "0"]) == 2
    assert "these measurements failed: broken" in capsys.readouterr().err
    assert sorted(path.name for path in out.iterdir()) == [
        "README.md",
        "workshops.json",
        "workshops.md",
        "workshops.png",
    ]
    assert list(json.loads((out / "workshops.json").read_text())["arms"]) == [*ARMS, *ARMS_WITH_TRIPLES]
    assert "### workshops" in (out / "README.md").read_text()
