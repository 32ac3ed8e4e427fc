"""Answers that draw on several apps: counterparties with their screening status, and one name screened now.

An answer says only whether a party is listed; item, destination, end use and red flags are not in it (15 CFR 732.3).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.core.api import Needs
from compliance.core.permissions import Permission
from compliance.counterparties import services as counterparties
from compliance.counterparties.importer import COUNTRIES, LIMITS
from compliance.counterparties.models import Counterparty, NameKind, Relation
from compliance.desk.impact import impact_preview
from compliance.desk.status import ORDER, statuses
from compliance.runs import previews
from compliance.runs import services as runs
from compliance.watchlists.health import stale_sources
from compliance.watchlists.models import ListVersion
from screening.explain import sentences

COVERS = "party screening only"


class OtherNameSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=LIMITS["name"])
    kind = serializers.ChoiceField(choices=NameKind.choices, default=NameKind.TRADING)


class AddressSerializer(serializers.Serializer):
    text = serializers.CharField(max_length=LIMITS["address"])
    country = serializers.CharField(max_length=2, default="", allow_blank=True)


class IdentifierSerializer(serializers.Serializer):
    kind = serializers.CharField(max_length=40)
    value = serializers.CharField(max_length=200)


class StaleSourceSerializer(serializers.Serializer):
    """A source that was not checked within its period: what it lists may have changed."""

    key = serializers.CharField()
    title = serializers.CharField()
    checked_at = serializers.DateTimeField(allow_null=True)
    sentence = serializers.CharField()


class StatusSerializer(serializers.Serializer):
    """One of eight values, with what else holds. It covers the party alone."""

    status = serializers.ChoiceField(source="value", choices=[(value, value) for value in ORDER])
    others = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()
    binds_from = serializers.DateTimeField(allow_null=True)
    screened_at = serializers.DateTimeField(allow_null=True)
    stale_sources = serializers.SerializerMethodField()
    covers = serializers.SerializerMethodField()

    @extend_schema_field(StaleSourceSerializer(many=True))
    def get_stale_sources(self, _status: Any) -> Any:
        return StaleSourceSerializer(self.context["stale"], many=True).data

    def get_covers(self, _status: Any) -> str:
        return COVERS


class CounterpartyFactsSerializer(serializers.Serializer):
    """What a program may write; the external id is in the address."""

    name = serializers.CharField(max_length=LIMITS["name"])
    other_names = OtherNameSerializer(many=True, default=list, max_length=100)  # type: ignore[call-arg]
    addresses = AddressSerializer(many=True, default=list, max_length=100)  # type: ignore[call-arg]
    identifiers = IdentifierSerializer(many=True, default=list, max_length=100)  # type: ignore[call-arg]
    country = serializers.CharField(max_length=2, default="", allow_blank=True)
    relation = serializers.ChoiceField(choices=Relation.choices, default=Relation.OTHER)

    def validate_country(self, value: str) -> str:
        return value.upper()

    def validate_addresses(self, rows: list[dict[str, str]]) -> list[dict[str, str]]:
        rows = [{**row, "country": row["country"].upper()} for row in rows]
        for row in rows:
            if row["country"] and row["country"] not in COUNTRIES:
                raise serializers.ValidationError(f"“{row['country']}” is not an ISO 3166 two-letter country code.")
        return rows

    @property
    def values(self) -> dict[str, Any]:
        """The record's values as the services take them: plain dicts and lists."""
        data = self.validated_data
        lines = {name: [dict(row) for row in data[name]] for name in ("other_names", "addresses", "identifiers")}
        return {"name": data["name"], "country": data["country"], "relation": str(data["relation"]), **lines}


