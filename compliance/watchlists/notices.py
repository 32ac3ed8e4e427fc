"""Early warning: documents and announcements about a list, open until a version that carries them is active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from compliance.accounts.models import User
from compliance.audit import services as audit
from compliance.core.errors import Invalid, WrongState
from compliance.core.permissions import Permission, check_permission
from compliance.watchlists.fingerprint import first_citation
from compliance.watchlists.models import DeltaOp, EntryRevision, ListVersion, Notice, VersionState
from compliance.watchlists.parsers.base import LIST_CODES
from compliance.watchlists.times import WASHINGTON

# The regulation cites the page of the table, the Federal Register the first page of the rule: 84 FR 54004 and 54002.
PAGES_OF_A_RULE = 120


@dataclass(frozen=True)
class NoticeFacts:
    """What is known of a document or an announcement. Counts are None where its abstract doesn't say."""

    title: str
    lists: tuple[str, ...]
    citation: str = ""
    document_number: str = ""
    abstract: str = ""
    url: str = ""
    source: str = ""
    announced_at: datetime | None = None
    inspection_at: datetime | None = None
    published_at: datetime | None = None
    effective_at: datetime | None = None
    added: int | None = None
    revised: int | None = None
    removed: int | None = None


STORED = tuple(each.name for each in fields(NoticeFacts))


@transaction.atomic
def found(*, facts: NoticeFacts, actor: User) -> Notice | None:
    """Keep a document of the Federal Register that is about a list, once by its number; new facts of it are added.

    On public inspection a document has no citation; printed, it has one, and completes the same notice. A document
    that is in force already raises no notice: None then, unless one is there, which is closed. Raises Invalid
    without a document number.
    """
    check_permission(actor, Permission.NOTICE_WORK)
    if not facts.document_number:
        raise Invalid("A document of the Federal Register has a number; without it, enter it by hand.")
    notice = Notice.objects.select_for_update().filter(document_number=facts.document_number).first()
    if notice is None:
        version = version_that_carries(facts.citation, facts.document_number, facts.published_at)
        return None if version else raise_notice("register", facts, actor)
    news = {
        name: value
        for name, value in stored(facts).items()
        if value not in (None, "", []) and value != getattr(notice, name)
    }
    if not news or notice.closed_at:
        return notice
    for name, value in news.items():
        setattr(notice, name, value)
    notice.changed_at = timezone.now()
    notice.save()
    audit.record("lists.notice_changed", subject=notice, actor=actor, data={"changes": words_of(news)})
    # The list may have taken it up before its citation was known here.
    version = version_that_carries(notice.citation, notice.document_number, notice.published_at)
    return end(notice, f"{version} carries it and is active.", actor, version) if version else notice


@transaction.atomic
def enter(*, facts: NoticeFacts, actor: User) -> Notice:
    """Keep an announcement made elsewhere (press, a letter). Raises NotAllowed, and Invalid without source and date."""
    check_permission(actor, Permission.NOTICE_WORK)
    if not facts.title.strip():
        raise Invalid("Give the notice a title: who announced what.")
    if not facts.source.strip():
        raise Invalid("Say where it was announced (a press release, a letter, a page), so that others can read it.")
    if facts.announced_at is None:
        raise Invalid("Give the date on which it was announced.")
    if facts.announced_at > timezone.now():
        raise Invalid("The date of the announcement lies ahead. Give the day on which it was made.")
    if unknown := sorted(set(facts.lists) - set(LIST_CODES)):
        raise Invalid(f"There is no list {', '.join(unknown)}. Known: {', '.join(LIST_CODES)}.")
    if not facts.lists:
        raise Invalid("Choose the list that it is about.")
    return raise_notice("by_hand", facts, actor)


def raise_notice(origin: str, facts: NoticeFacts, actor: User) -> Notice:
    now = timezone.now()
    notice = Notice.objects.create(origin=origin, found_at=now, changed_at=now, entered_by=actor, **stored(facts))
    data = {
        "origin": origin, "citation": facts.citation, "document": facts.document_number, "lists": list(facts.lists),
        "added": said(facts.added), "revised": said(facts.revised), "removed": said(facts.removed),
        "effective": facts.effective_at.isoformat() if facts.effective_at else "", "source": facts.source,
    }  # fmt: skip
    audit.record("lists.notice_found", subject=notice, actor=actor, data=data)
    return notice


def stored(facts: NoticeFacts) -> dict[str, Any]:
    """The facts as a notice keeps them, so that the same document reads the same at every look."""
    return {name: plain(getattr(facts, name), Notice._meta.get_field(name)) for name in STORED}


def plain(value: Any, field: Any) -> Any:
    if isinstance(value, tuple):
        return list(value)
    return value.strip()[: field.max_length] if isinstance(value, str) else value


def said(count: int | None) -> str:
    return "not said" if count is None else str(count)


def words_of(news: Mapping[str, Any]) -> dict[str, str]:
    return {name: value.isoformat() if isinstance(value, datetime) else str(value) for name, value in news.items()}


