"""Settings: right without any variable, and a clear refusal for every wrong one."""

from pathlib import Path

import pytest

from app.errors import StartupRefused
from app.settings import Settings, read_settings, unknown_variables


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"ZENGRAM_{name.upper()}", raising=False)


def test_without_variables_everything_is_embedded_and_local() -> None:
    settings = read_settings()
    assert settings.url == f"sqlite:///{Path('data').resolve() / 'zengram.db'}"
    assert (settings.host, settings.port, settings.embedder) == ("127.0.0.1", 8000, "minilm")


def test_there_are_at_most_seventeen_settings_and_each_is_documented() -> None:
    assert len(Settings.model_fields) <= 17
    assert all(field.description for field in Settings.model_fields.values())


def test_an_llm_needs_its_address_and_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENGRAM_LLM_URL", "http://127.0.0.1:11434/v1")
    with pytest.raises(StartupRefused, match="belong together"):
        read_settings()
    monkeypatch.setenv("ZENGRAM_LLM_MODEL", "qwen")
    assert read_settings().llm_model == "qwen"


def test_settings_never_change() -> None:
    with pytest.raises(ValueError, match="frozen"):
        read_settings().port = 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ZENGRAM_PORT", "http"),
        ("ZENGRAM_PORT", "0"),
        ("ZENGRAM_PORT", "65536"),
        ("ZENGRAM_EMBEDDER", "word2vec"),
        ("ZENGRAM_LOG_LEVEL", "loud"),
        ("ZENGRAM_THREADS", "-1"),
        ("ZENGRAM_CACHE_MB", "1"),
        ("ZENGRAM_MAX_UPLOAD_MB", "0"),
        ("ZENGRAM_EMBEDDER_DIMENSION", "1"),
        ("ZENGRAM_DRAIN_SECONDS", "0"),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(StartupRefused, match=name):
        read_settings()


def test_all_wrong_values_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENGRAM_PORT", "x")
    monkeypatch.setenv("ZENGRAM_THREADS", "y")
    with pytest.raises(StartupRefused, match=r"ZENGRAM_PORT.*ZENGRAM_THREADS"):
        read_settings()


def test_an_embeddings_endpoint_needs_its_url_and_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENGRAM_EMBEDDER", "openai")
    with pytest.raises(StartupRefused, match="ZENGRAM_EMBEDDER_URL"):
        read_settings()


def test_a_refusal_never_shows_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ZENGRAM_EMBEDDER_KEY", "sk-secret")
    monkeypatch.setenv("ZENGRAM_PORT", "x")
    with pytest.raises(StartupRefused) as caught:
        read_settings()
    assert "sk-secret" not in str(caught.value)
    monkeypatch.delenv("ZENGRAM_PORT")
    assert "sk-secret" not in repr(read_settings())


def test_a_misspelt_variable_is_found_with_what_was_meant() -> None:
    found = unknown_variables(["ZENGRAM_DATABSE_URL", "ZENGRAM_PORT", "ZENGRAM_API_KEY", "HOME", "ZENGRAM_QQQQQQ"])
    assert found == {"ZENGRAM_DATABSE_URL": "ZENGRAM_DATABASE_URL", "ZENGRAM_QQQQQQ": ""}
