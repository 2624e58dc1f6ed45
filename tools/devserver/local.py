"""Settings and programs of an installation on one machine."""

import os
import secrets
import signal
import sys
from collections.abc import Iterable
from pathlib import Path

from tools.devserver.processes import Program

BASE_DIR = Path(__file__).resolve().parent.parent.parent
# Name, queue and number of processes.
WORKERS = (("worker", "celery", "2"), ("mail", "mail", "1"))


def local_environment(
    data_dir: Path, addresses: dict[str, str], port: int = 8000
) -> dict[str, str]:
    return {
        "DATA_DIR": str(data_dir),
        "HANDOFF_ENV": os.environ.get("HANDOFF_ENV", "local"),
        "SECRET_KEY": os.environ.get("SECRET_KEY") or ensure_secret_key(data_dir / "secret-key"),
        "PYTHONUNBUFFERED": "1",
        "SITE_URL": os.environ.get("SITE_URL") or f"http://localhost:{port}",
        **addresses,
    }


def ensure_secret_key(file: Path) -> str:
    """Return the secret key; create it once, private to the user, so that sessions last."""
    if not file.exists():
        unfinished = file.with_suffix(".unfinished")
        unfinished.touch(mode=0o600)
        unfinished.write_text(secrets.token_urlsafe(50))
        unfinished.rename(file)
    return file.read_text()


def application_programs(port: int, data_dir: Path, env: dict[str, str]) -> Iterable[Program]:
    python = [sys.executable, "-m"]
    celery = [*python, "celery", "--app", "config", "--quiet"]
    yield Program(
        "web",
        [
            *python, "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}",
            "--worker-class", "config.web_worker.Worker", "--workers", "2", "--threads", "4",
            "--preload", "--graceful-timeout", "5", "--no-control-socket", "--log-level", "warning",
        ],
        env,
        folder=BASE_DIR,
    )  # fmt: skip
    for name, queue, concurrency in WORKERS:
        yield Program(
            name,
            [
                *celery, "worker", "--queues", queue, "--concurrency", concurrency,
                "--hostname", f"{name}@%h", "--without-gossip", "--without-mingle",
            ],
            env,
            # Celery's cold shutdown: an unfinished task goes to the next worker.
            stop_signal=signal.SIGQUIT,
            folder=BASE_DIR,
        )  # fmt: skip
    schedule = str(data_dir / "celerybeat-schedule")
    yield Program(
        "beat", [*celery, "beat", "--pidfile=", "--schedule", schedule], env, folder=BASE_DIR
    )


def manage(env: dict[str, str], *arguments: str) -> Program:
    return Program("prepare", [sys.executable, str(BASE_DIR / "manage.py"), *arguments], env)
