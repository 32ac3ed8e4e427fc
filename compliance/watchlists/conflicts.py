"""Where two sources print one entry and say different things. The source that leads is believed; both are shown."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from compliance.jobs import services as jobs
from compliance.jobs.models import Job, JobState
from compliance.watchlists.fingerprint import fold_key, place_words, same_reading
from compliance.watchlists.models import EntryRevision, ListVersion, SourceConflict
from compliance.watchlists.parsers.base import ListedAddress, ListedEntry
from compliance.watchlists.parsers.country_names import country_code
from compliance.watchlists.services import COMPARE
from compliance.watchlists.sources import rank_of

BATCH = 500
# A date in the CSL is the day a rule took effect, in the regulation the day it was printed: days apart is usual.
USUAL_DAYS_APART = 14
# Two addresses are one with this share of words in common (Dice); a flat or street number more or less is.
SAME_PLACE = 0.75


def compare(version: ListVersion, context: jobs.JobContext | None = None) -> int:
    """Lay the entries of this version beside what other sources say of them now; returns the conflicts found.

    Rows of the touched entries are replaced, so that doing it twice changes nothing.
    """
    touched = list(version.deltas.order_by("entry_id").values_list("entry_id", flat=True))
    count = 0
    for start in range(0, len(touched), BATCH):
        count += compare_entries(touched[start : start + BATCH], context)
    ListVersion.objects.filter(pk=version.pk).update(compared_at=timezone.now())
    return count


@transaction.atomic
def compare_entries(entry_ids: list[int], context: jobs.JobContext | None = None) -> int:
    """The conflicts of some entries, stored anew."""
    if context:
        context.progress(note="sources are compared")
    SourceConflict.objects.filter(entry__in=entry_ids).delete()
    shared = (
        EntryRevision.objects.watched()
        .filter(entry__in=entry_ids)
        .order_by("entry")
        .values_list("entry", flat=True)
        .annotate(sources=Count("version__source", distinct=True))
        .filter(sources__gt=1)
    )
    texts: dict[int, dict[str, EntryRevision]] = defaultdict(dict)
    rows = EntryRevision.objects.watched().filter(entry__in=list(shared)).select_related("version__source", "entry")
    for row in rows.order_by("effective_from", "pk"):
        texts[row.entry_id][row.version.source.key] = row
    found: list[SourceConflict] = []
    for by_source in texts.values():
        found += conflicts_of(by_source)
    SourceConflict.objects.bulk_create(found, batch_size=BATCH)
    return len(found)


def conflicts_of(by_source: dict[str, EntryRevision]) -> list[SourceConflict]:
    """The conflicts between the leading source's text of one entry and each other one."""
    keys = sorted(by_source, key=lambda key: (rank_of(key), key))
    leading, now = by_source[keys[0]], timezone.now()
    return [
        SourceConflict(
            entry_id=leading.entry_id,
            field=field,
            leading=leading,
            other=by_source[key],
            leading_says=one,
            other_says=two,
            found_at=now,
        )
        for key in keys[1:]
        for field, one, two in disagreements(leading.listed, by_source[key].listed)
    ]


def disagreements(leading: ListedEntry, other: ListedEntry) -> list[tuple[str, str, str]]:
    """What two texts of one entry say differently, as (field, leading text, other text).

    Order, punctuation and case are no disagreement, nor is the page of a rule that is cited. An address or alias that
    one of them lacks is; so is a listing date that is not the same rule's.
    """
    found = []
    for field in ("name", "license_requirement", "license_policy"):
        one, two = getattr(leading, field), getattr(other, field)
        if two and not same_reading(one, two):
            found.append((field, one, two))
    missing, extra = apart((leading.name, *leading.aliases), (other.name, *other.aliases), same_words)
    if missing or extra:
        found.append(("aliases", "; ".join(missing), "; ".join(extra)))
    missing, extra = apart(map(place, leading.addresses), map(place, other.addresses), same_place)
    if missing or extra:
        found.append(("addresses", "; ".join(missing), "; ".join(extra)))
    if dates_disagree(leading, other):
        found.append(("start_date", leading.start_date, other.start_date))
    if leading.end_date != other.end_date and leading.end_date and other.end_date:
        found.append(("end_date", leading.end_date, other.end_date))
    return found


def apart(one: Iterable[str], two: Iterable[str], same: Callable[[str, str], bool]) -> tuple[list[str], list[str]]:
    """What only the first and what only the second has."""
    left, right = list(dict.fromkeys(one)), list(dict.fromkeys(two))
    return (
        [text for text in left if not any(same(text, other) for other in right)],
        [text for text in right if not any(same(other, text) for other in left)],
    )


def same_words(one: str, two: str) -> bool:
    return words(one) == words(two) or same_reading(one, two)


def words(text: str) -> str:
    return " ".join(sorted(fold_key(text).split()))


def place(address: ListedAddress) -> str:
    """An address without its country, which one source prints as a name and the other as a code."""
    text, _comma, last = address.text.rpartition(",")
    return text if text and country_code(last) == address.country != "" else address.text


def same_place(one: str, two: str) -> bool:
    """Whether two addresses share most of their words: sources order them otherwise and move the postal code."""
    left, right = Counter(place_words(one)), Counter(place_words(two))
    total = left.total() + right.total()
    return total == 0 or same_reading(one, two) or 2 * (left & right).total() >= SAME_PLACE * total


def dates_disagree(leading: ListedEntry, other: ListedEntry) -> bool:
    """Whether both give a day and the other's is none of the days that the leading text cites, nor close to one."""
    if not (leading.start_date and other.start_date):
        return False
    cited = {leading.start_date, *(day for _cite, day in leading.citations if day)}
    theirs = date.fromisoformat(other.start_date)
    return all(abs((date.fromisoformat(day) - theirs).days) > USUAL_DAYS_APART for day in cited)


@jobs.sweeper
def find_uncompared() -> None:
    """A version that has not been compared with the other sources: make the row again, unless it is at work."""
    hour_ago = timezone.now() - timedelta(hours=1)
    taken = Job.objects.filter(kind=COMPARE).filter(
        Q(state=JobState.RUNNING) | Q(state=JobState.FAILED, finished_at__gt=hour_ago)
    )
    keys = set(taken.values_list("key", flat=True))
    waiting = ListVersion.objects.watched().filter(compared_at=None).order_by("pk").values_list("pk", flat=True)
    for pk in [pk for pk in waiting if str(pk) not in keys][:20]:
        jobs.enqueue(COMPARE, key=str(pk), payload={"version": pk})
