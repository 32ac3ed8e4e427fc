"""Downloads of list files over HTTP: conditional, bounded in size and time, whole or not at all.

Nothing is stored here. A file comes back complete with its hash, or FetchFailed says why not. Certificates are
always verified. No sentence shows the query or the credentials of an address.
"""

from __future__ import annotations

import hashlib
import time
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import HTTPError, InvalidHeader, ReadTimeoutError
from urllib3.util.retry import Retry

from compliance.core.errors import ComplianceError

USER_AGENT = "EntityDesk/1 (list check)"
MAX_REDIRECTS = 5
TOTAL_SECONDS = 600.0
# A server that asks for more patience than this is asked again by the next scheduled check, not by this one.
LONGEST_WAIT_SECONDS = 120.0

_CHUNK = 64 * 1024
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PASSING_STATUSES = frozenset({429, 500, 502, 503, 504})
# Another try can mend these. The rest fails the same way again: an address, a certificate, a size.
_PASSING_CODES = frozenset({"timeout", "refused_connection", "truncated"})
_GZIP_MEMBER = b"\x1f\x8b"


@dataclass(frozen=True)
class Fetched:
    """A file as the server sent it, out of its transfer compression. `sha256` is in hexadecimal, `size` in bytes."""

    address: str
    content: bytes
    sha256: str
    size: int
    etag: str
    last_modified: str
    fetched_at: datetime
    content_type: str


@dataclass(frozen=True)
class NotModified:
    """The server says that the file is still the one whose validators were sent."""

    address: str


class FetchFailed(ComplianceError):
    """No whole file came. `code` is stable for programs, `http_status` is 0 unless the code is `http_status`.

    Codes: timeout, refused_connection, bad_certificate, http_status, too_large, truncated, bad_encoding,
    not_allowed_address, empty.
    """

    code = "fetch_failed"
    status = 502

    def __init__(self, code: str, sentence: str, *, http_status: int = 0) -> None:
        super().__init__(sentence, code=code)
        self.http_status = http_status
        self.retry_after = 0.0


@dataclass(frozen=True)
class _Task:
    """One download: what is asked, and its bounds. `deadline` is on the monotonic clock."""

    address: str
    headers: dict[str, str]
    max_bytes: int
    timeout: tuple[float, float]
    total_seconds: float
    deadline: float

    @property
    def place(self) -> str:
        return place_of(self.address)

    @property
    def left(self) -> float:
        return self.deadline - time.monotonic()

    def too_slow(self) -> FetchFailed:
        return FetchFailed(
            "timeout",
            f"The download of {self.place} was not complete after {self.total_seconds:g} seconds and was given up. "
            "It is tried again at the next check; if it stays slow, download the file by hand and load it.",
        )


def fetch(
    address: str,
    *,
    max_bytes: int,
    etag: str = "",
    last_modified: str = "",
    timeout: tuple[float, float] = (10, 60),
    total_seconds: float = TOTAL_SECONDS,
    retries: int = 3,
    backoff_seconds: float = 1.0,
    longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    session: requests.Session | None = None,
) -> Fetched | NotModified:
    """Download one file, or learn that it has not changed since `etag` or `last_modified`.

    `max_bytes` bounds the unpacked body. `timeout` is (to connect, between two pieces of an answer) in seconds,
    `total_seconds` bounds everything together, waiting between the tries too. A connection that fails or breaks
    and the statuses 429, 500, 502, 503 and 504 are tried `retries` times more, after `backoff_seconds`, then twice
    as long each time, or after what the server asks by Retry-After, up to `longest_wait_seconds`.

    Raises FetchFailed.
    """
    _check_address(address, previous="", asked=address)
    task = _Task(
        address=address,
        headers=_headers(etag, last_modified),
        max_bytes=max_bytes,
        timeout=timeout,
        total_seconds=total_seconds,
        deadline=time.monotonic() + total_seconds,
    )
    own = session or requests.Session()
    try:
        for attempt in range(retries + 1):
            try:
                return _fetch_once(own, task)
            except FetchFailed as failure:
                wait = failure.retry_after or min(backoff_seconds * 2**attempt, longest_wait_seconds)
                if attempt == retries or not _may_pass(failure) or wait > min(longest_wait_seconds, task.left):
                    raise
            time.sleep(wait)
        raise task.too_slow()  # only for retries < 0
    finally:
        if session is None:
            own.close()


