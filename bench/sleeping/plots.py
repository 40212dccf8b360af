"""Lives with nights as pictures: strengths over nights, storage against recall, probes by night."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import mean

from matplotlib.axes import Axes

from bench.dynamics.lifelog import DAYS
from bench.plots import COLOURS, DASHES, MARKS, draw_into
from bench.types import Json

Figures = Mapping[str, Json]
LOW, MIDDLE, HIGH = 0, 1, 2


def draw(figures: Figures, folder: Path) -> None:
    """PNG files of what there is: `strengths`, `storage`, `probes` of lives, `locomo` of conversations."""
    if "strengths" in figures:
        for name, unit in (("stability", "days"), ("retrievability", "chance of recall")):
            strengths(figures, name, unit, folder / f"{name}.png")
        storage(figures, folder / "storage.png")
        probes(figures, folder / "probes.png")
    if "locomo" in figures:
        locomo(figures, folder / "locomo.png")


def strengths(figures: Figures, name: str, unit: str, path: Path) -> None:
    """Medians of the memories in recall, and the band between the percentiles 10 and 90."""

    def onto(axes: Axes) -> None:
        for number, (arm, lives) in enumerate(_map(figures["strengths"]).items()):
            days = [int(_float(one["day"])) for one in _maps(_list(lives)[0])]
            rows = [[_list(one[name]) for one in _maps(life)] for life in _list(lives)]
            lines = [[mean(_float(life[at][which]) for life in rows if life[at]) for at in range(len(days))]
                     for which in (LOW, MIDDLE, HIGH)]  # fmt: skip
            axes.plot(days, lines[MIDDLE], label=arm, color=COLOURS[number], marker=MARKS[number])
            axes.fill_between(days, lines[LOW], lines[HIGH], color=COLOURS[number], alpha=0.15)
        axes.set(xlabel="night", ylabel=f"{name}, {unit}", yscale="log" if name == "stability" else "linear")
        axes.legend()

    draw_into(path, f"{name.capitalize()} of memories: median, and percentiles 10 to 90", onto)


def storage(figures: Figures, path: Path) -> None:
    """Recall after the last day against the tokens kept, by every rule of counting gists."""

    def onto(axes: Axes) -> None:
        arms = {arm: _map(_map(days)[str(DAYS)]) for arm, days in _map(figures["arms"]).items()}
        for number, (rule, label) in enumerate(RULES.items()):
            for arm, found in arms.items():
                axes.plot(
                    _float(found["tokens"]), _float(found[rule]), color=COLOURS[number], linestyle="",
                    marker=MARKS[list(arms).index(arm)], label=f"{arm}, {label}",
                )  # fmt: skip
        axes.set(xlabel="tokens in recall", ylabel="recall@10, %", ylim=(0, 100))
        axes.set_xlim(left=0)
        axes.legend(fontsize="x-small")

    draw_into(path, f"Storage against recall after {DAYS} days", onto)


RULES = {"recall@10": "gists count", "by_share": "by share quoted", "within_room": "within as many tokens"}


def probes(figures: Figures, path: Path) -> None:
    """What was found of each night's own probes before and after it."""

    def onto(axes: Axes) -> None:
        found = _maps(figures["probes"])
        nights = [_float(one["night"]) for one in found]
        for number, name in enumerate(("before", "after")):
            values = [_float(one[name]) for one in found]
            axes.plot(nights, values, label=f"{name} the night", color=COLOURS[number], linestyle=DASHES[number])
        axes.set(xlabel="night", ylabel="probes found among the first ten, %", ylim=(0, 101))
        axes.legend(loc="lower right")

    draw_into(path, "Probes of each night", onto)


def locomo(figures: Figures, path: Path) -> None:
    """Evidence recall against the share of tokens kept: sleep by three rules, and deletion of the oldest."""

    def onto(axes: Axes) -> None:
        arms = {arm: _map(one) for arm, one in _map(figures["locomo"]).items()}
        series = {f"sleep, {label}": ("one night", rule) for rule, label in RULES.items()}
        series["oldest deleted"] = ("oldest deleted", "recall@10")
        for number, (label, (arm, rule)) in enumerate(series.items()):
            points = sorted(
                (_float(one["kept"]), 100 * _float(one[rule]))
                for name, one in arms.items()
                if name == "no sleep" or name.startswith(arm)
            )
            axes.plot(
                [kept for kept, _ in points], [recall for _, recall in points],
                label=label, color=COLOURS[number], marker=MARKS[number],
            )  # fmt: skip
        axes.set(xlabel="share of the tokens kept", ylabel="evidence recall@10, %", ylim=(0, 100))
        axes.legend(loc="lower right")

    draw_into(path, "LoCoMo: storage against evidence recall", onto)


def _map(found: Json) -> Figures:
    assert isinstance(found, dict)
    return found


def _list(found: Json) -> Sequence[Json]:
    assert isinstance(found, list | tuple)
    return found


def _maps(found: Json) -> list[Figures]:
    return [_map(one) for one in _list(found)]


def _float(found: Json) -> float:
    assert isinstance(found, int | float)
    return float(found)