class CounterpartySerializer(serializers.ModelSerializer):
    other_names = OtherNameSerializer(many=True, read_only=True)
    addresses = AddressSerializer(many=True, read_only=True)
    identifiers = IdentifierSerializer(many=True, read_only=True)
    relation = serializers.ChoiceField(choices=Relation.choices, read_only=True)
    screening = serializers.SerializerMethodField()

    class Meta:
        model = Counterparty
        fields = (
            "id", "external_id", "name", "other_names", "addresses", "identifiers", "country", "relation", "revision",
            "created_at", "updated_at", "screening",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(StatusSerializer)
    def get_screening(self, party: Counterparty) -> Any:
        return StatusSerializer(self.context["statuses"][party.pk], context=self.context).data


def with_status(parties: Sequence[Counterparty]) -> dict[str, Any]:
    """What the serializer needs beside the rows: all statuses in a constant number of queries."""
    return {"statuses": statuses(parties), "stale": stale_sources()}


class CounterpartyList(generics.ListAPIView):
    """Counterparties with their screening status, the youngest first."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = CounterpartySerializer
    queryset = Counterparty.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("search", str, description="words in a name, address or number"),
            OpenApiParameter("external_id", str),
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        return self.get_paginated_response(CounterpartySerializer(page, many=True, context=with_status(page)).data)

    def get_queryset(self) -> QuerySet[Counterparty]:
        user: Any = self.request.user
        rows = Counterparty.objects.visible_to(user)
        given = self.request.query_params
        if given.get("external_id"):
            rows = rows.filter(external_id=given["external_id"])
        return rows.found_by(given["search"]) if given.get("search") else rows


class CounterpartyDetail(APIView):
    """One counterparty by the id that the company's own system gave it."""

    permission_classes = (Needs,)
    permissions_by_method = {"PUT": Permission.COUNTERPARTY_EDIT}

    @extend_schema(responses=CounterpartySerializer)
    def get(self, request: Request, external_id: str) -> Response:
        user: Any = request.user
        party = generics.get_object_or_404(Counterparty.objects.visible_to(user), external_id=external_id)
        return Response(CounterpartySerializer(party, context=with_status([party])).data)

    @extend_schema(
        request=CounterpartyFactsSerializer, responses={200: CounterpartySerializer, 201: CounterpartySerializer}
    )
    def put(self, request: Request, external_id: str) -> Response:
        """Create or replace the record. A change of what is screened makes it due again: it is stale until screened."""
        user: Any = request.user
        sent = CounterpartyFactsSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        counterparties.check_values(external_id, sent.values)
        party, outcome = counterparties.save(external_id=external_id, values=sent.values, actor=user)
        code = status.HTTP_201_CREATED if outcome == "created" else status.HTTP_200_OK
        return Response(CounterpartySerializer(party, context=with_status([party])).data, status=code)


class AskSerializer(serializers.Serializer):
    name = serializers.CharField(max_length=LIMITS["name"])
    country = serializers.CharField(max_length=2, required=False, default="", allow_blank=True)
    address = serializers.CharField(max_length=1000, required=False, default="", allow_blank=True)

    def validate_country(self, value: str) -> str:
        if value and value.upper() not in COUNTRIES:
            raise serializers.ValidationError("Not an ISO 3166 two-letter country code, such as CN.")
        return value.upper()


class FoundEntrySerializer(serializers.Serializer):
    id = serializers.CharField()
    list = serializers.CharField()
    name = serializers.CharField()


class PartOfScoreSerializer(serializers.Serializer):
    feature = serializers.CharField()
    query = serializers.CharField()
    listed = serializers.CharField()
    score = serializers.FloatField()
    weight = serializers.FloatField()


class FoundSerializer(serializers.Serializer):
    score = serializers.FloatField(help_text="0.0 to 1.0")
    band = serializers.CharField()
    entry = FoundEntrySerializer()
    evidence = PartOfScoreSerializer(many=True)
    sentences = serializers.ListField(child=serializers.CharField())


class ScreenSerializer(serializers.Serializer):
    """Possible matches: questions for a person. None found means only that no listed name was found."""

    screenable = serializers.BooleanField(help_text="false: nothing in the name could be screened")
    matches = FoundSerializer(many=True)
    stale_sources = StaleSourceSerializer(many=True, help_text="sources not checked in time")
    covers = serializers.CharField()
    recorded = serializers.BooleanField(help_text="always false: nothing of this is kept")


class ScreenName(APIView):
    """Screen one name against everything in force or coming. Nothing is recorded, so it proves nothing later."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ

    @extend_schema(request=AskSerializer, responses=ScreenSerializer)
    def post(self, request: Request) -> Response:
        user: Any = request.user
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        screened = runs.screen_name(actor=user, **asked.validated_data)
        entries = runs.entry_names([int(match.entry_id) for match in screened.matches])
        found = []
        for match in screened.matches:
            entry, revision = entries[int(match.entry_id)]
            found.append(
                {
                    "score": match.score, "band": match.band, "evidence": match.evidence,
                    "entry": {"id": str(entry), "list": entry.list_code, "name": revision.name},
                    "sentences": sentences(match),
                }
            )  # fmt: skip
        answer = {
            "screenable": screened.screenable, "matches": found, "stale_sources": stale_sources(), "covers": COVERS,
            "recorded": False,
        }  # fmt: skip
        return Response(ScreenSerializer(answer).data)


IMPACT_STATES = ("not_asked", "waiting", "running", "interrupted", "failed", "done")


class ImpactSerializer(serializers.Serializer):
    """What a version would touch. `parties`, `strong` and `failed` are counted up to `percent`; the rest is now."""

    state = serializers.ChoiceField(choices=[(state, state) for state in IMPACT_STATES], help_text="of the count")
    parties = serializers.IntegerField(help_text="counterparties with a possible match")
    strong = serializers.IntegerField(help_text="those with one in the strong band")
    failed = serializers.IntegerField(help_text="counterparties that could not be screened")
    open_cases = serializers.IntegerField(help_text="of those counterparties, or on an entry revised or removed")
    holds = serializers.IntegerField(help_text="standing, likewise")
    license_requests = serializers.IntegerField(help_text="not ended, likewise")
    entries_removed_with_holds = serializers.IntegerField()
    is_partial = serializers.BooleanField(help_text="true: cases, holds and requests are a lower bound")
    is_stale = serializers.BooleanField(help_text="true: the version was planned again after the count")
    percent = serializers.IntegerField()
    screened = serializers.IntegerField()
    counterparties = serializers.IntegerField()
    entries = serializers.IntegerField(help_text="texts they were screened against")
    finished_at = serializers.DateTimeField(allow_null=True)


class VersionImpact(APIView):
    """What a list version would touch, counted without changing anything. Managers ask for the count on its page.

    409 for a version that is refused or binds: what that touched is in its run and in the cases.
    """

    permission_classes = (Needs,)
    permission = Permission.DESK_READ

    @extend_schema(responses=ImpactSerializer)
    def get(self, request: Request, pk: int) -> Response:
        version = generics.get_object_or_404(ListVersion.objects.defer("problems"), pk=pk)
        previews.check_can_preview(version)
        return Response(ImpactSerializer(impact_preview(version)).data)
