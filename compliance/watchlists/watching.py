"""The watch of the Federal Register: each document about a list raises a notice, on public inspection already."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone

from compliance.accounts.models import User
from compliance.jobs import services as jobs
from compliance.watchlists import attempts, notices
from compliance.watchlists.federal_register import (
    Document,
    Page,
    counts_of,
    inspection_address,
    is_about_a_list,
    lists_named,
    read_page,
    search_address,
)
from compliance.watchlists.fetch import FetchFailed, NotModified, fetch
from compliance.watchlists.models import FetchOutcome, Notice
from compliance.watchlists.notices import NoticeFacts
from compliance.watchlists.parsers.base import RefusedFile
from compliance.watchlists.sources import FILE, REGISTER, addresses_of
from compliance.watchlists.times import WASHINGTON, moment

WATCH = "lists.watch_register"  # the job; its key is that of the source
OVERLAP = timedelta(days=7)  # a document may be filed, corrected and dated in any order
FIRST_LOOK = timedelta(days=60)
MOST_PAGES = 20


def watch(context: jobs.JobContext) -> dict[str, Any]:
    """Read what is new since the last good look, and raise or complete one notice for each document about a list."""
    attempt = attempts.begin(REGISTER, context)
    if attempt is None:
        return {"note": "the Federal Register is being read already"}
    seen = attempt.source.checked_at or timezone.now() - FIRST_LOOK
    since = (seen - OVERLAP).astimezone(WASHINGTON).date()
    try:
        documents, size = attempts.kept_alive(lambda: look(since), context)
    except FetchFailed as failure:
        return attempts.fail(attempt, context, failure.code, failure.sentence)
    except RefusedFile as refusal:
        return attempts.fail(attempt, context, refusal.code, refusal.message)
    about = [document for document in documents if is_about_a_list(document)]
    with attempts.closing(attempt, context) as (row, source):
        before, system = Notice.objects.count(), User.objects.system()
        for document in about:
            notices.found(facts=facts_of(document), actor=system)
        fresh = Notice.objects.count() - before
        source.checked_at = attempt.started_at
        source.save(update_fields=["checked_at"])
        sentence = f"{len(documents):,} documents read, {len(about):,} about a list, {fresh:,} new notices."
        outcome = FetchOutcome.NEW if fresh else FetchOutcome.UNCHANGED
        return attempts.close(row, outcome, sentence, size=size)


def look(since: date) -> tuple[list[Document], int]:
    """The documents of BIS on public inspection now and published since a day, the oldest first; and bytes read.

    No database. Raises FetchFailed, RefusedFile.
    """
    try:
        base = addresses_of(REGISTER, settings.LIST_ADDRESSES).get(FILE, "")
    except ValueError as error:
        raise FetchFailed("wrong_setting", str(error)) from error
    if not base:
        raise FetchFailed("not_fetched", "The address of the Federal Register is empty in LIST_ADDRESSES.")
    page, size = page_at(inspection_address(base))
    found = {each.document_number: each for each in page.documents if each.is_of_bis}
    address = search_address(base, since)
    for _number in range(MOST_PAGES):
        page, more = page_at(address)
        size += more
        for each in page.documents:
            filed = found.get(each.document_number)
            found[each.document_number] = replace(each, inspection_at=filed.inspection_at) if filed else each
        address = page.next_address
        if not address:
            return sorted(found.values(), key=lambda each: (each.published, each.document_number)), size
        check_next(address, base)
    raise FetchFailed(
        "too_many_pages",
        f"The Federal Register gives more than {MOST_PAGES} pages of documents since {since}; not all were read. "
        "Look at federalregister.gov, and at the address in LIST_ADDRESSES.",
    )


def page_at(address: str) -> tuple[Page, int]:
    answer = fetch(address, **settings.LIST_DOWNLOAD)
    if isinstance(answer, NotModified):  # pragma: no cover (it was asked for without validators)
        raise FetchFailed("http_status", "The Federal Register gave no answer. It is asked again at the next check.")
    return read_page(answer.content), answer.size


def check_next(address: str, base: str) -> None:
    """A next page stays on the server that was asked. Raises RefusedFile."""
    if urlsplit(address)[:2] != urlsplit(base)[:2]:
        raise RefusedFile(
            "wrong_layout",
            "The answer of the Federal Register leads to a next page on another server; it was not followed. "
            "Look at federalregister.gov, and at the address in LIST_ADDRESSES.",
        )


def facts_of(document: Document) -> NoticeFacts:
    """What a notice keeps of a document. A bare date is 00:00 in Washington."""
    counts = counts_of(document)
    return NoticeFacts(
        title=document.title,
        lists=lists_named(document),
        citation=document.citation,
        document_number=document.document_number,
        abstract=document.abstract,
        url=document.url if document.url.startswith(("https://", "http://")) else "",
        source="Federal Register",
        inspection_at=moment(document.inspection_at, "time of filing"),
        published_at=moment(document.published, "day of publication"),
        effective_at=moment(document.effective, "effective day"),
        added=counts.added,
        revised=counts.revised,
        removed=counts.removed,
    )
