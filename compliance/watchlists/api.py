"""List versions and what each one changes, read by programs."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers

from compliance.core.api import Needs
from compliance.core.permissions import Permission
from compliance.watchlists.models import DeltaOp, ListDelta, ListVersion, VersionState


class VersionSerializer(serializers.ModelSerializer):
    source = serializers.CharField(source="source.key", read_only=True)  # type: ignore[assignment]
    state = serializers.ChoiceField(source="state_now", choices=VersionState.choices, read_only=True)
    sha256 = serializers.CharField(source="raw_file.sha256", read_only=True)
    reasons = serializers.ListField(child=serializers.CharField(), read_only=True)
    warnings = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text="what the gate noticed and did not hold for"
    )
    problem_counts = serializers.DictField(child=serializers.IntegerField(), read_only=True)

    class Meta:
        model = ListVersion
        fields = (
            "id", "source", "title", "form", "state", "citation", "document_number", "announced_at", "published_at",
            "effective_at", "inspection_at", "savings_cutoff_at", "savings_end_at", "edition", "received_at",
            "activated_at", "entries", "added", "modified", "removed", "cosmetic", "problem_counts", "reasons",
            "warnings", "sha256",
        )  # fmt: skip
        read_only_fields = fields


class EntryTextSerializer(serializers.Serializer):
    """The parts of an entry's text that say who it is and which rule to read."""

    name = serializers.CharField()
    aliases = serializers.ListField(child=serializers.CharField())
    addresses = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    license_requirement = serializers.CharField()
    license_policy = serializers.CharField()
    citation = serializers.CharField()


class DeltaSerializer(serializers.ModelSerializer):
    op = serializers.ChoiceField(choices=DeltaOp.choices, read_only=True)
    entry = serializers.CharField(source="entry.__str__", read_only=True)
    list = serializers.CharField(source="entry.list_code", read_only=True)
    name = serializers.SerializerMethodField()
    before = serializers.SerializerMethodField()
    after = serializers.SerializerMethodField()
    changes = serializers.DictField(read_only=True)
    relation = serializers.CharField(read_only=True, help_text="split_from or merged_into, else empty")
    related = serializers.SerializerMethodField(help_text="the entry it was split from or merged into")

    class Meta:
        model = ListDelta
        fields = ("id", "op", "entry", "list", "name", "before", "after", "changes", "relation", "related")

    def get_name(self, line: ListDelta) -> str:
        text = line.revision or line.before
        return text.name if text else ""

    @extend_schema_field(EntryTextSerializer(allow_null=True))
    def get_before(self, line: ListDelta) -> Any:
        return EntryTextSerializer(line.before.text).data if line.before else None

    @extend_schema_field(EntryTextSerializer(allow_null=True))
    def get_after(self, line: ListDelta) -> Any:
        text = line.revision.text if line.revision else line.text
        return EntryTextSerializer(text).data if text else None

    def get_related(self, line: ListDelta) -> str | None:
        return str(line.related) if line.related else None


class VersionList(generics.ListAPIView):
    """List versions, the last received first; `state` is the one by the clock."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = VersionSerializer
    queryset = ListVersion.objects.select_related("source", "raw_file").defer("raw_file__content_gz", "problems")


class VersionDetail(generics.RetrieveAPIView):
    """One list version."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = VersionSerializer
    queryset = VersionList.queryset


class VersionDelta(generics.ListAPIView):
    """What a version changes: one line for each entry added (ADD), modified (MOD) or removed (DEL).

    COS lines differ in spacing, punctuation, case or damaged letters alone: they change nothing that is screened.
    """

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = DeltaSerializer
    queryset = ListDelta.objects.none()

    @extend_schema(parameters=[OpenApiParameter("op", str, enum=DeltaOp.values)])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[ListDelta]:
        version = generics.get_object_or_404(ListVersion, pk=self.kwargs["pk"])
        lines = version.deltas.select_related("entry", "revision", "before", "related")
        op = self.request.query_params.get("op")
        return lines.filter(op=op) if op else lines