def fetch_all(
    addresses: Mapping[str, str],
    validators: Mapping[str, tuple[str, str]],
    *,
    max_bytes: int,
    timeout: tuple[float, float] = (10, 60),
    total_seconds: float = TOTAL_SECONDS,
    retries: int = 3,
    backoff_seconds: float = 1.0,
    longest_wait_seconds: float = LONGEST_WAIT_SECONDS,
    session: requests.Session | None = None,
) -> dict[str, Fetched] | NotModified:
    """The files that make one list together, by name: all of them, or NotModified when none has changed.

    `validators` holds (etag, last_modified) of each file of the bundle loaded last. If one file changed, those that
    did not are fetched again without validators, so that the bundle is whole. The bounds count for each file.

    Raises FetchFailed when any file fails, and ValueError without an address.
    """
    if not addresses:
        raise ValueError("A bundle needs at least one address.")
    own = session or requests.Session()
    get = partial(
        fetch,
        max_bytes=max_bytes,
        timeout=timeout,
        total_seconds=total_seconds,
        retries=retries,
        backoff_seconds=backoff_seconds,
        longest_wait_seconds=longest_wait_seconds,
        session=own,
    )
    try:
        answers: dict[str, Fetched | NotModified] = {}
        for name, address in addresses.items():
            etag, last_modified = validators.get(name, ("", ""))
            answers[name] = get(address, etag=etag, last_modified=last_modified)
        if all(isinstance(answer, NotModified) for answer in answers.values()):
            return NotModified(next(iter(addresses.values())))
        whole: dict[str, Fetched] = {}
        for name, answer in answers.items():
            again = get(addresses[name]) if isinstance(answer, NotModified) else answer
            if isinstance(again, NotModified):  # pragma: no cover (a 304 without validators is a failure)
                raise TypeError("An unconditional request cannot be answered by “not modified”.")
            whole[name] = again
        return whole
    finally:
        if session is None:
            own.close()


def place_of(address: str) -> str:
    """Host, port and path of an address, without credentials and query: what a sentence or a log may show."""
    try:
        parts = urlsplit(address)
        port = f":{parts.port}" if parts.port else ""
        host = parts.hostname or ""
    except ValueError:
        return "an address that cannot be read"
    return f"{host}{port}{parts.path}" if host else "an address without a host"


def _headers(etag: str, last_modified: str) -> dict[str, str]:
    # Each file on a connection of its own: one kept open may have been closed by the server in the meantime.
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}
    # A validator that no header can carry is left out: then the file is fetched whole, which is never wrong.
    if etag and etag.isascii() and etag.isprintable():
        headers["If-None-Match"] = etag
    if last_modified and last_modified.isascii() and last_modified.isprintable():
        headers["If-Modified-Since"] = last_modified
    return headers


def _check_address(address: str, *, previous: str, asked: str) -> None:
    """Refuse what is not http or https, and a redirect that leaves https. `previous` is "" for the first address."""
    try:
        scheme, host = urlsplit(address).scheme.lower(), urlsplit(address).hostname
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host:
        what = f"{place_of(asked)} leads to an address" if previous else "The address of the list is one"
        raise FetchFailed(
            "not_allowed_address",
            f"{what} that is not http or https ({place_of(address)}); nothing was fetched from it. "
            "Correct the address in the setting LIST_ADDRESSES.",
        )
    if scheme == "http" and urlsplit(previous).scheme.lower() == "https":
        raise FetchFailed(
            "not_allowed_address",
            f"{place_of(asked)} leads from https to http ({place_of(address)}), where a list could be changed on its "
            "way; nothing was fetched from it. Look up the publisher's https address and set it in LIST_ADDRESSES.",
        )


