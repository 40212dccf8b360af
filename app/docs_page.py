"""The interactive documentation, from files on this machine: it works without internet."""

from importlib.resources import files

from fastapi import APIRouter, FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles

ASSETS = "/docs/assets"

router = APIRouter(include_in_schema=False)


def install(app: FastAPI) -> None:
    app.include_router(router)
    folder = files("fastapi_offline") / "static"  # a package that carries the files of Swagger UI 5
    app.mount(ASSETS, StaticFiles(directory=str(folder)), name="docs-assets")


@router.get("/")
def root() -> RedirectResponse:
    return RedirectResponse("/docs")


@router.get("/docs")
def docs() -> HTMLResponse:
    return get_swagger_ui_html(
        openapi_url="/openapi.json",
        title="Zengram",
        swagger_js_url=f"{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{ASSETS}/favicon.png",
    )
