"""The trail, read by programs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers

from compliance.audit.models import AuditEvent
from compliance.audit.querysets import FILTERS, AuditEventQuerySet
from compliance.core.api import CursorPages, Needs
from compliance.core.permissions import Permission


class EventSerializer(serializers.ModelSerializer):
    sentence = serializers.CharField(read_only=True)
    mentions = serializers.ListField(child=serializers.ListField(child=serializers.CharField()), read_only=True)
    data = serializers.DictField(read_only=True)  # type: ignore[assignment]

    class Meta:
        model = AuditEvent
        fields = (
            "seq", "format", "action", "sentence", "actor_id", "actor_name", "subject_type", "subject_id",
            "subject_label", "mentions", "data", "occurred_at", "effective_at", "recorded_at", "prev_hash", "hash",
        )  # fmt: skip
        read_only_fields = fields


class NewestFirst(CursorPages):
    ordering = "-seq"


class EventList(generics.ListAPIView):
    """Events, newest first. Reading them does not verify the chain: export them, or run `manage.py verify_audit`."""

    permission_classes = (Needs,)
    permission = Permission.AUDIT_READ
    serializer_class = EventSerializer
    pagination_class = NewestFirst
    queryset = AuditEvent.objects.none()

    @extend_schema(parameters=[OpenApiParameter(name, str) for name in FILTERS])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> AuditEventQuerySet:
        given = {name: self.request.query_params[name] for name in FILTERS if name in self.request.query_params}
        return AuditEvent.objects.matching(given)


class EventDetail(generics.RetrieveAPIView):
    """One event by its sequence."""

    permission_classes = (Needs,)
    permission = Permission.AUDIT_READ
    serializer_class = EventSerializer
    queryset = AuditEvent.objects.all()
    lookup_field = "seq"
