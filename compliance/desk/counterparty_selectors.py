"""What the list and the page of counterparties show: status, facts, cases, and everything that happened."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.audit.events import CATALOGUE, sentence
from compliance.audit.models import AuditEvent
from compliance.cases.models import Case, CaseMatch, Hold
from compliance.core.paging import Slice
from compliance.core.permissions import Permission
from compliance.core.templatetags.ui import language_of
from compliance.counterparties.models import EDITABLE, Counterparty, NameKind
from compliance.counterparties.selectors import Filters, counterparty_slice
from compliance.desk.status import PartyStatus, status_of, statuses
from compliance.watchlists.effects import LIST_POLICIES, ListPolicy
from compliance.watchlists.models import ListVersion
from compliance.watchlists.times import WASHINGTON
from screening.fold import romanize, words

EVENTS_SHOWN = 60
RECORDS_SHOWN = 30
MATCHES_SHOWN = 30
SCRIPTS = {
    "zh": "Chinese", "ja": "Japanese", "ko": "Korean", "ru": "Cyrillic", "ar": "Arabic", "fa": "Arabic", "he": "Hebrew",
}  # fmt: skip
TONES = {"bad": ("hold.placed", "case.escalated"), "ok": ("hold.released", "case.closed"), "warn": ("cases.opened",)}
SHOWS = ("", "decisions", "record")


@dataclass(frozen=True)
class ListRow:
    """One counterparty with its status."""

    record: Counterparty
    status: PartyStatus


@dataclass(frozen=True)
class Listing:
    """A slice of the list."""

    slice: Slice[Counterparty]
    rows: list[ListRow]


def listing(user: User, filters: Filters, after: str = "") -> Listing:
    found = counterparty_slice(user, filters, after)
    known = statuses(found.rows)
    return Listing(found, [ListRow(row, known[row.pk]) for row in found.rows])


@dataclass(frozen=True)
class NameRow:
    """One name with its script and how it reads in Latin letters."""

    text: str
    kind: str
    script: str
    reading: str


@dataclass(frozen=True)
class HoldRow:
    """A hold that stands, in words."""

    hold: Hold
    policy: ListPolicy
    binds: bool


@dataclass(frozen=True)
class Happening:
    """One row of the time line (components/timeline.html)."""

    time: datetime
    icon: str
    text: str
    tone: str = ""
    lead: str = ""
    detail: str = ""
    url: str = ""
    link_text: str = ""


@dataclass(frozen=True)
class CounterpartyPage:
    """The page of one counterparty."""

    record: Counterparty
    status: PartyStatus
    now: datetime
    names: list[NameRow]
    numbers: list[tuple[str, str]]
    open_case: Case | None
    matches: list[CaseMatch]
    why: CaseMatch | None
    holds: list[HoldRow]
    against: list[ListVersion]
    happenings: list[Happening]
    show: str
    may_edit: bool
    more: bool = False
    cases: list[Case] = field(default_factory=list)


def counterparty_page(record: Counterparty, user: User, *, show: str = "") -> CounterpartyPage:
    """Everything the page needs, in a number of queries that grows with nothing."""
    now = timezone.now()
    show = show if show in SHOWS else ""
    matches = list(
        CaseMatch.objects.filter(case__counterparty=record)
        .select_related("case", "entry", "match__revision")
        .order_by("-case__pk", "-match__score")[:MATCHES_SHOWN]
    )
    cases = list({pair.case_id: pair.case for pair in matches}.values())
    open_case = next((case for case in cases if case.closed_at is None), None)
    holds = [
        HoldRow(hold, LIST_POLICIES[hold.list_code], hold.binds_at(now))
        for hold in Hold.objects.standing().filter(counterparty=record)
    ]
    happened, more = happenings(record, matches, show)
    return CounterpartyPage(
        record=record,
        status=status_of(record, now),
        now=now,
        names=names_of(record),
        numbers=[(item["kind"].upper(), masked(item["value"])) for item in record.identifiers],
        open_case=open_case,
        matches=matches,
        why=next((pair for pair in matches if pair.is_open), None),
        holds=holds,
        against=list(ListVersion.objects.in_force(now).defer("problems", "list_counts").order_by("-effective_at")[:3]),
        happenings=happened,
        show=show,
        may_edit=user.has_permission(Permission.COUNTERPARTY_EDIT),
        more=more,
        cases=cases,
    )


def names_of(record: Counterparty) -> list[NameRow]:
    rows = [NameRow(record.name, "Legal name", script_of(record.name), reading_of(record.name))]
    for item in record.other_names:
        kind = NameKind(item["kind"]).label if item.get("kind") in NameKind.values else "Other name"
        rows.append(NameRow(item["text"], str(kind), script_of(item["text"]), reading_of(item["text"])))
    return rows


def script_of(name: str) -> str:
    return SCRIPTS.get(language_of(name), "Latin")


def reading_of(name: str) -> str:
    """The name in Latin letters as the engine reads it; "" where it is written in them already."""
    return " ".join(romanize(word.text) for word in words(name)).title() if language_of(name) else ""


def masked(value: str) -> str:
    """A document number with only its ends shown: "9165 … 31"."""
    return f"{value[:4]} … {value[-2:]}" if len(value) > 8 else f"{value[:1]} …"


# --- everything that happened ----------------------------------------------------------------------------------------


def happenings(record: Counterparty, matches: list[CaseMatch], show: str) -> tuple[list[Happening], bool]:
    """The trail and the record's own changes in one time line, newest first; and whether older ones were left out."""
    found: list[Happening] = []
    more = False
    if show != "record":
        waiting = {pair.match_id for pair in matches if pair.awaiting_id}
        events = audit.about(record).exclude(action__in=["counterparty.created", "counterparty.updated"])
        rows = list(events.order_by("-seq")[: EVENTS_SHOWN + 1])
        more = len(rows) > EVENTS_SHOWN
        found += [happening(event, waiting) for event in rows[:EVENTS_SHOWN]]
    if show != "decisions":
        history = list(
            record.history.select_related("history_user").order_by("-history_date", "-history_id")[: RECORDS_SHOWN + 1]
        )
        more = more or len(history) > RECORDS_SHOWN
        found += [
            record_change(row, before)
            for row, before in zip(history, [*history[1:], None], strict=True)
            if before is not None or row.history_type == "+"
        ]
    found.sort(key=lambda row: row.time, reverse=True)
    return found, more


