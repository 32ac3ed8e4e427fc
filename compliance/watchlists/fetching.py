"""Fetch a source from its official address and take in what came: once, whole, or not at all.

Downloading and reading happen outside any transaction; version, attempt and validators are kept in one. A failed
check leaves what is in force as it is, and the time of the last good check too.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from compliance.accounts.models import User
from compliance.core.errors import ComplianceError
from compliance.jobs import services as jobs
from compliance.watchlists import attempts
from compliance.watchlists import services as lists
from compliance.watchlists.fetch import Fetched, FetchFailed, NotModified, fetch, fetch_all
from compliance.watchlists.models import FetchAttempt, FetchOutcome, ListSource, ListVersion, VersionState
from compliance.watchlists.parsers import parse, unpack
from compliance.watchlists.parsers.base import ParsedList, RefusedFile
from compliance.watchlists.parsers.bundle import pack
from compliance.watchlists.sources import Source, addresses_of, filled, index_of

FETCH = "lists.fetch"  # the job; its key is the key of the source
DATED = "{date}"  # an address with the edition's date in it never changes its content


@dataclass(frozen=True)
class Download:
    """What a source sent, read. `parsed` is None and `refusal` says why when the file is no list.

    `validators`: by file name, entity tag, time of the last change, and the address, for `marked`.
    """

    content: bytes
    sha256: str
    size: int
    filename: str
    parsed: ParsedList | None
    refusal: str
    validators: Mapping[str, tuple[str, str, str]]


@dataclass(frozen=True)
class Held:
    """The version of the whole file that was received last: its hash, and whether it was refused, or waits held."""

    version_id: int = 0
    sha256: str = ""
    is_refused: bool = False
    is_held: bool = False


def fetch_source(key: str, context: jobs.JobContext) -> dict[str, Any]:
    """Look at a source now and keep what came of it. Returns the attempt's facts for the job's result."""
    source = lists.facts_of(key)
    attempt = attempts.begin(source, context)
    if attempt is None:
        return {"note": f"{source.title} is being fetched already"}
    held = last_whole(attempt.source_id)
    known = usable(attempt.source.validators, held)
    try:
        got = attempts.kept_alive(lambda: download(source, known, held.sha256), context)
    except FetchFailed as failure:
        return attempts.fail(attempt, context, failure.code, failure.sentence)
    except RefusedFile as refusal:  # an index page that changed, or files that make no bundle
        return attempts.fail(attempt, context, refusal.code, refusal.message)
    try:
        with attempts.closing(attempt, context) as (row, stored):
            return not_changed(row, stored) if got is None else take_in(row, stored, source, got)
    except ComplianceError as error:
        return attempts.fail(attempt, context, "not_taken_in", error.sentence)


# --- downloading and reading: no database ----------------------------------------------------------------------------


def download(source: Source, known: Mapping[str, list[str]], held_sha256: str) -> Download | None:
    """The files of a source as one, read; None when the source says that nothing changed.

    `known`: the validators of the file received last, whose hash is `held_sha256`. Raises FetchFailed, RefusedFile.
    """
    addresses, is_dated = resolved(source)
    marks = {name: marked(address, held_sha256) for name, address in addresses.items()}
    same = {name: known[name] for name, mark in marks.items() if name in known and known[name][2] == mark}
    if is_dated and len(same) == len(addresses):
        return None
    answer = fetch_all(addresses, {name: (row[0], row[1]) for name, row in same.items()}, **settings.LIST_DOWNLOAD)
    if isinstance(answer, NotModified):
        return None
    return read(source, answer)


def resolved(source: Source) -> tuple[dict[str, str], bool]:
    """The addresses with their placeholders filled, and whether each names its edition. Raises FetchFailed."""
    try:
        addresses = addresses_of(source, settings.LIST_ADDRESSES)
        index = index_of(source, settings.LIST_ADDRESSES)
    except ValueError as error:
        raise FetchFailed("wrong_setting", str(error)) from error
    if not addresses:
        raise FetchFailed(
            "not_fetched",
            f"{source.title} has no address to fetch it from: load its file by hand, or set LIST_ADDRESSES.",
        )
    is_dated = all(DATED in address for address in addresses.values())
    if index:
        page = fetch(index, **settings.LIST_DOWNLOAD)
        if isinstance(page, NotModified):  # pragma: no cover (it was asked for without validators)
            raise FetchFailed("http_status", f"The index page of {source.title} gave no answer. Try again later.")
        addresses = filled(source, addresses, page.content, index)
    return addresses, is_dated


def read(source: Source, files: Mapping[str, Fetched]) -> Download:
    """The downloaded files as one file, parsed. Raises RefusedFile when they make no bundle."""
    first = next(iter(files.values()))
    if len(files) > 1:
        data, filename = pack({name: each.content for name, each in files.items()}), f"{source.key}.zip"
    else:
        data, filename = first.content, urlsplit(first.address).path.rpartition("/")[2] or source.key
    content, parsed, refusal = data, None, ""
    try:
        content = unpack(data)
        parsed = parse(source.parser, content, filename)
        if foreign := sorted(set(parsed.list_counts) - set(source.lists)):
            refusal = (
                f"The file has entries of {', '.join(foreign)}, which {source.title} doesn't carry. "
                "Check the address in LIST_ADDRESSES."
            )
    except RefusedFile as error:
        refusal = error.message
    return Download(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        size=sum(each.size for each in files.values()),
        filename=filename,
        parsed=None if refusal else parsed,
        refusal=refusal,
        validators={name: (each.etag, each.last_modified, each.address) for name, each in files.items()},
    )


def marked(address: str, sha256: str) -> str:
    """What ties validators to their address and to the file they came with; the address itself is not kept."""
    return hashlib.sha256(f"{address}\n{sha256}".encode()).hexdigest()[:32]


def usable(stored: Any, held: Held) -> dict[str, list[str]]:
    """The validators that may be sent: none after a file that was refused, so that it is asked for again."""
    return {} if held.is_refused or not isinstance(stored, dict) else stored


# --- keeping: in one transaction -------------------------------------------------------------------------------------


def last_whole(source_id: int) -> Held:
    """The whole file received last. Rules loaded on top of it say nothing about what the source gives."""
    rows = ListVersion.objects.filter(source=source_id, form="whole").order_by("-pk")
    found = rows.values_list("pk", "raw_file__sha256", "state").first()
    if found is None:
        return Held()
    return Held(found[0], found[1], found[2] == VersionState.REFUSED, found[2] == VersionState.HELD)


def not_changed(attempt: FetchAttempt, source: ListSource) -> dict[str, Any]:
    """The source gives what it gave. Where that is held, what we use is as old as before."""
    if not last_whole(source.pk).is_held:
        source.checked_at = timezone.now()
        source.save(update_fields=["checked_at"])
    return attempts.close(attempt, FetchOutcome.UNCHANGED, "The source says that nothing changed.")


def take_in(attempt: FetchAttempt, source: ListSource, facts: Source, got: Download) -> dict[str, Any]:
    """Keep a downloaded file: as a new version, as no change, or as refused (the same bad file only once)."""
    held, fetched_at = last_whole(source.pk), timezone.now()
    is_equal = held.sha256 == got.sha256
    if got.parsed and is_equal and not held.is_refused:
        keep_validators(source, got, checked_at=source.checked_at if held.is_held else fetched_at)
        return attempts.close(attempt, FetchOutcome.UNCHANGED, "The file is equal to the one before.", size=got.size)
    with transaction.atomic():
        loaded = lists.store(
            parser=facts.parser, source=source, content=got.content, sha256=got.sha256, filename=got.filename,
            parsed=got.parsed, refusal=got.refusal, times=lists.Times(), actor=User.objects.system(),
            fetched_at=fetched_at, activate_now=settings.LIST_AUTO_ACTIVATE, is_fetched=True,
        )  # fmt: skip
        again = loaded.state == VersionState.REFUSED and is_equal and held.is_refused
        if again:
            transaction.set_rollback(True)  # the same bad file was kept already
    if loaded.state == VersionState.REFUSED:
        ListSource.objects.filter(pk=source.pk).update(validators={}, checked_at=source.checked_at)
        version = ListVersion.objects.get(pk=held.version_id) if again else loaded.version
        return attempts.close(
            attempt, FetchOutcome.REFUSED, loaded.sentence, code="refused", size=got.size, version=version
        )
    is_held = loaded.version is not None and loaded.version.state == VersionState.HELD
    keep_validators(source, got, checked_at=source.checked_at if is_held else fetched_at)
    outcome = FetchOutcome.UNCHANGED if loaded.state == "unchanged" else FetchOutcome.NEW
    code = "held" if is_held else ""
    return attempts.close(attempt, outcome, loaded.sentence, code=code, size=got.size, version=loaded.version)


def keep_validators(source: ListSource, got: Download, *, checked_at: Any) -> None:
    validators = {
        name: [etag, modified, marked(address, got.sha256)]
        for name, (etag, modified, address) in got.validators.items()
    }
    ListSource.objects.filter(pk=source.pk).update(validators=validators, checked_at=checked_at)
