"""What the pages of the trail need."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from compliance.audit import chain, services
from compliance.audit.events import CATALOGUE
from compliance.audit.models import AuditEvent

PAGE = 50
COUNTED = 10_000  # beyond it a page says "more than"
# Where the things that events are about have a page; the trail itself imports nothing that stands above it.
PAGES = {
    "case": "cases:detail",
    "counterparty": "counterparties:detail",
    "entry": "lists:entry",
    "importfile": "counterparties:import",
    "licenserequest": "licenses:detail",
    "listversion": "lists:version",
    "screeningrun": "runs:detail",
}
KINDS = {
    "case": "case",
    "counterparty": "counterparty",
    "entry": "entry",
    "hold": "hold",
    "importfile": "import",
    "job": "job",
    "licenserequest": "license request",
    "listversion": "list version",
    "screeningrun": "run",
    "user": "person",
}
WORDS_OF_FIELDS = {"sha256": "SHA-256", "manifest_sha256": "Manifest, SHA-256"}


@dataclass(frozen=True)
class ChainState:
    """What is known of the chain: its head now, and what the last verification found."""

    head_seq: int
    head_hash: str
    checked: AuditEvent | None
    checked_hash: str

    @property
    def holds(self) -> bool:
        return self.checked is not None and self.checked.data["result"] == services.HOLDS

    @property
    def broken(self) -> bool:
        return self.checked is not None and not self.holds

    @property
    def since(self) -> int:
        """Events recorded after those that were verified."""
        return self.head_seq - self.checked.data["head_seq"] if self.checked else self.head_seq


def chain_state() -> ChainState:
    """The head, and the last verification with the hash it ended at. Three queries, whatever the length."""
    head = services.head_of_chain()
    checked = AuditEvent.objects.filter(action="audit.verified").order_by("-seq").first()
    at = AuditEvent.objects.filter(seq=checked.data["head_seq"]).first() if checked else None
    return ChainState(head.seq, head.hash, checked, at.hash if at else "")


@dataclass(frozen=True)
class Row:
    """One event as a line of the list."""

    event: AuditEvent
    about_url: str

    @property
    def who(self) -> str:
        """Name and role, without the user name: "Rosa Kowalski, compliance officer"."""
        return re.sub(r" \([^()]*\),", ",", self.event.actor_name).removesuffix(", system")


@dataclass(frozen=True)
class TrailPage:
    """One page of events, newest first, and how many match in all (counted up to a limit)."""

    rows: list[Row]
    matching: int
    more_than: bool
    total: int
    newer: str
    older: str


def trail_page(filters: Mapping[str, str], *, before: int | None = None, after: int | None = None) -> TrailPage:
    """Events by sequence: those before a sequence, or the ones just after it. The cost does not grow with the page."""
    rows = AuditEvent.objects.matching(filters)
    if after is not None:
        found = list(rows.filter(seq__gt=after).order_by("seq")[: PAGE + 1])
        has_newer, has_older = len(found) > PAGE, True
        found = found[:PAGE][::-1]
    else:
        found = list((rows.filter(seq__lt=before) if before is not None else rows).order_by("-seq")[: PAGE + 1])
        has_newer, has_older = before is not None, len(found) > PAGE
        found = found[:PAGE]
    head = services.head_of_chain()
    matching = rows.order_by()[: COUNTED + 1].count() if filters else head.seq
    return TrailPage(
        rows=[Row(event, page_of(event.subject_type, event.subject_id)) for event in found],
        matching=min(matching, COUNTED) if filters else matching,
        more_than=bool(filters) and matching > COUNTED,
        total=head.seq,
        newer=query(filters, after=found[0].seq) if has_newer and found else "",
        older=query(filters, before=found[-1].seq) if has_older and found else "",
    )


def query(filters: Mapping[str, str], **more: int) -> str:
    return f"?{urlencode({**filters, **more})}"


def page_of(kind: str, pk: str) -> str:
    """The address of a thing's page, or "" where it has none."""
    name = PAGES.get(kind)
    if name is None or not pk.isdigit():
        return ""
    try:
        return reverse(name, args=[int(pk)])
    except NoReverseMatch:
        return ""


@dataclass(frozen=True)
class Fact:
    """One line of the facts; a heading has no value."""

    name: str
    value: str = ""
    is_heading: bool = False


@dataclass(frozen=True)
class Clock:
    """One of the three times of an event, also exactly as it is hashed."""

    name: str
    moment: datetime | None

    @property
    def exact(self) -> str:
        return chain.utc_text(self.moment) or ""


@dataclass(frozen=True)
class EventPage:
    """One event in full, with its neighbors' hashes and whether its own was recomputed as equal."""

    event: AuditEvent
    facts: list[Fact]
    clocks: list[Clock]
    about_url: str
    kind: str
    mentions: list[tuple[str, str, str]]
    next: AuditEvent | None
    agrees: bool


def event_page(event: AuditEvent) -> EventPage:
    following = AuditEvent.objects.filter(seq=event.seq + 1).first()
    others = [pair for pair in event.mentions if pair != [event.subject_type, event.subject_id]]
    return EventPage(
        event=event,
        facts=facts_of(event.data),
        clocks=[
            Clock("Happened", event.occurred_at),
            Clock("Rule binds", event.effective_at),
            Clock("Recorded", event.recorded_at),
        ],
        about_url=page_of(event.subject_type, event.subject_id),
        kind=KINDS.get(event.subject_type, event.subject_type),
        mentions=[(KINDS.get(kind, kind), pk, page_of(kind, pk)) for kind, pk in others[:COUNTED]],
        next=following,
        agrees=chain.event_hash(event.as_dict()) == event.hash,
    )


def field_words(name: str) -> str:
    return WORDS_OF_FIELDS.get(name) or name.replace("_", " ").capitalize()


def facts_of(data: Mapping[str, Any]) -> list[Fact]:
    """The recorded facts as lines: a table becomes a heading with a line for each of its fields."""
    lines: list[Fact] = []
    for name, value in data.items():
        if isinstance(value, dict) and value:
            lines.append(Fact(field_words(name), is_heading=True))
            for key, part in value.items():
                lines += lines_of(field_words(str(key)), part)
        else:
            lines += lines_of(field_words(name), value)
    return lines


def lines_of(name: str, value: Any) -> list[Fact]:
    """One line, or for a list of tables a numbered line for each."""
    if isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        return [Fact(f"{name} {number}", readable(item)) for number, item in enumerate(value, start=1)]
    return [Fact(name, readable(value))]


def readable(value: Any) -> str:
    """A recorded value in words."""
    if value is None or value == "" or value == [] or value == {}:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(readable(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key.replace('_', ' ')}: {readable(item)}" for key, item in value.items())
    return str(value)


def action_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """The actions of the catalogue in groups, each group choosable as a whole."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for action in CATALOGUE:
        group, _dot, act = action.partition(".")
        words = group.replace("_", " ").capitalize()
        groups.setdefault(group, [(f"{group}.*", f"{words}: everything")])
        groups[group].append((action, f"{words}: {act.replace('_', ' ')}"))
    return [(group.replace("_", " ").capitalize(), choices) for group, choices in groups.items()]
