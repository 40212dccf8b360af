"""Whatever fits the description of the API is answered as described; whatever does not is refused as described."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from app import wiring
from app.settings import Settings
from memory.store.migrate import upgrade
from tests.api.conftest import free_port, running

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 20


@pytest.mark.slow
def test_every_answer_is_as_described(tmp_path: Path) -> None:
    chosen = Settings(data_dir=tmp_path, database_url="", port=free_port(), embedder="hashing", max_upload_mb=2)
    upgrade(chosen.url)
    with running(chosen, wiring.open_runtime(chosen)) as client:
        client.post("/v1/documents", json={"text": "The heron nests by the old mill."})
        schema = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
        for operation in schema.get_all_operations():
            assert isinstance(operation, Ok)
            conforms(operation.ok())


def conforms(operation: APIOperation) -> None:  # type: ignore[type-arg]  # its four parameters say nothing here
    """The operation answers as described, whatever it is asked."""

    @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:  # type: ignore[type-arg]
        case.call_and_validate(checks=CHECKS)

    ask()