def happening(event: AuditEvent, waiting: set[int]) -> Happening:
    """An event in words. What a first decision was is not shown before the second person has decided."""
    text = sentence(event.action, event.subject_label, event.data)
    if event.action == "case.match_decided" and event.data.get("match") in waiting:
        text = f"{event.data.get('entry', '')}: a first decision is recorded and waits for the second person"
    lead = ""
    if event.action == "cases.opened":
        lead, text = "Matched.", f"A case was opened or reopened after {event.subject_label}"
    if event.action == "hold.placed" and event.effective_at:
        policy = LIST_POLICIES.get(event.data.get("list", ""))
        since = event.effective_at.astimezone(WASHINGTON)
        text = f"{policy.label if policy else 'Effect of the list'}, binds from {since:%Y-%m-%d %H:%M} {since.tzname()}"
        lead = "Hold placed."
    known = CATALOGUE.get(event.action)
    tone = next((tone for tone, actions in TONES.items() if event.action in actions), "inf")
    by = f"by {event.actor_name.split(' (')[0]}"
    return Happening(
        time=event.occurred_at, icon=known.icon if known else "dot", text=text, tone=tone, lead=lead, detail=by
    )


def record_change(row: Any, before: Any | None) -> Happening:
    """One version of the record: who changed which fields. Values of numbers are not repeated here."""
    by = f"by {row.history_user or 'System'}"
    if before is None:
        return Happening(time=row.history_date, icon="plus", text="The record was created", detail=by)
    fields = [name.replace("_", " ") for name in EDITABLE if getattr(row, name) != getattr(before, name)]
    what = ", ".join(fields) or "nothing that is screened"
    revision = f"Record {row.revision}: " if row.revision != before.revision else "Record: "
    return Happening(time=row.history_date, icon="pencil", text=f"{revision}{what} changed", detail=by)
