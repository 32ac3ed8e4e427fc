"""Record an event, as the last step of the transaction that makes it true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Protocol

from django.db import connection, models, transaction
from django.utils import timezone

from compliance.audit import chain, export, triggers
from compliance.audit.events import CATALOGUE
from compliance.audit.models import AuditEvent, AuditMention, ChainHead, with_times_as_text
from compliance.core.permissions import Permission, check_permission

VERIFY_CHUNK = 2000
HOLDS = "it holds"


class Actor(Protocol):
    """Who acts: a person, or the system under its own name."""

    pk: Any

    @property
    def audit_name(self) -> str: ...


def record(
    action: str,
    *,
    subject: models.Model,
    actor: Actor,
    data: Mapping[str, Any] | None = None,
    mentions: Iterable[models.Model] = (),
    occurred_at: datetime | None = None,
    effective_at: datetime | None = None,
) -> AuditEvent:
    """Append one event to the chain, in the caller's transaction.

    `data` must hold exactly the fields that the catalogue names for `action`, as text, integers, lists and dicts.
    `mentions` are further things in whose trail the event shows. Raises ValueError or TypeError on a wrong call,
    and RuntimeError outside a transaction, since an event that outlives its change would be a lie.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("audit.record needs the transaction of the change it records")
    facts = dict(data or {})
    if set(facts) != set(CATALOGUE[action].fields):
        raise ValueError(f"{action} carries {CATALOGUE[action].fields}, got {tuple(facts)}")
    chain.check_plain(facts)
    ChainHead.objects.get_or_create(pk=1)
    head = ChainHead.objects.select_for_update().get(pk=1)
    now = timezone.now()  # under the lock, so that times rise with the sequence
    named = sorted({label_and_id(thing) for thing in (subject, *mentions)})
    event = AuditEvent(
        seq=head.seq + 1,
        prev_hash=head.hash,
        action=action,
        actor_id=str(actor.pk),
        actor_name=actor.audit_name[:160],
        subject_type=subject._meta.model_name or "",
        subject_id=str(subject.pk),
        subject_label=str(subject)[:400],
        mentions=[list(pair) for pair in named],
        data=facts,
        occurred_at=occurred_at or now,
        effective_at=effective_at,
        recorded_at=now,
    )
    event.hash = chain.event_hash(event.as_dict())
    event.save(force_insert=True)
    AuditMention.objects.bulk_create(
        [AuditMention(event=event, subject_type=kind, subject_id=pk) for kind, pk in named]
    )
    head.seq, head.hash = event.seq, event.hash
    head.save(update_fields=["seq", "hash"])
    return event


def label_and_id(thing: models.Model) -> tuple[str, str]:
    """How the trail names a thing: its model's name and its id as text."""
    return thing._meta.model_name or "", str(thing.pk)


def about(thing: models.Model) -> models.QuerySet[AuditEvent]:
    """Every event in whose trail this thing stands, oldest first."""
    return AuditEvent.objects.about(thing).order_by("seq")


def head_of_chain() -> ChainHead:
    """The last event's sequence and hash, as committed now."""
    return ChainHead.objects.filter(pk=1).first() or ChainHead(pk=1)


