"""Is it alive, is it ready, and what Prometheus wants to know."""

from fastapi import APIRouter, Request, Response

from app.errors import NotReady
from app.metrics import CONTENT_TYPE
from app.routes.dependencies import InRuntime, problems
from app.routes.items import metrics_of
from app.schemas.health import HealthOut

router = APIRouter(tags=["health"])

PROBE = "ready"


@router.get("/healthz/live")
def live() -> HealthOut:
    """The process answers."""
    return HealthOut(status="ok")


@router.get("/healthz/ready", responses={503: problems()[503]})
def ready(runtime: InRuntime) -> HealthOut:
    """The database answers and the model encodes; 503 while starting or draining."""
    if runtime.draining.is_set():
        raise NotReady
    runtime.parts.database.ping()
    runtime.parts.embedder.encode_question(PROBE)
    return HealthOut(status="ok")


@router.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
def metrics(request: Request) -> Response:
    """Prometheus text format: requests, latencies, open indexes, and the queue."""
    return Response(metrics_of(request).text(), media_type=CONTENT_TYPE)
