"""`manage.py serve` as a person runs it: starts, heals, stops, and says in a sentence why it does not start."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from compliance.config.serving import CannotListenError, listen_on

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.processes


def embedded_environ(data_dir: Path) -> dict[str, str]:
    """The environment of an embedded copy with its own data, whatever database the suite itself runs on."""
    taken_out = ("DATABASE_URL", "REDIS_URL", "DJANGO_SECRET_KEY", "DJANGO_ALLOWED_HOSTS", "DJANGO_HTTPS")
    environ = {name: value for name, value in os.environ.items() if name not in taken_out}
    return environ | {"DATA_DIR": str(data_dir), "DJANGO_SETTINGS_MODULE": "compliance.config.settings"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(true: Callable[[], object], *, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.1)
    return False


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


class Served:
    """One running copy."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.log = data_dir.with_suffix(".log")
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "serve", "--no-seed", "--port", str(self.port)],
                cwd=ROOT,
                env=embedded_environ(data_dir),
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def pids(self) -> dict[str, int]:
        return dict(json.loads((self.data_dir / "run" / "pids.json").read_text()))

    def family(self) -> set[int]:
        """The children and all that they started: every process of their sessions."""
        sessions = {pid for name, pid in self.pids().items() if name != "serve"}
        found = set()
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rsplit(")", 1)[1].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[3]) in sessions:
                found.add(int(stat.parent.name))
        return found

    def text(self) -> str:
        return self.log.read_text()


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    copy = Served(tmp_path / "not-there-yet")
    assert until(copy.answers, seconds=90), copy.text()
    assert until(lambda: "answers at" in copy.text(), seconds=10)
    yield copy
    if copy.process.poll() is None:
        copy.process.send_signal(signal.SIGTERM)
        copy.process.wait(timeout=15)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_a_child_that_is_killed_starts_again_and_a_signal_stops_all(served):
    for name in ("web", "worker", "beat"):
        before = served.pids()[name]
        os.kill(before, signal.SIGKILL)

        assert until(lambda name=name, before=before: served.pids()[name] != before, seconds=10), served.text()
        assert until(lambda name=name: alive(served.pids()[name]), seconds=5)
        assert f"{name} was ended by SIGKILL" in served.text()
    assert until(served.answers, seconds=20), served.text()
    family = served.family()
    asked_at = time.monotonic()

    served.process.send_signal(signal.SIGTERM)

    assert served.process.wait(timeout=15) == 0
    assert time.monotonic() - asked_at < 10
    assert len(family) >= 3
    assert not [pid for pid in family if alive(pid)]
    assert not (served.data_dir / "run" / "pids.json").exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="PR_SET_PDEATHSIG and /proc are Linux")
def test_children_end_when_the_supervisor_itself_is_killed(served):
    family = served.family()

    served.process.kill()
    served.process.wait()

    assert until(lambda: not [pid for pid in family if alive(pid)], seconds=15), served.text()


def test_a_second_copy_on_the_same_data_is_refused_and_the_second_start_prepares_nothing(served):
    refused = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", str(free_port())],
        cwd=ROOT,
        env=embedded_environ(served.data_dir),
        capture_output=True,
        text=True,
        timeout=60,
    )
    served.process.send_signal(signal.SIGINT)
    assert served.process.wait(timeout=15) == 0
    started_at = time.monotonic()

    again = Served(served.data_dir)
    answered = until(again.answers, seconds=30)
    taken_seconds = time.monotonic() - started_at
    again.process.send_signal(signal.SIGTERM)

    assert again.process.wait(timeout=15) == 0
    assert refused.returncode == 1
    assert "already runs on" in refused.stderr
    assert answered, again.text()
    assert taken_seconds < 10
    assert again.text().count("preparing the database") == 1
    assert again.text().count("collecting static files") == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--host", "::"], "listens on this machine only"),
        (["--port", "{taken}"], "Cannot listen on 127.0.0.1 port"),
    ],
)
def test_a_refused_start_is_one_sentence(arguments, sentence, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        filled = [argument.format(taken=taken.getsockname()[1]) for argument in arguments]
        refused = subprocess.run(
            [sys.executable, "manage.py", "serve", *filled],
            cwd=ROOT,
            env=embedded_environ(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
        )

    assert refused.returncode == 1
    assert sentence in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1


def test_a_port_that_becomes_free_in_time_is_taken():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CannotListenError, match=str(port)):
            listen_on("127.0.0.1", port, patience_seconds=0)

    listen_on("127.0.0.1", port, patience_seconds=0).close()
