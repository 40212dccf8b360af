"""The bench of sleep on conversations: every arm on a small one, and the namespace as it was between budgets."""

import json
from pathlib import Path

from bench.sleeping import locomo
from bench.sleeping.plots import draw
from retrieval.embedders.hashing import HashingEmbedder


def _conversation() -> dict[str, object]:
    places = ["Zeebrugge", "Ostend", "Antwerp", "Leuven", "Bruges", "Namur"]
    sessions = {
        f"session_{number}": [
            {
                "speaker": "Ada" if turn % 2 else "Ben",
                "dia_id": f"D{number}:{turn}",
                "text": f"I went to {place} in 19{number}{turn} with {turn} friends. It was nice. We ate well, too.",
            }
            for turn, place in enumerate(places)
        ]
        for number in (1, 2)
    }
    dates = {f"session_{number}_date_time": f"1:56 pm on {number} May, 2023" for number in (1, 2)}
    asked = [{"question": "Who went to Leuven in 1913?", "evidence": ["D1:3"], "category": 4}]
    return {"sample_id": "small", "conversation": {**sessions, **dates}, "qa": asked}


def test_all_arms_are_asked_the_same_and_undone_nights_leave_nothing(tmp_path: Path) -> None:
    (tmp_path / "locomo").mkdir()
    (tmp_path / "locomo" / "small.json").write_text(json.dumps(_conversation()), encoding="utf-8")
    found = locomo.measure(tmp_path, HashingEmbedder(), tmp_path / "service", ["small"], [0.7, 1.0])
    assert [one for one in found if one.startswith(locomo.ONE_NIGHT)] == [
        locomo.ONE_NIGHT,
        "one night, 70% of the tokens",
        "one night, 100% of the tokens",
    ]
    kept = {arm: float(str(figures["kept"])) for arm, figures in found.items() if isinstance(figures, dict)}
    assert kept["one night, 70% of the tokens"] <= 0.701
    assert kept["one night, 100% of the tokens"] == kept[locomo.ONE_NIGHT]  # the night before it was undone
    assert kept["oldest deleted, 100% of the tokens"] <= kept["one night, 100% of the tokens"]
    assert locomo.markdown(found).count("\n|") == 2 + len(found)
    draw({"locomo": found}, tmp_path / "plots")
    assert (tmp_path / "plots" / "locomo.png").stat().st_size > 0
