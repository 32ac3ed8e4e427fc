"""Downloads against a real server on this machine: what comes back, what is tried again, what is refused and why."""

from __future__ import annotations

import gzip
import hashlib
import socket
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from compliance.watchlists import fetch as module
from compliance.watchlists.fetch import Fetched, FetchFailed, NotModified, fetch, fetch_all, place_of

LIST = b"name,country\nHikvision,CN\n"
MODIFIED = "Wed, 09 Oct 2019 12:00:00 GMT"


class Server:
    """Answers by path; keeps what was asked. `plan[path]` is a function that writes the answer."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.plan: dict[str, Callable[[BaseHTTPRequestHandler, int], None]] = {}
        self.stopped = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                outer.asked.append((path, dict(self.headers.items())))
                self.close_connection = True
                with suppress(OSError):
                    outer.plan[path](self, outer.count(path))

            def end_headers(self) -> None:
                self.send_header("Connection", "close")
                super().end_headers()

            def log_message(self, *args: object) -> None:
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False

        self.http = Quiet(("127.0.0.1", 0), Handler)
        self.base = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def count(self, path: str) -> int:
        return sum(1 for asked, _ in self.asked if asked == path)

    def headers(self, path: str) -> list[dict[str, str]]:
        return [headers for asked, headers in self.asked if asked == path]

    def stop(self) -> None:
        self.stopped.set()
        self.http.shutdown()
        self.http.server_close()

    def at(self, path: str, *answers: Callable[[BaseHTTPRequestHandler], None]) -> str:
        """The address of a path that gives these answers one after the other, the last for ever."""
        self.plan[path] = lambda handler, count: answers[min(count, len(answers)) - 1](handler)
        return self.base + path


@pytest.fixture(scope="module")
def running() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
def server(running: Server) -> Server:
    running.asked.clear()
    running.plan.clear()
    return running


def answer(body: bytes = LIST, status: int = 200, **headers: str) -> Callable[[BaseHTTPRequestHandler], None]:
    def write(handler: BaseHTTPRequestHandler) -> None:
        sent = {"Content-Length": str(len(body))} | {name.replace("_", "-"): value for name, value in headers.items()}
        handler.send_response(status)
        for name, value in sent.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return write


def chunked(*pieces: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
    """A chunked answer of raw bytes, so that a test can break it."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for piece in pieces:
            handler.wfile.write(piece)

    return write


def conditional(body: bytes = LIST, etag: str = '"a1"') -> Callable[[BaseHTTPRequestHandler], None]:
    """Answers 304 to its own etag or date, as a real server does."""

    def write(handler: BaseHTTPRequestHandler) -> None:
        same = etag and handler.headers.get("If-None-Match") == etag
        if same or handler.headers.get("If-Modified-Since") == MODIFIED:
            handler.send_response(304)
            handler.end_headers()
            return
        answer(body, ETag=etag, Last_Modified=MODIFIED)(handler)

    return write


def get(address: str, **options: object) -> Fetched | NotModified:
    settings: dict[str, object] = {"max_bytes": 100_000, "timeout": (1, 1), "backoff_seconds": 0.01, "total_seconds": 5}
    return fetch(address, **(settings | options))  # type: ignore[arg-type]


def failure(address: str, **options: object) -> FetchFailed:
    with pytest.raises(FetchFailed) as caught:
        get(address, **options)
    return caught.value


# What comes back


def test_a_file_comes_with_its_hash_and_validators(server):
    address = server.at("/list.csv", answer(ETag='"a1"', Last_Modified=MODIFIED, Content_Type="text/csv"))

    got = get(address)

    assert isinstance(got, Fetched)
    assert (got.address, got.content, got.size) == (address, LIST, len(LIST))
    assert got.sha256 == hashlib.sha256(LIST).hexdigest()
    assert (got.etag, got.last_modified, got.content_type) == ('"a1"', MODIFIED, "text/csv")
    assert got.fetched_at.utcoffset() is not None


def test_the_server_is_told_who_asks(server):
    get(server.at("/list.csv", answer()))

    (headers,) = server.headers("/list.csv")
    assert headers["User-Agent"] == "EntityDesk/1 (list check)"
    assert "If-None-Match" not in headers
    assert "If-Modified-Since" not in headers


