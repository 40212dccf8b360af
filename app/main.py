"""The HTTP application: routes, the edge around them, and its life from start to drain."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI
from fastapi.routing import APIRoute, APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.routing import BaseRoute

from app import docs_page, problems, wiring
from app.metrics import Metrics
from app.middleware import BodyLimit, RequestEdge
from app.openapi import described
from app.routes import (
    answers,
    atlas,
    core,
    documents,
    enrichment,
    feedback,
    forgetting,
    health,
    hints,
    keys,
    links,
    memories,
    namespaces,
    operations,
    procedures,
    recall,
    sessions,
    sleep,
    subjects,
    uploads,
)
from app.runtime import Runtime
from app.settings import Settings

VERSION = "0.1.0"
ROUTERS = (
    uploads, documents, memories, sessions, core, procedures, recall, answers, feedback, enrichment, links, atlas,
    operations, forgetting, sleep, hints, subjects, namespaces, keys, health,
)  # fmt: skip


def _operation_id(route: APIRoute) -> str:
    return route.name


def _put_together() -> list[BaseRoute]:
    """Once a process: the framework reads the signatures of all routes when it is first asked for one."""
    whole = APIRouter(generate_unique_id_function=_operation_id)
    for module in ROUTERS:
        whole.include_router(module.router)
    return whole.routes


ROUTES = _put_together()


def create_app(settings: Settings, runtime: Runtime | None = None) -> FastAPI:
    """The application; it opens its runtime at start unless it is given one, and closes it at the end."""
    app = FastAPI(
        title="Zengram",
        version=VERSION,
        summary="Long-term memory for LLM agents.",
        lifespan=_life(settings, runtime),
        docs_url=None,  # docs_page.py serves them without internet
        redoc_url=None,
        redirect_slashes=False,
        routes=ROUTES,
        form_limits={"max_files": uploads.MAX_FILES, "max_fields": 20, "max_part_size": 256 * 1024},
    )
    app.state.metrics = Metrics()
    app.add_middleware(BodyLimit, limit=settings.max_body_bytes)
    app.add_middleware(RequestEdge, metrics=app.state.metrics)  # added last: outermost
    problems.install(app)
    docs_page.install(app)
    described(app)
    return app


def _life(settings: Settings, given: Runtime | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        runtime = given if given is not None else await run_in_threadpool(wiring.open_runtime, settings)
        app.state.runtime = runtime
        app.state.metrics.watch(lambda: wiring.gauges(runtime.parts))
        try:
            yield
        finally:
            runtime.draining.set()
            await run_in_threadpool(wiring.close, runtime.parts)

    return life
