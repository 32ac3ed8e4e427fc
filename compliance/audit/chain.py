"""The audit chain, pure: canonical bytes, hash, verification. Usable without Django.

Format 1: the SHA-256 of the UTF-8 bytes of one JSON object with the keys of FIELDS, sorted, no white space,
non-ASCII letters as they are. Times are UTC with microseconds ("2019-10-09T04:00:00.000000Z"), numbers are
integers, scores and other fractions are strings. `prev_hash` is the hash of the event before, or GENESIS.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

FORMAT = 1
ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
GENESIS = "0" * 64
FIELDS = (
    "format", "seq", "prev_hash", "action", "actor_id", "actor_name", "subject_type", "subject_id", "subject_label",
    "mentions", "data", "occurred_at", "effective_at", "recorded_at",
)  # fmt: skip


@dataclass(frozen=True)
class Break:
    """The first place where the chain doesn't hold, in a sentence."""

    seq: int
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """What a verification found: how many events, where they end, and the first break if there is one."""

    count: int
    head_seq: int
    head_hash: str
    broken: Break | None = None

    @property
    def holds(self) -> bool:
        return self.broken is None


def utc_text(moment: datetime | None) -> str | None:
    """A moment as the chain writes it. Raises ValueError on a moment without a zone."""
    if moment is None:
        return None
    if moment.tzinfo is None:
        raise ValueError("the audit chain takes moments with a zone only")
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def check_plain(value: Any, path: str = "data") -> None:
    """Raises TypeError on anything but text, integers, booleans, None, lists and dicts with text keys."""
    if value is None or isinstance(value, str | bool | int):
        return
    if isinstance(value, list | tuple):
        for number, item in enumerate(value):
            check_plain(item, f"{path}[{number}]")
        return
    if isinstance(value, Mapping):
        for key, item in value.items():
            if not isinstance(key, str):
                raise TypeError(f"{path} has a key that is not text: {key!r}")
            check_plain(item, f"{path}.{key}")
        return
    raise TypeError(f"{path} is {type(value).__name__}; write fractions and times as text")


def canonical_bytes(event: Mapping[str, Any]) -> bytes:
    """The bytes that are hashed: exactly the keys of FIELDS, whatever else the mapping holds."""
    body = {name: event[name] for name in FIELDS}
    return ENCODER.encode(body).encode()


def event_hash(event: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical bytes, in hex."""
    return hashlib.sha256(canonical_bytes(event)).hexdigest()


def verify(
    events: Iterable[Mapping[str, Any]],
    *,
    head_seq: int | None = None,
    head_hash: str | None = None,
    gaps_allowed: bool = False,
) -> Verdict:
    """Recompute every hash and link of events in the order given, and compare the end with the recorded head.

    With `gaps_allowed` (a filtered export) sequences may jump: each event must still hash to itself, order must
    rise, and neighbors must link. Without it the first must be event 1 and none may be missing.
    """
    count, seq, last_hash = 0, 0, GENESIS
    for event in events:
        sentence = _break_of(event, seq, last_hash, gaps_allowed)
        if sentence:
            return Verdict(count, seq, last_hash, Break(int(event["seq"]), sentence))
        count, seq, last_hash = count + 1, event["seq"], event["hash"]
    if head_seq is not None and seq != head_seq:
        return Verdict(count, seq, last_hash, Break(seq + 1, f"the trail ends at {seq}, but {head_seq} was recorded"))
    if head_hash is not None and last_hash != head_hash:
        return Verdict(count, seq, last_hash, Break(seq, f"event {seq} is not the recorded head of the chain"))
    return Verdict(count, seq, last_hash)


def _break_of(event: Mapping[str, Any], seq: int, last_hash: str, gaps_allowed: bool) -> str:
    number = event["seq"]
    if event["format"] != FORMAT:
        return f"event {number} has the unknown format {event['format']}"
    if number <= seq:
        return f"event {number} comes after event {seq}"
    if number != seq + 1 and not gaps_allowed:
        return f"event {seq + 1} is missing; the next one is {number}"
    if number == seq + 1 and event["prev_hash"] != last_hash:
        return f"event {number} does not follow the event before it"
    if event_hash(event) != event["hash"]:
        return f"event {number} was altered: its content no longer gives its hash"
    return ""
