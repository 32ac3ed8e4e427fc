"""Listed entries as of any instant, read by programs: each source's text, what it means, and names no list prints.

An answer says only whether a party is listed; item, destination, end use and red flags are not in it (15 CFR 732.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.core.api import Needs
from compliance.core.errors import Invalid
from compliance.core.permissions import Permission
from compliance.watchlists import as_of, dated_rules
from compliance.watchlists.as_of import LONG_PARTS, Clocks, SourceText
from compliance.watchlists.eccn import item_code
from compliance.watchlists.effects import LIST_POLICIES, effects_of, footnotes_of
from compliance.watchlists.models import Entry, ListVersion, NameKind, SourceConflict, SupplementaryName
from compliance.watchlists.parsers.base import ListedEntry
from compliance.watchlists.policy import Determination, Quoted, determine
from compliance.watchlists.switches import STATE_LABELS

WHEN = "ISO 8601; without a zone Washington's, a date alone is 00:00 there. Empty: now."
AT = OpenApiParameter("at", str, description=f"in force at this instant. {WHEN}")
KNOWN = OpenApiParameter("known", str, description=f"as it was known at this instant. {WHEN}")


class ListedAddressSerializer(serializers.Serializer):
    text = serializers.CharField()
    country = serializers.CharField()


class CitationSerializer(serializers.Serializer):
    citation = serializers.CharField()
    date = serializers.CharField(help_text="ISO, or empty where none is printed")


class OfficialTextSerializer(serializers.Serializer):
    """An entry as its list prints it, and nothing else."""

    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    weak_aliases = serializers.ListField(child=serializers.CharField())
    addresses = ListedAddressSerializer(many=True)
    kind = serializers.CharField()
    destination = serializers.CharField()
    entity_number = serializers.CharField()
    programs = serializers.ListField(child=serializers.CharField())
    identifiers = serializers.ListField(child=serializers.CharField())
    dates_of_birth = serializers.ListField(child=serializers.CharField())
    nationalities = serializers.ListField(child=serializers.CharField())
    license_requirement = serializers.CharField()
    license_policy = serializers.CharField()
    citation = serializers.CharField()
    start_date = serializers.CharField()
    end_date = serializers.CharField()
    remarks = serializers.CharField()


class EntrySourceSerializer(serializers.Serializer):
    """What one source prints of the entry. The source that leads is believed where they disagree."""

    source = serializers.CharField()  # type: ignore[assignment]
    leads = serializers.BooleanField()
    version = serializers.IntegerField()
    effective_from = serializers.DateTimeField(allow_null=True)
    effective_to = serializers.DateTimeField(allow_null=True)
    text = OfficialTextSerializer()


class EntryEffectSerializer(serializers.Serializer):
    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    sentence = serializers.CharField()
    places_hold = serializers.BooleanField()
    authority = serializers.CharField()


class SupplementaryNameSerializer(serializers.Serializer):
    """A name that no list prints, attached by a named person. Never a part of the official text."""

    text = serializers.CharField()
    kind = serializers.ChoiceField(choices=NameKind.choices)
    source = serializers.CharField()  # type: ignore[assignment]
    source_date = serializers.DateField()
    added_by = serializers.CharField(source="added_by.audit_name")
    added_at = serializers.DateTimeField()


class FootnoteSerializer(serializers.Serializer):
    sign = serializers.CharField()
    text = serializers.CharField(help_text="empty: no loaded version holds it")


class EntryConflictSerializer(serializers.Serializer):
    """Where two sources disagree now."""

    field = serializers.CharField()
    source = serializers.CharField(help_text="the one that does not lead")  # type: ignore[assignment]
    leading_says = serializers.CharField()
    other_says = serializers.CharField()


class ListEntrySerializer(serializers.Serializer):
    """One listed party as it read at `at`, by what was known at `known`."""

    id = serializers.IntegerField()
    entry = serializers.CharField()
    list = serializers.CharField()
    at = serializers.DateTimeField()
    known = serializers.DateTimeField()
    in_force = serializers.BooleanField()
    name = serializers.CharField()
    text = OfficialTextSerializer(allow_null=True, help_text="of the source that leads; null: not in force then")
    citations = CitationSerializer(many=True)
    footnotes = FootnoteSerializer(many=True)
    effects = EntryEffectSerializer(many=True)
    sources = EntrySourceSerializer(many=True)
    supplementary_names = SupplementaryNameSerializer(many=True)


class EntryRevisionSerializer(serializers.Serializer):
    """One text with both intervals: when the law binds, and when this program knew of it."""

    source = serializers.CharField(source="version.source.key")  # type: ignore[assignment]
    version = serializers.IntegerField(source="version_id")
    effective_from = serializers.DateTimeField(allow_null=True)
    effective_to = serializers.DateTimeField(allow_null=True)
    known_from = serializers.DateTimeField(allow_null=True, help_text="null: only proposed")
    known_to = serializers.DateTimeField(allow_null=True, help_text="not null: no longer believed")
    end_known_from = serializers.DateTimeField(allow_null=True)
    text = serializers.SerializerMethodField()

    def get_text(self, row: Any) -> OfficialTextSerializer:
        return OfficialTextSerializer(row.text | row.listed.as_dict()).data  # type: ignore[return-value]


class ListEntryDetailSerializer(ListEntrySerializer):
    conflicts = EntryConflictSerializer(many=True)
    revisions = EntryRevisionSerializer(many=True)


def answer_of(
    entry: Entry, texts: Sequence[SourceText], names: Sequence[SupplementaryName], clocks: Clocks,
    notes: dict[int, dict[str, str]],
) -> dict[str, Any]:  # fmt: skip
    """One entry as ListEntrySerializer takes it. `notes`: stored texts of notes by source and label."""
    leading = texts[0] if texts else None
    listed = leading.listed if leading else None
    signs = footnotes_of(listed) if listed and entry.list_code == "EL" else ()
    stored = notes.get(leading.source.pk, {}) if leading else {}
    return {
        "id": entry.pk, "entry": str(entry), "list": entry.list_code, "at": clocks.at, "known": clocks.known,
        "in_force": bool(texts), "name": listed.name if listed else "", "text": listed.as_dict() if listed else None,
        "citations": [{"citation": text, "date": day} for text, day in citations_of(listed)],
        "footnotes": [{"sign": sign, "text": stored.get(f"footnote {sign}", "")} for sign in signs],
        "effects": effects_of(entry.list_code, listed) if listed else (),
        "sources": [
            {
                "source": text.source.key, "leads": text is leading, "version": text.revision.version_id,
                "effective_from": text.revision.effective_from, "effective_to": text.revision.effective_to,
                "text": text.listed.as_dict(),
            }
            for text in texts
        ],
        "supplementary_names": names,
    }  # fmt: skip


def citations_of(listed: ListedEntry | None) -> Sequence[tuple[str, str]]:
    if listed is None:
        return ()
    return listed.citations or (((listed.citation, ""),) if listed.citation else ())


def notes_then(clocks: Clocks) -> dict[int, dict[str, str]]:
    """The notes of each source's latest version in force at the time, by label. One query."""
    versions = ListVersion.objects.filter(
        state__in=as_of.USED, effective_at__lte=clocks.at, activated_at__lte=clocks.known
    )
    found: dict[int, dict[str, str]] = {}
    for source, notes in versions.exclude(notes=[]).order_by("effective_at", "pk").values_list("source", "notes"):
        found[source] = dict(notes)
    return found