def _may_pass(failure: FetchFailed) -> bool:
    return failure.code in _PASSING_CODES or failure.http_status in _PASSING_STATUSES


def _fetch_once(session: requests.Session, task: _Task) -> Fetched | NotModified:
    address, redirects = task.address, 0
    while True:
        with _ask(session, address, task) as response:
            location = response.headers.get("Location", "")
            if response.status_code not in _REDIRECTS or not location:
                return _read(response, task)
        redirects += 1
        if redirects > MAX_REDIRECTS:
            raise FetchFailed(
                "not_allowed_address",
                f"{task.place} leads on from address to address more than {MAX_REDIRECTS} times. "
                "Look up the list's present address on its publisher's site and set it in LIST_ADDRESSES.",
            )
        previous, address = address, _joined(address, location)
        _check_address(address, previous=previous, asked=task.address)


def _joined(address: str, location: str) -> str:
    try:
        return urljoin(address, location)
    except ValueError:
        return ""


def _ask(session: requests.Session, address: str, task: _Task) -> requests.Response:
    left = task.left
    if left <= 0:
        raise task.too_slow()
    connect, between = task.timeout
    try:
        return session.get(
            address,
            headers=task.headers,
            timeout=(min(connect, left), min(between, left)),
            allow_redirects=False,
            stream=True,
            verify=session.verify or True,
        )
    except requests.exceptions.Timeout as error:
        raise _no_answer(task, min(connect if isinstance(error, requests.ConnectTimeout) else between, left)) from error
    except requests.exceptions.SSLError as error:
        raise FetchFailed(
            "bad_certificate",
            f"The certificate of {place_of(address)} could not be verified; nothing was fetched. Check the clock and "
            "the certificates of this machine; if they are right, ask the publisher.",
        ) from error
    except requests.exceptions.ConnectionError as error:
        raise FetchFailed(
            "refused_connection",
            f"No connection to {place_of(address)}: the host is unknown, refuses, or broke off before it answered. "
            "Check the network and the proxy of this machine, and the address in LIST_ADDRESSES.",
        ) from error
    except (requests.RequestException, HTTPError, ValueError) as error:
        raise FetchFailed(
            "not_allowed_address",
            f"The address {place_of(address)} cannot be asked for. Correct it in the setting LIST_ADDRESSES.",
        ) from error


def _no_answer(task: _Task, seconds: float) -> FetchFailed:
    return FetchFailed(
        "timeout",
        f"{task.place} did not answer within {seconds:.3g} seconds. It is tried again at the next check; if it stays "
        "silent, download the file by hand and load it.",
    )


def _read(response: requests.Response, task: _Task) -> Fetched | NotModified:
    status = response.status_code
    conditional = "If-None-Match" in task.headers or "If-Modified-Since" in task.headers
    if status == 304 and conditional:
        return NotModified(task.address)
    if status != 200:
        raise _wrong_status(response, task)
    content = _body(response, task)
    if not content:
        raise FetchFailed(
            "empty",
            f"{task.place} sent an empty file. A list is never empty: the version in force stays. "
            "Try again later; if it stays empty, look at the publisher's site.",
        )
    return Fetched(
        address=task.address,
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        etag=response.headers.get("ETag", ""),
        last_modified=response.headers.get("Last-Modified", ""),
        fetched_at=datetime.now(UTC),
        content_type=response.headers.get("Content-Type", ""),
    )


