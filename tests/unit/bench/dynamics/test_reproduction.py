"""The published simulations come out as published, through the same draws."""

import json
import math
from pathlib import Path

import pytest

from bench.__main__ import main
from bench.dynamics import reproduction
from bench.dynamics.mulberry import Mulberry
from bench.dynamics.reproduction import Row


def test_the_random_numbers_are_the_published_ones() -> None:
    expected = [0.6011037519, 0.4482905590, 0.8524657935, 0.6697340414]
    assert Mulberry(42).many(4).tolist() == pytest.approx(expected, abs=5.1e-11)
    assert Mulberry(123).many(2).tolist() == pytest.approx([0.7872516233, 0.1785435656], abs=5.1e-11)


def test_one_number_at_a_time_is_the_same_stream() -> None:
    single, many = Mulberry(7), Mulberry(7)
    assert [single.one() for _ in range(5)] == [*many.many(3), *many.many(2)]


def test_every_quick_figure_is_reproduced_to_its_digits() -> None:
    rows = reproduction.quick()
    assert [row.name for row in rows if not row.agrees] == []
    assert len({row.name for row in rows}) == len(rows) >= 12


def test_the_stress_level_is_reproduced_where_it_tells_most() -> None:
    rows = reproduction.ablations(["stress"], ["all on", "without TripleCopy", "without neuromodulators", "all off"])
    assert [row.name for row in rows if not row.agrees] == []
    full, off = (row for row in rows if row.name in {f"stress: {on}, strength and P@5" for on in ("all on", "all off")})
    assert off.reproduced[1] > full.reproduced[1], "ranking is better with everything off"


@pytest.mark.slow
def test_the_whole_ablation_is_reproduced() -> None:
    assert [row.name for row in reproduction.ablations() if not row.agrees] == []


def test_a_figure_that_differs_is_shown_to_differ() -> None:
    row = Row("claim", (0.5, math.nan), (0.51, 0.3), 2, "why")
    assert not row.agrees
    assert "| claim | 0.50 / – | 0.51 / 0.30 | differs | why |" in reproduction.markdown([row])


def test_the_command_prints_a_table_and_writes_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reproduction, "ablations", list)  # the slow rows have a test of their own
    file = tmp_path / "out.json"
    assert main(["dynamics", "reproduce", "--json", str(file)]) == 0
    assert "| claim | published | reproduced |" in capsys.readouterr().out
    found = json.loads(file.read_text(encoding="utf-8"))
    assert found["claims"]["protector: refused"]["agrees"] is True