@transaction.atomic
def close(*, notice: Notice, reason: str, actor: User) -> Notice:
    """A person closes a notice, with a reason. Raises NotAllowed, Invalid, WrongState."""
    check_permission(actor, Permission.NOTICE_WORK)
    notice = Notice.objects.select_for_update().get(pk=notice.pk)
    if notice.closed_at:
        raise WrongState(f"{notice} was closed already.")
    if not reason.strip():
        raise Invalid("Say why the notice is closed, for example that it changes no list we use.")
    return end(notice, reason.strip()[:500], actor, None)


def end(notice: Notice, reason: str, actor: User, version: ListVersion | None) -> Notice:
    notice.closed_at, notice.closed_by, notice.closed_because = timezone.now(), actor, reason
    notice.closed_by_version = version
    notice.save()
    data = {"reason": reason, "by_version": str(version or "")}
    audit.record(
        "lists.notice_closed", subject=notice, actor=actor, data=data, mentions=[version] if version else []
    )  # fmt: skip
    return notice


def close_for(version: ListVersion, actor: User) -> int:
    """Close the open notices whose rule this version carries, as it becomes active; returns how many."""
    count = 0
    for notice in Notice.objects.select_for_update().filter(closed_at=None).exclude(citation="", document_number=""):
        if carries(version, notice.citation, notice.document_number, notice.published_at):
            end(notice, f"{version} carries it and is active.", actor, version)
            count += 1
    return count


def version_that_carries(citation: str, document_number: str, published: datetime | None) -> ListVersion | None:
    """A version that carries this rule and has begun to bind, or None: the rule itself, or a list that cites it.

    A later version that doesn't touch the entries changes nothing in that, so what is in force is asked, not versions.
    """
    begun = ListVersion.objects.in_force() | ListVersion.objects.filter(state=VersionState.SUPERSEDED)
    if document_number and (same := begun.filter(document_number=document_number).order_by("pk").first()):
        return same
    cite = first_citation(citation)
    if not cite:
        return None
    for version in begun.exclude(citation="").order_by("pk"):
        if first_citation(version.citation) == cite:
            return version
    volume, until = cite.partition(" FR ")[0], next_page(cite, published)
    texts = EntryRevision.objects.in_force().filter(text__citation__icontains=f"{volume} FR ")
    rows = texts.order_by("pk").values_list("version", "text__citation", "text__citations")
    for version_id, text, pairs in rows.iterator(chunk_size=2000):
        if cites(text, pairs or [], cite, published, until):
            return ListVersion.objects.get(pk=version_id)
    return None


def carries(version: ListVersion, citation: str, document_number: str, published: datetime | None) -> bool:
    """Whether a version is the rule itself, or a whole list with an entry that cites it."""
    if document_number and version.document_number == document_number:
        return True
    cite = first_citation(citation)
    if not cite:
        return False
    if first_citation(version.citation) == cite:
        return True
    volume, until = cite.partition(" FR ")[0], next_page(cite, published)
    lines = version.deltas.filter(op__in=[DeltaOp.ADD, DeltaOp.MOD]).filter(
        Q(revision__text__citation__icontains=f"{volume} FR ")
    )
    texts = lines.values_list("revision__text__citation", "revision__text__citations")
    return any(cites(found, pairs or [], cite, published, until) for found, pairs in texts.iterator(chunk_size=2000))


def next_page(cite: str, published: datetime | None) -> int:
    """The page on which the next rule of the same day begins, or the last one that this rule may have."""
    volume, _fr, first = cite.partition(" FR ")
    rules = Notice.objects.filter(published_at=published, citation__contains=f"{volume} FR ") if published else ()
    starts = [first_citation(rule.citation).partition(" FR ") for rule in rules]
    later = [int(page) for of_volume, _fr, page in starts if of_volume == volume and int(page) > int(first)]
    return min([*later, int(first) + PAGES_OF_A_RULE + 1])


def cites(text: str, citations: Iterable[Iterable[str]], cite: str, published: datetime | None, until: int) -> bool:
    """Whether an entry's citations name this rule, by its own page or another one of the same rule, before `until`."""
    volume, _fr, page = cite.partition(" FR ")
    day = published.astimezone(WASHINGTON).date().isoformat() if published else ""
    return same_rule(cite, text) or near_rule(volume, int(page), day, citations, until)


def same_rule(cite: str, text: str) -> bool:
    return cite in text and first_citation(text[text.index(cite) :]) == cite


def near_rule(volume: str, page: int, day: str, citations: Iterable[Iterable[str]], until: int) -> bool:
    """Whether an entry cites a page of the same rule: of its volume and date, from its first page to before `until`."""
    for cite, date in citations:
        other_volume, _fr, other_page = cite.partition(" FR ")
        if other_volume == volume and date and date == day and page <= int(other_page) < until:
            return True
    return False


def open_notices() -> Any:
    """Notices that wait, those that bind first on top, those without a date last."""
    return Notice.objects.filter(closed_at=None).order_by(F("effective_at").asc(nulls_last=True), "-found_at")


def is_late(notice: Notice, now: datetime) -> bool:
    """Whether its rule binds already while no version that carries it is active."""
    return notice.closed_at is None and notice.effective_at is not None and notice.effective_at <= now