@pytest.mark.parametrize("validators", [{"etag": '"a1"'}, {"last_modified": MODIFIED}])
def test_an_unchanged_file_is_not_sent_again(server, validators):
    address = server.at("/list.csv", conditional())

    assert get(address, **validators) == NotModified(address)


def test_a_changed_file_is_sent_though_validators_were_given(server):
    got = get(server.at("/list.csv", conditional()), etag='"old"')

    assert isinstance(got, Fetched)
    assert got.content == LIST


def test_not_modified_without_validators_is_a_failure(server):
    found = failure(server.at("/list.csv", answer(b"", 304)))

    assert (found.code, found.http_status) == ("http_status", 304)


def test_a_validator_that_no_header_can_carry_is_left_out(server):
    get(server.at("/list.csv", answer()), etag='"a\r\nX-Evil: 1"', last_modified="é")

    (headers,) = server.headers("/list.csv")
    assert {"X-Evil", "If-None-Match", "If-Modified-Since"} & set(headers) == set()


def test_a_compressed_transfer_is_unpacked(server):
    packed = gzip.compress(LIST[:10]) + gzip.compress(LIST[10:])

    got = get(server.at("/list.csv", answer(packed, Content_Encoding="gzip")))

    assert isinstance(got, Fetched)
    assert got.content == LIST


def test_a_gzip_file_that_is_the_file_stays_packed(server):
    packed = gzip.compress(LIST)

    got = get(server.at("/list.csv.gz", answer(packed, Content_Type="application/gzip")))

    assert isinstance(got, Fetched)
    assert got.content == packed


def test_a_chunked_answer_is_read_whole(server):
    got = get(server.at("/list.csv", chunked(b"4\r\nname\r\n", b"3\r\n,co\r\n", b"0\r\n\r\n")))

    assert isinstance(got, Fetched)
    assert got.content == b"name,co"


# What is tried again


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_passing_fault_is_tried_again(server, status):
    address = server.at("/list.csv", answer(b"", status), answer())

    got = get(address)

    assert isinstance(got, Fetched)
    assert server.count("/list.csv") == 2


def test_a_lasting_fault_is_given_up_after_the_retries(server):
    found = failure(server.at("/list.csv", answer(b"", 500)), retries=2)

    assert (found.code, found.http_status) == ("http_status", 500)
    assert server.count("/list.csv") == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_refusal_is_not_tried_again(server, status):
    found = failure(server.at("/list.csv", answer(b"", status)))

    assert (found.code, found.http_status) == ("http_status", status)
    assert f"HTTP status {status}" in found.sentence
    assert server.count("/list.csv") == 1


@pytest.mark.parametrize("status", [204, 206, 304])
def test_only_a_whole_answer_counts(server, status):
    assert failure(server.at("/list.csv", answer(b"", status))).http_status == status


def test_a_broken_download_is_tried_again(server):
    address = server.at("/list.csv", answer(LIST, Content_Length=str(len(LIST) + 5)), answer())

    got = get(address)

    assert isinstance(got, Fetched)
    assert got.content == LIST


def test_the_wait_that_the_server_asks_for_is_kept(server, monkeypatch):
    waits: list[float] = []
    monkeypatch.setattr(module.time, "sleep", waits.append)
    address = server.at("/list.csv", answer(b"", 503, Retry_After="2"), answer(b"", 503), answer())

    get(address, backoff_seconds=0.25)

    assert waits == [2.0, 0.5]


@pytest.mark.parametrize("asked", ["9", "Wed, 09 Oct 2999 12:00:00 GMT"])
def test_a_wait_beyond_the_bound_is_left_to_the_next_check(server, asked):
    found = failure(server.at("/list.csv", answer(b"", 429, Retry_After=asked)), longest_wait_seconds=3)

    assert found.http_status == 429
    assert "asks to wait" in found.sentence
    assert server.count("/list.csv") == 1


@pytest.mark.parametrize("nonsense", ["soon", "-5", "9" * 5000])
def test_a_retry_after_without_meaning_is_ignored(server, nonsense):
    got = get(server.at("/list.csv", answer(b"", 503, Retry_After=nonsense), answer()))

    assert isinstance(got, Fetched)


# What is refused


def test_a_silent_server_times_out(server):
    address = server.at("/list.csv", lambda handler: server.stopped.wait(2) and None)

    found = failure(address, timeout=(0.2, 0.2), retries=0)

    assert found.code == "timeout"
    assert "0.2 seconds" in found.sentence


