"""The description of the API: our problems instead of the framework's errors, and openapi.yaml."""

from typing import cast

import yaml
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from app.schemas.problems import ProblemOut
from memory.types import JsonValue

REFERENCE = "#/components/schemas/{model}"
OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")  # nothing answers with these

Description = dict[str, JsonValue]


def described(app: FastAPI) -> None:
    """Replace the application's description by one with our problems."""

    def openapi() -> Description:
        if app.openapi_schema is None:
            app.openapi_schema = _describe(app)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend it


def as_yaml(app: FastAPI) -> str:
    """The text of openapi.yaml."""
    return yaml.safe_dump(app.openapi(), sort_keys=False, allow_unicode=True, width=120)


def _describe(app: FastAPI) -> Description:
    description = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
    schemas = cast(Description, description["components"]["schemas"])
    for name in OF_THE_FRAMEWORK:
        schemas.pop(name, None)
    problem = ProblemOut.model_json_schema(ref_template=REFERENCE)
    schemas |= cast(Description, problem.pop("$defs"))
    schemas[ProblemOut.__name__] = problem
    description["components"]["schemas"] = dict(sorted(schemas.items()))
    return description
