"""manage.py serve: prepare what is missing, then run web, worker and beat in the foreground."""

from __future__ import annotations

import fcntl
import hashlib
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import IO, Any

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from compliance.accounts.models import User
from compliance.accounts.roles import Role
from compliance.audit import triggers
from compliance.audit.models import AuditEvent
from compliance.config.demo.people import DEMO_PASSWORD, DEMO_PEOPLE
from compliance.config.serving import CannotListenError, Child, Supervisor, answers, listen_on

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Command(BaseCommand):
    help = "Start everything in the foreground: web server, Celery worker and beat. Ctrl-C or SIGTERM stops all."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        workers = 2 if settings.PRODUCTION else 1
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (8000)")
        parser.add_argument("--workers", type=int, default=workers, help=f"processes that do jobs ({workers})")
        parser.add_argument("--no-seed", action="store_true", help="leave an empty database empty")

    def handle(self, *args: Any, host: str, port: int, workers: int, no_seed: bool, **options: Any) -> None:
        if not settings.PRODUCTION and host not in LOOPBACK:
            raise CommandError(
                f"The embedded set-up has well-known demo passwords and listens on this machine only, not on {host}. "
                "Set DATABASE_URL, REDIS_URL, DJANGO_SECRET_KEY and DJANGO_ALLOWED_HOSTS to run for real (README.md)."
            )
        signal.signal(signal.SIGTERM, signal.default_int_handler)  # until the supervisor takes over
        try:
            self.serve(host=host, port=port, workers=workers, seed=not no_seed and not settings.PRODUCTION)
        except KeyboardInterrupt:
            self.stdout.write("Stopped before everything was started.")

    def serve(self, *, host: str, port: int, workers: int, seed: bool) -> None:
        run_dir = settings.DATA_DIR / "run"
        run_dir.mkdir(parents=True, exist_ok=True)
        with (run_dir / "lock").open("w") as lock:
            take(lock)
            try:
                listener = listen_on(host, port)
            except CannotListenError as error:
                raise CommandError(str(error)) from None
            self.prepare(run_dir, seed=seed)
            connection.close()
            self.supervise(listener, run_dir, host=host, port=port, workers=workers)

    # -- prepare: each step runs only when its inputs changed

    def prepare(self, run_dir: Path, *, seed: bool) -> None:
        try:
            self.migrate()
            gone = triggers.missing(connection)
        except DatabaseError as error:
            raise CommandError(f"The database does not answer: {error}") from error
        if gone:
            raise CommandError(
                f"Not started: the database no longer guards the audit trail, these triggers are missing: "
                f"{', '.join(gone)}. Run `manage.py verify_audit`, and restore them as docs/runbook.md says."
            )
        self.collect_static(run_dir / "static-inputs")
        if seed:
            self.seed()

    def migrate(self) -> None:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if not waiting:
            return
        if settings.PRODUCTION:
            raise CommandError(
                f"Not started: {len(waiting)} migrations are not applied to this database. Run `manage.py migrate`."
            )
        self.say(f"preparing the database ({len(waiting)} migrations)")
        call_command("migrate", verbosity=0, interactive=False)

    def collect_static(self, stamp: Path) -> None:
        inputs = static_inputs()
        collected = (settings.STATIC_ROOT / "staticfiles.json").exists()
        if collected and stamp.exists() and stamp.read_text(encoding="ascii") == inputs:
            return
        self.say("collecting static files")
        call_command("collectstatic", verbosity=0, interactive=False)
        stamp.write_text(inputs, encoding="ascii")

    def seed(self) -> None:
        """Fill an empty database, or go on with a seeding that was stopped half-way."""
        own_people = User.objects.exclude(role=Role.SYSTEM).filter(is_demo=False)
        if own_people.exists() or AuditEvent.objects.filter(action="demo.seeded").exists():
            return
        self.say("seeding the demo")
        call_command("seed_demo", stdout=self.stdout)

    # -- run

    def supervise(self, listener: socket.socket, run_dir: Path, *, host: str, port: int, workers: int) -> None:
        headers = {"Host": probe_host(host)} | ({"X-Forwarded-Proto": "https"} if settings.PRODUCTION else {})
        supervisor = Supervisor(
            children=[
                Child("web", web_command(listener), signal.SIGQUIT, [listener.fileno()]),
                Child("worker", worker_command(workers), signal.SIGQUIT),
                Child("beat", beat_command(settings.DATA_DIR / "celerybeat-schedule")),
            ],
            environ=os.environ | {"DATA_DIR": str(settings.DATA_DIR), "PYTHONUNBUFFERED": "1"},
            folder=settings.BASE_DIR,
            pids_path=run_dir / "pids.json",
            say=self.say,
            is_ready=lambda: answers(host, port, headers),
            on_ready=lambda: self.greet(host, port),
        )
        supervisor.run()
        self.say("stopped")

    def greet(self, host: str, port: int) -> None:
        lines = ["", f"Entity Desk answers at http://{f'[{host}]' if ':' in host else host}:{port}/"]
        if not settings.PRODUCTION and User.objects.filter(is_demo=True).exists():
            lines += [f"Sign in as one of the demo's people, password {DEMO_PASSWORD}"]
            lines += [f"  {person.username:<12} {person.full_name}, {person.role}" for person in DEMO_PEOPLE]
        connection.close()
        self.stdout.write("\n".join([*lines, "Ctrl-C stops it.", ""]))
        self.stdout.flush()

    def say(self, text: str) -> None:
        self.stdout.write(f"{time.strftime('%H:%M:%S')} serve: {text}")
        self.stdout.flush()


def take(lock: IO[str]) -> None:
    """Hold DATA_DIR for this process: two schedulers on one schedule file would damage it."""
    for _attempt in range(15):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.2)  # an earlier one may be going down
        else:
            return
    raise CommandError(f"Entity Desk already runs on {settings.DATA_DIR}. Stop it, or set another DATA_DIR.")


def static_inputs() -> str:
    """A digest of every static file's path, size and time, and of what turns them into collected files."""
    digest = hashlib.sha256(f"{django.get_version()} {settings.STORAGES} {settings.STATIC_ROOT}".encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            facts = os.stat(storage.path(path))
            digest.update(f"{path} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def probe_host(host: str) -> str:
    """A Host header that Django accepts: the first of ALLOWED_HOSTS that is a plain name."""
    plain = (name.removeprefix(".") for name in settings.ALLOWED_HOSTS if name != "*")
    return next(plain, host)


def web_command(listener: socket.socket) -> list[str]:
    processes, threads = ("2", "4") if settings.PRODUCTION else ("1", "8")
    command = [sys.executable, "-m", "gunicorn", "compliance.config.wsgi:application"]
    command += ["--bind", f"fd://{listener.fileno()}", "--worker-class", "gthread"]
    command += ["--workers", processes, "--threads", threads, "--timeout", "60", "--graceful-timeout", "5"]
    command += ["--log-level", "warning", "--no-control-socket"]
    if Path("/dev/shm").is_dir():  # noqa: S108 - gunicorn's heartbeat file, in memory
        command += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return command


def worker_command(processes: int) -> list[str]:
    command = [sys.executable, "-m", "celery", "-A", "compliance.config", "--quiet", "worker", "-c", str(processes)]
    command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat"]
    return [*command, "-n", f"entitydesk-{os.getpid()}@%h"]


def beat_command(schedule: Path) -> list[str]:
    command = [sys.executable, "-m", "celery", "-A", "compliance.config", "--quiet", "beat"]
    return [*command, "--loglevel", "WARNING", "--schedule", str(schedule), "--pidfile="]
