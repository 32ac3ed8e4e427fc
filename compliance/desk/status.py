"""The one screening status of a counterparty, derived at read from what is stored; nothing is updated per party.

Eight values that are never mixed (domain section 14). Where several hold, the first of ORDER is shown and the others
follow. Anything that can't be shown to have been screened fails closed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils import timezone

from compliance.cases.models import CaseMatch, Disposition, Hold
from compliance.counterparties.models import Counterparty, DueState, ScreeningDue
from compliance.runs.models import RunState, ScreeningRun, Trigger
from compliance.runs.services import unscreened_versions
from compliance.runs.waiting_names import names_cursors
from compliance.watchlists.models import EntryRevision, ListVersion

RESTRICTED, FAILED, UNDER_REVIEW, STALE = "restricted", "failed", "under_review", "stale"
NOT_SCREENABLE, NOT_SCREENED, CLEARED, NO_MATCH = "not_screenable", "not_screened", "cleared", "no_match"
ORDER = (RESTRICTED, FAILED, UNDER_REVIEW, STALE, NOT_SCREENABLE, NOT_SCREENED, CLEARED, NO_MATCH)
WORDS = {
    RESTRICTED: "This party is confirmed as listed.",
    FAILED: "The last screening of this record failed; it is tried again and counts as a stop until then.",
    UNDER_REVIEW: "A possible match waits for a decision.",
    STALE: "The record or a list changed after its last screening.",
    NOT_SCREENABLE: "The record has no name that could be screened. Complete it.",
    NOT_SCREENED: "This record was never screened against a list in force.",
    CLEARED: "Every possible match was decided to be another party.",
    NO_MATCH: "Screened against the lists in force; no listed name was found.",
}
STOPPED = frozenset(ORDER) - {CLEARED, NO_MATCH}


@dataclass(frozen=True)
class PartyStatus:
    """One status with what else holds. `binds_from` is set while a confirmed match waits for the law to bind."""

    value: str
    others: tuple[str, ...]
    sentence: str
    binds_from: datetime | None
    screened_at: datetime | None

    @property
    def is_stopped(self) -> bool:
        """Whether anything but a finished screening stands in the way. It says nothing about items or end use."""
        return self.value in STOPPED or self.binds_from is not None


def status_of(counterparty: Counterparty, moment: datetime | None = None) -> PartyStatus:
    """The status of one counterparty."""
    return statuses([counterparty], moment)[counterparty.pk]


def statuses(counterparties: Sequence[Counterparty], moment: datetime | None = None) -> dict[int, PartyStatus]:
    """The status of each counterparty, in a number of queries that doesn't grow with them."""
    moment = moment or timezone.now()
    ids = [party.pk for party in counterparties]
    has_list = EntryRevision.objects.watched(moment).exists()
    lagging = lag_cursors()
    due = {row.counterparty_id: row for row in ScreeningDue.objects.filter(counterparty__in=ids)}
    restricted: set[int] = set()
    coming: dict[int, datetime] = {}
    for party_id, binds_from in confirmed(ids):
        if binds_from <= moment:
            restricted.add(party_id)
        else:
            coming[party_id] = min(binds_from, coming.get(party_id, binds_from))
    dispositions: dict[int, set[str]] = {}
    rows = CaseMatch.objects.filter(case__counterparty__in=ids).values_list("case__counterparty", "disposition")
    for party_id, disposition in rows.distinct():
        dispositions.setdefault(party_id, set()).add(disposition)
    unopened = set(unopened_parties(ids))
    last = last_screened(counterparties)

    answer: dict[int, PartyStatus] = {}
    for pk in ids:
        row, found = due.get(pk), dispositions.get(pk, set())
        holds: set[str] = set()
        if pk in restricted:
            holds.add(RESTRICTED)
        if row and row.state == DueState.FAILED:
            holds.add(FAILED)
        if found & {Disposition.PENDING, Disposition.INCONCLUSIVE} or pk in unopened or pk in coming:
            holds.add(UNDER_REVIEW)
        if row and row.state == DueState.NOT_SCREENABLE:
            holds.add(NOT_SCREENABLE)
        if not has_list or (row and row.state == DueState.DUE and not row.screened_before):
            holds.add(NOT_SCREENED)
        elif (row and row.state == DueState.DUE) or any(cursor < pk for cursor in lagging):
            holds.add(STALE)
        if not holds:
            holds.add(CLEARED if found & {Disposition.FALSE_POSITIVE} else NO_MATCH)
        ordered = [value for value in ORDER if value in holds]
        sentence = WORDS[ordered[0]]
        if pk in coming and RESTRICTED not in holds:
            sentence = "A match is confirmed; the list's effect binds from the time shown."
        answer[pk] = PartyStatus(ordered[0], tuple(ordered[1:]), sentence, coming.get(pk), last.get(pk))
    return answer


def confirmed(ids: Sequence[int]) -> list[tuple[int, datetime]]:
    """(party, instant from which it binds) of every standing hold, and of every confirmed match still on its list.

    A party confirmed as listed stays restricted when its hold is released: the release lets work go on, it doesn't
    take the party off the list. Nor does a list that places no hold make it anything less than listed.
    """
    holds = Hold.objects.standing().filter(counterparty__in=ids).values_list("counterparty", "binds_from")
    listed = list(
        CaseMatch.objects.filter(
            case__counterparty__in=ids, disposition=Disposition.TRUE_MATCH, entry_left_at=None
        ).values_list("case__counterparty", "entry")
    )
    since = EntryRevision.objects.binds_from([entry for _party, entry in listed])
    return [*holds, *((party, since[entry]) for party, entry in listed if entry in since)]


def unopened_parties(ids: Sequence[int]) -> list[int]:
    """Parties with a standing match that no case has taken up yet: a question all the same."""
    parties = Counterparty.objects.filter(pk__in=ids, matches__withdrawn_at=None, matches__in_case=None)
    return list(parties.filter(matches__isnull=False).values_list("pk", flat=True).distinct())


def lag_cursors() -> list[int]:
    """For each version, and for attached names, that are not fully screened: the last counterparty that was."""
    return [*(open_cursor(version) for version in unscreened_versions()), *names_cursors()]


def open_cursor(version: ListVersion) -> int:
    run = ScreeningRun.objects.filter(
        version=version, state=RunState.RUNNING, created_at__gte=version.planned_at
    ).aggregate(cursor=Max("cursor"))
    return run["cursor"] or 0


def last_screened(counterparties: Sequence[Counterparty]) -> dict[int, datetime]:
    """When each was last screened: by the youngest run over all, or by the first that took up its last change."""
    found: dict[int, datetime] = {}
    done = ScreeningRun.objects.filter(finished_at__isnull=False)
    whole = done.exclude(trigger=Trigger.RECORD_CHANGE).filter(cursor__gt=0).order_by("-finished_at")
    whole_runs = list(whole.values_list("cut_id", "finished_at")[:5])
    changes = done.filter(trigger=Trigger.RECORD_CHANGE).order_by("-finished_at")
    change_times = sorted(at for at in changes.values_list("finished_at", flat=True)[:200] if at)
    for party in counterparties:
        times = [at for cut, at in whole_runs if at and party.pk <= cut and at >= party.created_at][:1]
        times += [at for at in change_times if at >= party.updated_at][:1]
        if times:
            found[party.pk] = max(times)
    return found
