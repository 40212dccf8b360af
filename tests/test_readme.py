"""The README says what is so: its table of settings is the code's, and its snippets run."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from app.settings import PREFIX, Settings
from demo.instance import throw_away

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
WRITTEN_URL = "http://127.0.0.1:8000"
MOST_SETTINGS = 17


def settings_table() -> str:
    """One row for each setting, as the README must show it."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        rows.append(f"| `{PREFIX}{name.upper()}` | {f'`{default}`' if str(default) else ''} | {field.description} |")
    return "\n".join(["| variable | default | what it sets |", "|---|---|---|", *rows])


def snippets(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with throw_away() as running:
        yield running


def environment() -> dict[str, str]:
    """With the commands of this virtual environment first, and no setting of another instance."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}"}


def run(command: list[str], snippet: str, url: str) -> str:
    done = subprocess.run(
        [*command, snippet.replace(WRITTEN_URL, url)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_of_settings_is_that_of_the_code() -> None:
    shown = re.search(r"<!-- settings: [^>]*-->\n(.*?)\n<!-- end of settings -->", README, re.DOTALL)
    assert shown
    assert shown[1] == settings_table()


def test_there_are_few_settings() -> None:
    assert len(Settings.model_fields) <= MOST_SETTINGS


@pytest.mark.slow
def test_the_curl_snippets_answer_from_two_messages(url: str) -> None:
    (snippet,) = snippets("bash")
    answers = run(["bash", "-euc"], snippet, url)
    assert "stored" in answers
    assert "Jonas Ferrow" in answers
    assert '"path"' in answers


@pytest.mark.slow
def test_the_python_snippet_answers_with_path_and_context(url: str) -> None:
    snippet, _ = snippets("python")
    printed = run([sys.executable, "-W", "error", "-c"], snippet, url)
    assert "letters of Osric Thale" in printed
    assert " > " in printed
    assert "concerts in the Weavers' Chapel" in printed.rpartition(" > ")[2], "the context names it too"


@pytest.mark.slow
def test_the_snippet_about_feedback_corrects_and_takes_it_back(url: str) -> None:
    _, snippet = snippets("python")
    answer, undone, forecast = run([sys.executable, "-W", "error", "-c"], snippet, url).strip().splitlines()
    assert "under the pot" in answer
    assert undone != "None"
    assert "day=" in forecast


@pytest.mark.slow
def test_the_shell_snippet_finds_what_was_added(url: str) -> None:
    snippet, _, _ = shell_snippets()
    printed = run(["bash", "-euc"], snippet, url)
    assert "Ida is afraid of ladders" in printed


@pytest.mark.slow
def test_the_snippet_about_updates_answers_what_its_comments_say(url: str) -> None:
    _, snippet, _ = shell_snippets()
    printed = run(["bash", "-euc"], snippet, url)
    _, _, answers = printed.partition("I moved to Oslo.")
    assert "I live in Ghent." not in printed.partition("I moved to Oslo.")[0]
    assert "I live in Ghent." in answers


@pytest.mark.slow
def test_the_snippet_about_forgetting_forgets_nothing_by_itself(url: str) -> None:
    _, told, snippet = shell_snippets()
    printed = run(["bash", "-euc"], f"{told}\n{snippet}", url)
    assert "0 would be forgotten" in printed
    assert "archived 0, purged 0" in printed
    assert "would erase" in printed.splitlines()[-1]
    assert "documents" in printed.splitlines()[-1]


def shell_snippets() -> list[str]:
    """Those that call our command, with the service to call."""
    ours = [each for each in snippets("sh") if each.startswith("zengram ")]
    return [f"export ZENGRAM_URL={WRITTEN_URL}\n{each}" for each in ours]


def test_every_make_target_that_the_pages_name_is_there() -> None:
    root = Path(__file__).parent.parent
    pages = README + (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|^)make ([a-z][a-z-]*)", pages, re.MULTILINE))
    there = set(re.findall(r"^([a-z][a-z-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert named
    assert named <= there
