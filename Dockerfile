# syntax=docker/dockerfile:1
FROM python:3.13.14-slim AS build

WORKDIR /app
COPY requirements requirements
# The servers that script/serve embeds are no use in here: compose brings its own.
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --requirement requirements/production.txt

COPY . .
RUN DATA_DIR=/tmp/build HANDOFF_ENV=local PLAIN_STATIC=0 STATIC_ROOT=/app/collected \
    /venv/bin/python manage.py collectstatic --no-input --verbosity 0


FROM python:3.13.14-slim

RUN useradd --system --create-home --uid 10001 handoff \
    && install --directory --owner handoff /data
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER handoff
ENV PATH=/venv/bin:$PATH \
    DATA_DIR=/data \
    STATIC_ROOT=/app/collected \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s CMD ["python", "config/probe.py"]
CMD ["python", "-m", "gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", \
     "--worker-class", "config.web_worker.Worker", "--workers", "2", "--threads", "4", \
     "--preload", "--worker-tmp-dir", "/dev/shm", "--no-control-socket"]