def stored_events(
    after_seq: int | None = None, *, up_to: int, filters: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """The stored trail in order, in the form that is hashed and exported; read in chunks."""
    chosen = AuditEvent.objects.filter(seq__lte=up_to).matching(filters or {}).order_by("seq")
    rows = chosen.values(*chain.FIELDS, "hash")
    while True:
        chunk = list(rows[:VERIFY_CHUNK] if after_seq is None else rows.filter(seq__gt=after_seq)[:VERIFY_CHUNK])
        for row in chunk:
            yield with_times_as_text(row)
        if len(chunk) < VERIFY_CHUNK:
            return
        after_seq = chunk[-1]["seq"]


# --- verification ----------------------------------------------------------------------------------------------------


def verify_database() -> chain.Verdict:
    """Recompute the stored chain up to the head as it was when this began. Takes no lock: writers go on.

    Also found: events behind the recorded head, and mentions that are not those of the hashed event.
    """
    newest = AuditEvent.objects.order_by("-seq").values_list("seq", flat=True).first() or 0
    head = head_of_chain()  # read after the newest event: a writer commits both together
    astray: list[chain.Break] = []
    verdict = chain.verify(with_mentions_checked(head.seq, astray), head_seq=head.seq, head_hash=head.hash)
    if verdict.broken is None and astray:
        return replace(verdict, broken=astray[0])
    if verdict.broken is None and newest > head.seq:
        behind = chain.Break(head.seq + 1, f"events up to {newest} are stored behind the recorded head {head.seq}")
        return replace(verdict, broken=behind)
    return verdict


def with_mentions_checked(up_to: int, astray: list[chain.Break]) -> Iterator[dict[str, Any]]:
    """The stored events as plain values; the first one whose stored mentions differ is put into `astray`."""
    for chunk in batched(stored_events(up_to=up_to), VERIFY_CHUNK):
        stored: dict[int, list[list[str]]] = {}
        rows = AuditMention.objects.filter(event__gte=chunk[0]["seq"], event__lte=chunk[-1]["seq"])
        for seq, kind, pk in rows.values_list("event_id", "subject_type", "subject_id"):
            stored.setdefault(seq, []).append([kind, pk])
        for event in chunk:
            if not astray and sorted(stored.get(event["seq"], [])) != sorted(event["mentions"]):
                sentence = f"event {event['seq']} does not stand in the trails of the things it names"
                astray.append(chain.Break(event["seq"], sentence))
            yield event


def batched(events: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    source = iter(events)
    while chunk := list(islice(source, size)):
        yield chunk


def verify_and_record(*, actor: Any) -> chain.Verdict:
    """Verify the stored chain and the triggers, and keep what came of it as an event. Raises NotAllowed.

    The chain is read outside any transaction; a million events take about 40 s of one core.
    """
    check_permission(actor, Permission.AUDIT_READ)
    verdict = verify_database()
    gone = triggers.missing(connection)
    if verdict.broken is None and gone:
        sentence = f"the append-only triggers are missing: {', '.join(gone)}"
        verdict = replace(verdict, broken=chain.Break(verdict.head_seq, sentence))
    result = f"broken: {verdict.broken.sentence}" if verdict.broken else HOLDS
    data = {"result": result, "count": verdict.count, "head_seq": verdict.head_seq}
    with transaction.atomic():
        record("audit.verified", subject=actor, actor=actor, data=data)
    return verdict


# --- export ----------------------------------------------------------------------------------------------------------


def export_trail(*, filters: Mapping[str, str], actor: Any) -> export.Export:
    """The events that pass the filters (AuditEventQuerySet.matching), with their manifest; recorded as an event.

    The head is fixed first, and the events are read up to it without a lock, since they can't change; so writers
    wait for nothing, however long the trail. The export's own event comes after that head and carries the SHA-256
    of the manifest. Nothing is handed out before it is committed. Raises NotAllowed, and Invalid for a bad filter.
    """
    check_permission(actor, Permission.AUDIT_EXPORT)
    wanted = {name: value for name, value in filters.items() if value}
    head = head_of_chain()
    made = export.build(
        stored_events(up_to=head.seq, filters=wanted),
        filters=wanted, head_seq=head.seq, head_hash=head.hash,
        made_at=chain.utc_text(timezone.now()) or "", made_by=actor.audit_name,
    )  # fmt: skip
    manifest = made.manifest
    data = {name: manifest[name] for name in ("filter", "count", "first_seq", "last_seq", "head_seq", "head_hash")}
    with transaction.atomic():
        record("audit.exported", subject=actor, actor=actor, data={**data, "manifest_sha256": made.manifest_sha256})
    return made