def test_a_server_that_falls_silent_within_the_body_times_out(server):
    def halt(handler: BaseHTTPRequestHandler) -> None:
        answer(LIST, Content_Length="1000")(handler)
        server.stopped.wait(2)

    assert failure(server.at("/list.csv", halt), timeout=(0.2, 0.2), retries=0).code == "timeout"


@pytest.mark.parametrize("in_chunks", [False, True])
def test_a_server_that_drips_is_given_up_at_the_total_limit(server, in_chunks):
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header(*(("Transfer-Encoding", "chunked") if in_chunks else ("Content-Length", "100000")))
        handler.end_headers()
        if in_chunks:
            handler.wfile.write(b"ffff\r\n")
        while not server.stopped.wait(0.05):
            handler.wfile.write(b"x")

    started = time.monotonic()
    found = failure(server.at("/list.csv", drip), total_seconds=0.4, retries=3)

    assert found.code == "timeout"
    assert "0.4 seconds" in found.sentence
    assert time.monotonic() - started < 1.5


def test_no_wait_outlasts_the_total_limit(server):
    started = time.monotonic()

    found = failure(server.at("/list.csv", answer(b"", 503)), backoff_seconds=30, total_seconds=1)

    assert found.http_status == 503
    assert time.monotonic() - started < 0.9


@pytest.mark.parametrize(
    "broken",
    [
        answer(LIST, Content_Length=str(len(LIST) + 1)),
        chunked(b"19\r\nname,country\n"),
        chunked(b"4\r\nname\r\n"),
        chunked(b"4\r\nname\r\nzz\r\nmore\r\n0\r\n\r\n"),
        answer(gzip.compress(LIST)[:-6], Content_Encoding="gzip"),
    ],
    ids=["length", "within a chunk", "before the last chunk", "chunk size", "gzip"],
)
def test_a_part_is_never_taken_for_the_whole(server, broken):
    found = failure(server.at("/list.csv", broken), retries=1)

    assert found.code == "truncated"
    assert server.count("/list.csv") == 2


def test_a_file_of_exactly_the_limit_is_taken(server):
    got = get(server.at("/list.csv", answer(b"x" * 1000)), max_bytes=1000)

    assert isinstance(got, Fetched)
    assert got.size == 1000


@pytest.mark.parametrize("with_length", [True, False])
def test_a_file_over_the_limit_is_stopped(server, with_length):
    body = b"x" * 1001
    written = answer(body) if with_length else chunked(b"3e9\r\n" + body + b"\r\n0\r\n\r\n")

    found = failure(server.at("/list.csv", written), max_bytes=1000)

    assert found.code == "too_large"
    assert "1,000 bytes" in found.sentence
    assert server.count("/list.csv") == 1


def test_a_gzip_bomb_is_unpacked_no_further_than_the_limit(server):
    bomb = gzip.compress(gzip.compress(bytes(1)) + bytes(60_000_000))
    address = server.at("/list.csv", answer(bomb, Content_Encoding="gzip"))

    tracemalloc.start()
    found = failure(address, max_bytes=1_000_000)
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert found.code == "too_large"
    assert peak < 8_000_000


def test_a_compressed_answer_that_is_none_is_refused(server):
    assert failure(server.at("/list.csv", answer(LIST, Content_Encoding="gzip"))).code == "bad_encoding"


def test_a_compression_that_was_not_asked_for_is_refused(server):
    found = failure(server.at("/list.csv", answer(LIST, Content_Encoding="br")))

    assert found.code == "bad_encoding"
    assert "“br”" in found.sentence


@pytest.mark.parametrize("headers", [{}, {"Content_Encoding": "gzip"}])
def test_an_empty_file_is_refused(server, headers):
    assert failure(server.at("/list.csv", answer(b"", **headers))).code == "empty"


def test_a_refused_connection_is_named():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/list.csv"

        found = failure(address, retries=1)

    assert found.code == "refused_connection"
    assert place_of(address) in found.sentence


@pytest.mark.parametrize(
    "address",
    [
        "ftp://example.org/a",
        "file:///etc/passwd",
        "list.csv",
        "",
        "http://",
        "http://[::1",
        "http://a b/c",
        "http://x:99999/",
    ],
)
def test_an_address_that_is_no_web_address_is_refused(address):
    assert failure(address, retries=0).code in {"not_allowed_address", "refused_connection"}


