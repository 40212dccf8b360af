"""Every command of `zengram`, against the real service."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from tests.sdk.real import real_service
from zengram.cli import main

NAMES = (f"shell-{number}" for number in count())
LADDERS = "Ida is afraid of ladders."


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with real_service(tmp_path_factory.mktemp("service")) as url:
        yield url


@pytest.fixture
def run(url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command in a namespace of its own, named by the environment as a user would."""
    monkeypatch.setenv("ZENGRAM_URL", url)
    monkeypatch.setenv("ZENGRAM_NAMESPACE", next(NAMES))

    def command(*arguments: str) -> Done:
        capsys.readouterr()
        try:
            code = main(arguments)
        except SystemExit as end:  # argparse
            code = int(str(end.code))
        said = capsys.readouterr()
        return Done(code, said.out, said.err)

    return command


def test_what_is_added_is_recalled_listed_read_and_deleted(run: Run) -> None:
    added = run("add", LADDERS, "--speaker", "Noor", "--session", "s", "--metadata", '{"room": "mast"}')
    assert (added.code, added.err) == (0, "")
    assert added.out.startswith("stored memory ")
    id_ = added.out.split()[2]
    assert run("add", LADDERS, "--speaker", "Noor", "--session", "s").code == 0
    recalled = run("recall", "Who is afraid of ladders?", "--top-k", "1", "--explain")
    assert LADDERS in recalled.out
    assert "path: question" in recalled.out
    assert LADDERS in run("recall", "ladders", "--filter", '{"metadata.room": {"eq": "mast"}}').out
    assert LADDERS in run("context", "Who is afraid of ladders?", "--max-tokens", "100").out
    assert f"Noor: {LADDERS}" in run("list", "--session", "s").out
    assert "speaker: Noor" in run("get", id_).out
    assert run("delete", id_).out == f"deleted {id_}\n"
    gone = run("get", id_)
    assert gone.code == 1
    assert gone.err.startswith("zengram: ")


def test_json_is_for_programs(run: Run) -> None:
    added = json.loads(run("add", LADDERS, "--json").out)
    assert added["items"][0]["status"] == "stored"
    assert json.loads(run("recall", "ladders", "--json").out)["results"][0]["text"] == LADDERS
    assert "ladders" in json.loads(run("context", "ladders", "--json").out)["context"]
    assert [json.loads(line)["text"] for line in run("list", "--json").out.splitlines()] == [LADDERS]
    assert json.loads(run("health", "--json").out)["status"] == "ok"
    assert json.loads(run("delete", added["items"][0]["id"], "--json").out)["status"] == "deleted"


def test_health_says_where_the_service_is(run: Run, url: str) -> None:
    assert run("health").out == f"ok: {url} is ready\n"


def test_documents_come_from_files_and_from_standard_input(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mill.md").write_text("# Mill\n\nThe mill grinds oats.")
    assert run("add", "--file", str(tmp_path / "mill.md"), "--document").code == 0
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"The heron nests by the mill.")))
    assert run("add", "-", "--title", "Heron").out.startswith("stored document ")
    assert run("upload", str(tmp_path / "mill.md"), "--title", "Uploaded").code == 0
    listed = run("list", "--documents").out
    assert "Heron: The heron nests" in listed
    assert "Uploaded: " in listed
    assert len(run("list", "--documents", "--limit", "1").out.splitlines()) == 1


def test_a_large_input_can_be_waited_for(run: Run, tmp_path: Path) -> None:
    rows = "\n".join(json.dumps({"lock": number, "keeper": f"Keeper {number}"}) for number in range(70))
    (tmp_path / "locks.jsonl").write_text(rows)
    done = run("upload", str(tmp_path / "locks.jsonl"), "--wait")
    assert done.code == 0
    assert done.out.count("stored document") == 70
    assert "Keeper 33" in run("recall", "Keeper 33", "--top-k", "1").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add"], "Give either a text"),
        (["add", "x", "--metadata", "{"], "--metadata is not JSON"),
        (["add", "x", "--metadata", "[1]"], "--metadata takes a JSON object"),
        (["add", "x", "--title", "t", "--speaker", "Ida"], "--speaker, --session and --layer belong to memories"),
        (["add", "--file", "/nowhere/x"], "No such file"),
        (["upload", "/nowhere/x.txt"], "No such file"),
        (["list", "--limit", "0"], "must be 1 or more"),
        (["recall"], "query"),
        (["fly"], "invalid choice"),
        (["health", "--url", "ftp://x"], "URL"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_2_and_says_what_is_right(run: Run, arguments: list[str], said: str) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert said in done.err
    assert "Traceback" not in done.err


def test_what_the_service_refuses_is_1_with_field_and_remedy(run: Run) -> None:
    assert run("add", "x").code == 0
    done = run("recall", "x", "--filter", '{"colour": "red"}')
    assert done.code == 1
    assert "filters" in done.err
    assert "->" in done.err
    assert run("delete", "018f0000-0000-7000-8000-000000000000").code == 1


def test_a_service_that_is_not_there_is_1_and_named(run: Run) -> None:
    done = run("health", "--url", "http://127.0.0.1:1")
    assert done.code == 1
    assert "127.0.0.1:1" in done.err


def test_the_installed_command_speaks_any_terminal(url: str) -> None:
    """As a process of its own, in an encoding that does not know the characters."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ZENGRAM_")}
    environment = clean | {"ZENGRAM_URL": url, "ZENGRAM_NAMESPACE": next(NAMES), "PYTHONIOENCODING": "ascii"}
    command = Path(sys.executable).with_name("zengram")
    for arguments in (["add", "東京 \x1b[31mred"], ["recall", "東京"]):
        done = subprocess.run([command, *arguments], env=environment, capture_output=True, check=False, timeout=120)
        assert done.returncode == 0, done.stderr
    assert b"??" in done.stdout
    assert b"\x1b" not in done.stdout
