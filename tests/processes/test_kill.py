"""Kill -9 of worker, web and beat in mid-rescreen: after the restart the matches are those of an undisturbed run.

Real processes on a database of their own: an SQLite file, or with DATABASE_URL and REDIS_URL a PostgreSQL schema made
for this test and dropped after it.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest

from compliance.config.demo import entity_list, rules
from compliance.config.demo.counterparties import counterparties_csv

ROOT = Path(__file__).resolve().parents[2]
KILLS_EACH = 3
DUMP = """
from compliance.runs.models import Match
from compliance.cases.models import Case
import json
rows = Match.objects.values_list("counterparty__external_id", "revision__name", "score", "band")
cases = Case.objects.values_list("counterparty__external_id", flat=True)
print("DUMP " + json.dumps([sorted([c, n, str(s), b] for c, n, s, b in rows), sorted(cases)]))
"""
PROGRESS = """
from compliance.runs.models import ScreeningRun
run = ScreeningRun.objects.order_by("-pk").first()
print("RUN", run.pk if run else 0, run.state if run else "none", run.screened if run else 0)
"""

pytestmark = pytest.mark.processes


class Product:
    """The product in processes of its own, with a data folder and database of its own."""

    def __init__(self, folder: Path, environ: dict[str, str]) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environ = {
            **{k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL", "DJANGO_SETTINGS_MODULE")},
            "DJANGO_SETTINGS_MODULE": "compliance.config.settings",
            "DATA_DIR": str(folder),
            "JOB_LEASE_SECONDS": "3",
            "JOB_SWEEP_SECONDS": "1",
            "JOB_MAX_ATTEMPTS": "20",
            "SCREEN_BATCH": "8",
            **environ,
        }
        self.serve: subprocess.Popen[bytes] | None = None

    def manage(self, *args: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *args],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout

    def shell(self, script: str, mark: str) -> str:
        out = self.manage("shell", "--no-imports", "-c", script)
        return next(line for line in out.splitlines() if line.startswith(mark))

    def prepare(self) -> None:
        """600 counterparties and two list versions, loaded and not screened."""
        self.manage("migrate", "-v0")
        for name, content in (
            ("parties.csv", counterparties_csv()),
            ("list.csv", entity_list.csl_csv()),
            ("rule.json", rules.rule_json(rules.OCTOBER_2019)),
        ):
            (self.folder / name).write_bytes(content)
        self.manage("import_counterparties", str(self.folder / "parties.csv"))
        self.manage("load_list", "csl", str(self.folder / "list.csv"), "--effective", "2019-10-08", "--activate")
        self.manage("load_list", "rule", str(self.folder / "rule.json"), "--activate")

    def start(self) -> None:
        log = (self.folder / "serve.log").open("ab")
        self.serve = subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--no-seed", "--port", str(self.port)],
            cwd=ROOT, env=self.environ, stdout=log, stderr=log,
        )  # fmt: skip

    def stop(self) -> None:
        if self.serve and self.serve.poll() is None:
            self.serve.send_signal(signal.SIGTERM)
            self.serve.wait(timeout=15)

    def pids(self) -> dict[str, Any]:
        return json.loads((self.folder / "run" / "pids.json").read_text())

    def dump(self) -> list[Any]:
        return json.loads(self.shell(DUMP, "DUMP")[5:])


@pytest.fixture
def databases() -> Iterator[dict[str, str]]:
    """Where the disturbed product keeps its rows: nothing to set (SQLite), or a PostgreSQL database of its own."""
    url, redis = os.environ.get("DATABASE_URL"), os.environ.get("REDIS_URL")
    if not (url and redis):
        yield {}
        return
    import psycopg

    name = f"entitydesk_kill_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
    yield {
        "DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{name}")),
        "REDIS_URL": redis,
        "CELERY_QUEUE": name,
        "DJANGO_SECRET_KEY": "x" * 50,
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1,localhost",
        "DJANGO_HTTPS": "0",
    }
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def wait_until(what: Any, seconds: float, message: str) -> Any:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        value = what()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError(message)


def test_killed_processes_lose_nothing_and_do_nothing_twice(tmp_path: Path, databases: dict[str, str]) -> None:
    calm = Product(tmp_path / "calm", {})
    calm.folder.mkdir()
    calm.prepare()
    calm.manage("rescreen", "--wait")
    expected = calm.dump()
    assert expected[0], "the undisturbed run must find something"
    disturbed = Product(tmp_path / "disturbed", databases)
    disturbed.folder.mkdir()
    disturbed.prepare()

    killed = 0
    disturbed.start()
    try:
        progress = Reader(disturbed)
        for _ in range(KILLS_EACH):
            for child in ("worker", "web", "beat"):
                wait_until(progress.moving, 60, f"no run moved before kill {killed + 1}")
                os.killpg(disturbed.pids()[child], signal.SIGKILL)
                killed += 1
        wait_until(progress.all_finished, 120, "the runs did not finish after the kills")
        wait_until(progress.all_opened, 30, "the cases were not opened after the kills")
    finally:
        disturbed.stop()

    assert killed == 3 * KILLS_EACH
    assert disturbed.dump() == expected
    disturbed.manage("verify_audit")


class Reader:
    """Looks into the product's database from outside, without starting Django for every look."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.last = -1
        url = product.environ.get("DATABASE_URL")
        if url:
            import psycopg

            self.connection: Any = psycopg.connect(url, autocommit=True)
        else:
            import sqlite3

            self.connection = sqlite3.connect(product.folder / "entitydesk.sqlite3", timeout=20, isolation_level=None)

    def one(self, sql: str) -> Any:
        return self.connection.execute(sql).fetchone()[0]

    def moving(self) -> bool:
        """Whether screening went on since the last look that said so; a full run is asked for when none is open."""
        open_runs = self.one("SELECT count(*) FROM runs_screeningrun WHERE state IN ('waiting', 'running')")
        unscreened = self.one(
            "SELECT count(*) FROM watchlists_listversion v WHERE v.state = 'active' AND NOT EXISTS "
            "(SELECT 1 FROM runs_screeningrun r WHERE r.version_id = v.id AND r.state = 'finished')"
        )
        if not open_runs and not unscreened:
            self.product.manage("rescreen", "--full", "--reason", "more work to kill")
            return False
        screened = self.one("SELECT coalesce(sum(screened), 0) FROM runs_screeningrun")
        moved = self.last >= 0 and screened > self.last + 8
        if moved or self.last < 0:
            self.last = screened
        return bool(moved and open_runs)

    def all_finished(self) -> bool:
        return (
            self.one("SELECT count(*) FROM runs_screeningrun WHERE state IN ('waiting', 'running')") == 0
            and self.one("SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running')") == 0
        )

    def all_opened(self) -> bool:
        return (
            self.one(
                "SELECT count(*) FROM runs_match m WHERE m.withdrawn_at IS NULL AND NOT EXISTS "
                "(SELECT 1 FROM cases_matchincase c WHERE c.match_id = m.id)"
            )
            == 0
        )