def _wrong_status(response: requests.Response, task: _Task) -> FetchFailed:
    status = response.status_code
    wait = _retry_after(response)
    if status in (404, 410):
        cure = "The list may have moved: look it up on its publisher's site and set the address in LIST_ADDRESSES."
    elif status in (401, 403, 407):
        cure = "It refuses this machine or asks for a login: ask the publisher, or download the file by hand."
    elif status in _PASSING_STATUSES:
        asked = f"It asks to wait {wait:.0f} seconds. " if wait else ""
        cure = f"{asked}This passes as a rule; it is tried again at the next check."
    else:
        cure = "A file was expected (200): check the address in LIST_ADDRESSES."
    failure = FetchFailed("http_status", f"{task.place} answered with HTTP status {status}. {cure}", http_status=status)
    if status in _PASSING_STATUSES:
        failure.retry_after = wait
    return failure


def _retry_after(response: requests.Response) -> float:
    """Seconds that the server asks to wait (RFC 9110, 10.2.3), 0 when it does not say or says nonsense."""
    printed = response.headers.get("Retry-After", "")
    if not printed:
        return 0.0
    try:
        return max(0.0, float(Retry().parse_retry_after(printed)))
    except (InvalidHeader, ValueError, OverflowError):
        return 0.0


def _body(response: requests.Response, task: _Task) -> bytes:
    """The whole body, unpacked. Read in the pieces that arrive, so that size and time are checked between them."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise FetchFailed(
            "bad_encoding",
            f"{task.place} sent its file in the compression “{encoding[:20]}”, which was not asked for. "
            "Download the file by hand and load it.",
        )
    unpacker = _Unpacker(task, packed=encoding.endswith("gzip"))
    received = 0
    try:
        # read1 gives what has come; read would wait for a full piece, hours long from a server that drips.
        while piece := response.raw.read1(_CHUNK, decode_content=False):
            received += len(piece)
            unpacker.take(piece)
            if task.left <= 0:
                raise task.too_slow()
    except ReadTimeoutError as error:
        raise (task.too_slow() if task.left <= 0 else _no_answer(task, task.timeout[1])) from error
    except (HTTPError, OSError) as error:  # urllib3 compares with Content-Length too
        raise _truncated(task, received) from error
    return unpacker.finish(received)


def _truncated(task: _Task, received: int) -> FetchFailed:
    return FetchFailed(
        "truncated",
        f"The download of {task.place} broke off after {received:,} bytes; the part was thrown away and the version "
        "in force stays. It is tried again at the next check.",
    )


class _Unpacker:
    """Collects a body up to the size limit. Gzip is unpacked no further than the limit, whatever it would become."""

    def __init__(self, task: _Task, *, packed: bool) -> None:
        self.task = task
        self.out = bytearray()
        self.gunzip = zlib.decompressobj(wbits=31) if packed else None

    def take(self, piece: bytes) -> None:
        while piece:
            room = self.task.max_bytes - len(self.out) + 1
            if self.gunzip is None:
                self.out += piece[:room]
                piece = b""
            else:
                piece = self._unpack(piece, room)
            if len(self.out) > self.task.max_bytes:
                raise FetchFailed(
                    "too_large",
                    f"{self.task.place} sends more than {self.task.max_bytes:,} bytes, more than this list may have; "
                    "the download was stopped. Check the address in LIST_ADDRESSES, or raise the limit.",
                )

    def _unpack(self, piece: bytes, room: int) -> bytes:
        """Unpack at most `room` bytes; gives back what is still packed. A gzip file may have several members."""
        if self.gunzip is None or self.gunzip.eof:
            if not piece.startswith(_GZIP_MEMBER[: len(piece)]):
                return b""  # padding after the last member, which gzip ignores too
            self.gunzip = zlib.decompressobj(wbits=31)
        try:
            self.out += self.gunzip.decompress(piece, room)
        except zlib.error as error:
            raise FetchFailed(
                "bad_encoding",
                f"{self.task.place} sent a compressed answer that cannot be unpacked. Try again later; if it stays "
                "so, download the file by hand and load it.",
            ) from error
        return self.gunzip.unused_data if self.gunzip.eof else self.gunzip.unconsumed_tail

    def finish(self, received: int) -> bytes:
        if self.gunzip is not None and received and not self.gunzip.eof:
            raise _truncated(self.task, received)
        return bytes(self.out)