class ListEntries(generics.ListAPIView):
    """Entries in force at an instant, as it was known at another; the youngest identity first.

    Supplementary names stand apart from the official text: no list prints them. 422 for a time that can't be read.
    """

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = ListEntrySerializer
    queryset = Entry.objects.none()

    @extend_schema(
        parameters=[
            AT,
            KNOWN,
            OpenApiParameter("list", str, enum=list(LIST_POLICIES)),
            OpenApiParameter("q", str, description="words in a name, an alias or a supplementary name"),
            OpenApiParameter("source", str, description="the key of a source that prints the entry, such as ecfr744"),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        given = request.query_params
        clocks = as_of.clocks_of(given.get("at"), given.get("known"))
        code = given.get("list", "")
        if code and code not in LIST_POLICIES:
            raise Invalid(f"There is no list “{code}”. Known: {', '.join(LIST_POLICIES)}.")
        found = as_of.in_force_then(
            clocks, list_code=code, words=given.get("q", "").strip()[:200], source=given.get("source", "")
        )
        page: list[Entry] = self.paginate_queryset(Entry.objects.filter(pk__in=found.values("entry"))) or []
        ids = [entry.pk for entry in page]
        texts, names = as_of.texts_then(ids, clocks), as_of.names_of(ids, clocks)
        notes = notes_then(clocks)
        answers = [answer_of(entry, texts.get(entry.pk, ()), names.get(entry.pk, ()), clocks, notes) for entry in page]
        return self.get_paginated_response(ListEntrySerializer(answers, many=True).data)


class ListEntryDetail(generics.GenericAPIView):
    """One entry as it read then, with every text it had and where its sources disagree now."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    queryset: QuerySet[Entry] = Entry.objects.all()

    @extend_schema(parameters=[AT, KNOWN], responses=ListEntryDetailSerializer)
    def get(self, request: Request, pk: int) -> Response:
        entry = generics.get_object_or_404(Entry, pk=pk)
        clocks = as_of.clocks_of(request.query_params.get("at"), request.query_params.get("known"))
        texts = as_of.texts_then([pk], clocks).get(pk, ())
        answer = answer_of(entry, texts, as_of.names_of([pk], clocks).get(pk, ()), clocks, notes_then(clocks))
        conflicts = SourceConflict.objects.filter(entry=entry).select_related("other__version__source")
        answer["conflicts"] = [
            {
                "field": row.field, "source": row.other.version.source.key, "leading_says": row.leading_says,
                "other_says": row.other_says,
            }
            for row in conflicts
        ]  # fmt: skip
        revisions = entry.revisions.select_related("version__source").defer(*LONG_PARTS)
        answer["revisions"] = revisions.order_by("effective_from", "pk")
        return Response(ListEntryDetailSerializer(answer).data)


# --- one item on one day ---------------------------------------------------------------------------------------------


class QuotedSerializer(serializers.Serializer):
    text = serializers.CharField()
    citation = serializers.CharField()
    note = serializers.CharField(help_text="on what it depends, for a clause that may not apply")


class ReachSerializer(serializers.Serializer):
    sign = serializers.CharField()
    sections = serializers.CharField()
    sentence = serializers.CharField()


class SwitchSerializer(serializers.Serializer):
    """A rule that is on for a time, as it stands on the day. `confirmed` false: nobody recorded what followed."""

    key = serializers.CharField(source="switch.key")
    title = serializers.CharField(source="switch.title")
    state = serializers.ChoiceField(choices=list(STATE_LABELS.items()))
    binds = serializers.BooleanField()
    confirmed = serializers.BooleanField()
    citation = serializers.CharField()
    sentence = serializers.CharField()


class DeterminationSerializer(serializers.Serializer):
    """What the entry means for an item on a day, by the text in force that day. It is never a permission."""

    entry = serializers.CharField()
    list = serializers.CharField()
    item = serializers.CharField()
    day = serializers.DateField()
    in_force = serializers.BooleanField(help_text="false: no text was in force that day, by what is stored")
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    version = serializers.IntegerField(allow_null=True)
    turns = serializers.ListField(child=serializers.DateTimeField(), help_text="when the text changed inside the day")
    requirement = serializers.CharField(allow_null=True)
    policy = serializers.CharField(allow_null=True)
    to_read = serializers.BooleanField(help_text="true: a person has to read the entry before the answer is whole")
    governing = QuotedSerializer(many=True)
    conditional = QuotedSerializer(many=True)
    left_over = serializers.ListField(child=serializers.CharField())
    exceptions = serializers.ListField(child=serializers.CharField())
    reach = ReachSerializer(many=True)
    effects = EntryEffectSerializer(many=True)
    citations = serializers.ListField(child=serializers.CharField())
    notes = serializers.ListField(child=serializers.CharField())
    switches = SwitchSerializer(many=True)


class EntryDetermination(APIView):
    """One item on one day, answered with quoted and cited clauses. 422 for an item or day that can't be read."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ

    @extend_schema(
        parameters=[
            OpenApiParameter("item", str, required=True, description="an ECCN such as 5A992.c, or EAR99"),
            OpenApiParameter("day", str, description="ISO date; empty: today in Washington"),
        ],
        responses=DeterminationSerializer,
    )
    def get(self, request: Request, pk: int) -> Response:
        entry = generics.get_object_or_404(Entry, pk=pk)
        item, day = asked_item(request.query_params.get("item", "")), asked_day(request.query_params.get("day", ""))
        then = as_of.on_day(entry, day)
        text = then.leading
        found = determine(text.listed, item, day) if text else None
        answer = {
            "entry": str(entry), "list": entry.list_code, "item": item, "day": day, "in_force": text is not None,
            "source": text.source.key if text else None, "version": text.revision.version_id if text else None,
            "turns": then.turns, **parts_of(found, as_of.later_words(as_of.later_notices(entry, then))),
            "switches": dated_rules.touching(text.listed, day) if text else [],
        }  # fmt: skip
        return Response(DeterminationSerializer(answer).data)


def asked_item(text: str) -> str:
    code = item_code(text)
    if not code:
        raise Invalid(f"“{text.strip()[:40]}” is neither an ECCN, such as 5A992.c, nor EAR99. Classify the item first.")
    return code


def asked_day(text: str) -> date:
    if not text:
        return timezone.localdate()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"The day “{text[:40]}” is not ISO 8601. Write it like 2019-10-15.") from None


def parts_of(found: Determination | None, later: str = "") -> dict[str, Any]:
    """A determination's own parts; all empty when nothing was in force."""
    if found is None:
        lists = ("governing", "conditional", "left_over", "exceptions", "reach", "effects", "citations", "notes")
        return {"requirement": None, "policy": None, "to_read": True, **dict.fromkeys(lists, ())}
    return {
        "requirement": found.requirement, "policy": found.policy, "to_read": found.to_read or bool(later),
        "governing": quotes(found.governing), "conditional": quotes(found.conditional),
        "left_over": found.left_over, "exceptions": found.exceptions, "reach": found.reach, "effects": found.effects,
        "citations": found.citations, "notes": [*filter(None, [later]), *found.notes],
    }  # fmt: skip


def quotes(rows: Sequence[Quoted]) -> list[dict[str, str]]:
    return [{"text": row.text, "citation": row.citation, "note": row.note} for row in rows]