# Redirects


def test_redirects_are_followed_up_to_five(server):
    for number in range(5):
        server.at(f"/{number}", answer(b"", 302, Location=f"/{number + 1}"))
    server.at("/5", answer())

    assert isinstance(get(server.base + "/0"), Fetched)


def test_a_sixth_redirect_is_refused(server):
    found = failure(server.at("/loop", answer(b"", 301, Location="/loop")))

    assert found.code == "not_allowed_address"
    assert "more than 5 times" in found.sentence
    assert server.count("/loop") == 6


@pytest.mark.parametrize("target", ["ftp://example.org/list.csv", "file:///etc/passwd", "http://[::1"])
def test_a_redirect_leads_to_http_or_https_only(server, target):
    assert failure(server.at("/list.csv", answer(b"", 302, Location=target))).code == "not_allowed_address"


@pytest.mark.parametrize(
    ("previous", "address", "allowed"),
    [
        ("https://a.gov/x", "http://a.gov/x", False),
        ("HTTPS://a.gov/x", "http://b.gov/x", False),
        ("https://a.gov/x", "https://b.gov/x", True),
        ("http://a.gov/x", "https://a.gov/x", True),
        ("http://a.gov/x", "http://b.gov/x", True),
    ],
)
def test_a_redirect_never_leaves_https(previous, address, allowed):
    if allowed:
        module._check_address(address, previous=previous, asked=previous)
        return

    with pytest.raises(FetchFailed, match="from https to http"):
        module._check_address(address, previous=previous, asked=previous)


def test_certificates_are_verified_whatever_the_session_says(server, monkeypatch):
    session = requests.Session()
    session.verify = False
    seen: list[object] = []
    ask = session.get

    def watched(*args: object, **options: object) -> requests.Response:
        seen.append(options["verify"])
        return ask(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(session, "get", watched)

    get(server.at("/list.csv", answer()), session=session)

    assert seen == [True]


# Sentences


def test_a_sentence_shows_neither_query_nor_credentials(server):
    server.at("/list.csv", answer(b"", 404))
    address = server.base.replace("//", "//desk:secret@") + "/list.csv?token=hidden"

    found = failure(address)

    assert f"127.0.0.1:{server.http.server_port}/list.csv" in found.sentence
    assert "LIST_ADDRESSES" in found.sentence
    assert "secret" not in found.sentence
    assert "hidden" not in found.sentence


# Bundles


def bundle(server: Server) -> dict[str, str]:
    return {name: server.at(f"/{name}.csv", conditional(etag=f'"{name}"')) for name in ("sdn", "alt", "add")}


def get_all(addresses: dict[str, str], validators: dict[str, tuple[str, str]]) -> dict[str, Fetched] | NotModified:
    return fetch_all(addresses, validators, max_bytes=1000, timeout=(1, 1), retries=0, total_seconds=5)


def test_a_bundle_comes_whole(server):
    got = get_all(bundle(server), {})

    assert isinstance(got, dict)
    assert {name: fetched.content for name, fetched in got.items()} == {"sdn": LIST, "alt": LIST, "add": LIST}


def test_a_bundle_is_unchanged_only_when_every_file_is(server):
    addresses = bundle(server)

    got = get_all(addresses, {name: (f'"{name}"', "") for name in addresses})

    assert isinstance(got, NotModified)
    assert len(server.asked) == 3


def test_the_unchanged_files_of_a_changed_bundle_are_fetched_too(server):
    addresses = bundle(server)

    got = get_all(addresses, {"sdn": ('"sdn"', ""), "alt": ('"old"', ""), "add": ("", MODIFIED)})

    assert isinstance(got, dict)
    assert list(got) == ["sdn", "alt", "add"]
    assert {name: fetched.size for name, fetched in got.items()} == dict.fromkeys(addresses, len(LIST))
    assert {name: server.count(f"/{name}.csv") for name in addresses} == {"sdn": 2, "alt": 1, "add": 2}


def test_one_failure_fails_the_bundle(server):
    addresses = bundle(server)
    addresses["alt"] = server.at("/gone.csv", answer(b"", 404))

    with pytest.raises(FetchFailed, match=r"gone\.csv"):
        get_all(addresses, {})


def test_a_bundle_has_at_least_one_file():
    with pytest.raises(ValueError, match="at least one"):
        get_all({}, {})
