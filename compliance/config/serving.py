"""Runs a few processes side by side: starts them, starts a dead one again, stops them all within ten seconds.

No Django here: the command `serve` prepares, then hands its list of processes to `Supervisor.run`.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

KILL_AFTER_SECONDS = 8.0  # from the request to stop: what still runs then is killed
STEADY_AFTER_SECONDS = 30.0  # a process that ran this long starts again without a pause
PAUSE_SECONDS = (0.2, 1.0, 2.0, 5.0, 10.0)  # before the first, second, … start in a row
PR_SET_PDEATHSIG = 1  # linux/prctl.h

Say = Callable[[str], None]


class CannotListenError(Exception):
    """The address can't be had; the text is the sentence to print."""


@dataclass
class Child:
    """One process to keep alive. `orphan_signal` is sent to it by Linux if its supervisor is killed."""

    name: str
    command: Sequence[str]
    orphan_signal: int = signal.SIGTERM
    pass_fds: Sequence[int] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_at: float = 0.0
    deaths_in_a_row: int = 0

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None


def listen_on(host: str, port: int, *, patience_seconds: float = 3.0) -> socket.socket:
    """A socket bound to the address, listening: the web server takes it over, and keeps it when it is started again.

    Waits a little for an address in use, since an earlier server may be going down. Raises CannotListenError.
    """
    deadline = time.monotonic() + patience_seconds
    while True:
        try:
            family, kind, _protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listener = socket.socket(family, kind)
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            listener.listen(512)
            return listener
        except OSError as error:
            if time.monotonic() > deadline or isinstance(error, socket.gaierror):
                raise CannotListenError(
                    f"Cannot listen on {host} port {port}: {error.strerror or error}. "
                    "Choose another with --port, or PORT=8080 make run."
                ) from None
        time.sleep(0.25)


def answers(host: str, port: int, headers: Mapping[str, str], path: str = "/healthz") -> bool:
    """Whether the web server says that it is well."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    connection = http.client.HTTPConnection(reachable, port, timeout=2)
    try:
        connection.request("GET", path, headers=dict(headers))
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def die_with_parent(orphan_signal: int) -> Callable[[], None]:
    """What a new process does before it becomes the program: ask Linux for a signal when the supervisor dies."""
    if not sys.platform.startswith("linux"):
        return lambda: None
    supervisor = os.getpid()
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(PR_SET_PDEATHSIG, orphan_signal)
        if os.getppid() != supervisor:  # it died between fork and here
            os._exit(1)

    return ask


@dataclass
class Supervisor:
    """Keeps children alive in the foreground until SIGTERM, SIGINT or SIGHUP."""

    children: Sequence[Child]
    environ: Mapping[str, str]
    folder: Path
    pids_path: Path
    say: Say
    is_ready: Callable[[], bool] = lambda: True
    on_ready: Callable[[], None] = lambda: None
    stop_requests: int = field(default=0, init=False)

    def run(self) -> None:
        """Start all, watch, and return when a signal has stopped all."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.request_stop)
        ready = False
        try:
            while not self.stop_requests:
                self.keep_alive()
                if not ready and self.is_ready():
                    ready = True
                    self.on_ready()
                time.sleep(0.2)
        finally:
            self.stop()

    def request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_requests += 1

    def keep_alive(self) -> None:
        """Start what is due, and note what has died."""
        now = time.monotonic()
        for child in self.children:
            if child.is_running:
                continue
            if child.process is not None:
                self.bury(child, now)
            if now >= child.start_at:
                self.start(child)

    def bury(self, child: Child, now: float) -> None:
        """Remove what a dead process left running, and set when it starts again."""
        assert child.process is not None  # noqa: S101 - for the type checker
        code = child.process.returncode
        how = f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
        kill_group(child.process.pid)
        child.process = None
        child.deaths_in_a_row = 0 if now - child.started_at > STEADY_AFTER_SECONDS else child.deaths_in_a_row + 1
        pause = PAUSE_SECONDS[min(child.deaths_in_a_row, len(PAUSE_SECONDS)) - 1] if child.deaths_in_a_row else 0.0
        child.start_at = now + pause
        self.say(f"{child.name} {how}; starting it again{f' in {pause:g} s' if pause >= 1 else ''}")

    def start(self, child: Child) -> None:
        child.process = subprocess.Popen(  # noqa: S603 - our own commands
            list(child.command),
            cwd=self.folder,
            env=dict(self.environ),
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=tuple(child.pass_fds),
            preexec_fn=die_with_parent(child.orphan_signal),
        )
        child.started_at = time.monotonic()
        self.write_pids()

    def write_pids(self) -> None:
        """Who runs under which number, for people and tests."""
        pids = {child.name: child.process.pid for child in self.children if child.process}
        draft = self.pids_path.with_suffix(".new")
        draft.write_text(json.dumps({"serve": os.getpid()} | pids), encoding="ascii")
        draft.replace(self.pids_path)

    def stop(self) -> None:
        """Ask all to end, wait, and kill what is left. A second Ctrl-C kills at once."""
        running = [child for child in self.children if child.process is not None]
        for child in running:
            if child.is_running and child.process:
                child.process.terminate()
        deadline = time.monotonic() + KILL_AFTER_SECONDS
        while any(child.is_running for child in running) and time.monotonic() < deadline and self.stop_requests < 2:
            time.sleep(0.05)
        for child in running:
            if child.is_running:
                self.say(f"{child.name} did not end in time and is killed; its work is taken up at the next start")
            if child.process:
                kill_group(child.process.pid)
                child.process.wait()
        self.pids_path.unlink(missing_ok=True)


def kill_group(group: int) -> None:
    """End every process of this group; none is fine."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)
