"""One search box over counterparties, cases and listed entries; and one name screened without a record."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from compliance.accounts.models import User
from compliance.cases.models import Case
from compliance.core.permissions import Permission
from compliance.counterparties.models import Counterparty
from compliance.desk.status import PartyStatus, statuses
from compliance.runs import services as runs
from compliance.runs.services import entry_names
from compliance.watchlists.effects import LIST_POLICIES, ListPolicy
from compliance.watchlists.models import Entry, EntryRevision
from screening.explain import sentences

SHOWN = 20
CASE_NUMBER = re.compile(r"c\s*-?\s*(\d{1,12})$", re.IGNORECASE)


@dataclass(frozen=True)
class PartyRow:
    """A counterparty that was found, with its status."""

    record: Counterparty
    status: PartyStatus


@dataclass(frozen=True)
class EntryRow:
    """A listed entry that was found."""

    revision: EntryRevision
    policy: ListPolicy


@dataclass(frozen=True)
class Found:
    """What a search found, the first of each kind."""

    text: str
    parties: list[PartyRow]
    more_parties: bool
    cases: list[Case]
    entries: list[EntryRow]
    more_entries: bool

    @property
    def is_empty(self) -> bool:
        return not (self.parties or self.cases or self.entries)


def search(user: User, text: str) -> Found:
    """Counterparties by name, id, address or number; a case by its number; entries in force by name."""
    text = " ".join(text.split())[:200].replace("\x00", "")
    if not text or not user.has_permission(Permission.DESK_READ):
        return Found(text, [], False, [], [], False)
    parties = list(Counterparty.objects.visible_to(user).found_by(text).defer("search_text")[: SHOWN + 1])
    known = statuses(parties[:SHOWN])
    entries = entries_named(text)
    return Found(
        text=text,
        parties=[PartyRow(record, known[record.pk]) for record in parties[:SHOWN]],
        more_parties=len(parties) > SHOWN,
        cases=cases_found(user, text, [record.pk for record in parties[:SHOWN]]),
        entries=[EntryRow(row, LIST_POLICIES[row.entry.list_code]) for row in entries[:SHOWN]],
        more_entries=len(entries) > SHOWN,
    )


def cases_found(user: User, text: str, parties: list[int]) -> list[Case]:
    """The case with this number, or the open cases of the counterparties found."""
    cases = Case.objects.visible_to(user).select_related("counterparty")
    number = CASE_NUMBER.match(text)
    if number:
        return list(cases.filter(pk=int(number[1]) - 1000)[:1])
    return list(cases.not_closed().filter(counterparty__in=parties).queue_order()[:SHOWN])


def entries_named(text: str) -> list[EntryRevision]:
    """Entries in force or coming whose name begins with the text, then those that hold it; each once."""
    rows = EntryRevision.objects.watched().select_related("entry").defer("text")
    first = once(rows.filter(name__istartswith=text).order_by("name", "pk"))
    if len(first) > SHOWN:
        return first
    rest = rows.filter(name__icontains=text).exclude(entry__in=[row.entry_id for row in first])
    return [*first, *once(rest.order_by("name", "pk"))][: SHOWN + 1]


def once(rows: QuerySet[EntryRevision]) -> list[EntryRevision]:
    """The first text of each entry, one more than are shown: several sources may print an entry."""
    found: dict[int, EntryRevision] = {}
    for row in rows[: 4 * (SHOWN + 1)]:
        found.setdefault(row.entry_id, row)
    return list(found.values())[: SHOWN + 1]


# --- one name --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NameMatch:
    """One entry that may be the party asked about, and why."""

    entry: Entry
    revision: EntryRevision
    policy: ListPolicy
    score: Any
    band: str
    reasons: list[str]


@dataclass(frozen=True)
class NameAnswer:
    """What screening one name found. Nothing of it is stored."""

    screenable: bool
    matches: list[NameMatch]
    total: int
    has_list: bool


def screen(*, name: str, country: str, address: str, user: User) -> NameAnswer:
    """Screen a name against everything in force or coming. Raises NotAllowed."""
    if not EntryRevision.objects.watched().exists():
        return NameAnswer(screenable=True, matches=[], total=0, has_list=False)
    found = runs.screen_name(name=name, country=country, address=address, actor=user)
    best = found.matches[:SHOWN]
    rows = entry_names([int(match.entry_id) for match in best])
    matches = [
        NameMatch(
            entry=rows[int(match.entry_id)][0],
            revision=rows[int(match.entry_id)][1],
            policy=LIST_POLICIES[rows[int(match.entry_id)][0].list_code],
            score=match.score,
            band=match.band,
            reasons=sentences(match)[:-1],
        )
        for match in best
    ]
    return NameAnswer(found.screenable, matches, len(found.matches), has_list=True)
