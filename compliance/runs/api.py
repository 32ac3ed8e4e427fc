"""Screening runs: read, and start a full one."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from compliance.core.api import Needs
from compliance.core.permissions import Permission
from compliance.runs import services
from compliance.runs.models import RunState, ScreeningRun, Trigger


class RunSerializer(serializers.ModelSerializer):
    trigger = serializers.ChoiceField(choices=Trigger.choices, read_only=True)
    state = serializers.ChoiceField(choices=RunState.choices, read_only=True, help_text="where the run is")
    version: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)
    percent = serializers.IntegerField(read_only=True)

    class Meta:
        model = ScreeningRun
        fields = (
            "id", "trigger", "version", "state", "reason", "engine_version", "fingerprint", "entries", "counterparties",
            "screened", "percent", "matches_found", "withdrawn", "not_screenable", "failed", "requested_by",
            "created_at", "started_at", "finished_at",
        )  # fmt: skip
        read_only_fields = fields


class StartSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=300)


class RunList(generics.ListAPIView):
    """Runs, the youngest first; POST starts one over every counterparty and every entry."""

    permission_classes = (Needs,)
    permissions_by_method = {"POST": Permission.RUN_START}
    serializer_class = RunSerializer
    queryset = ScreeningRun.objects.all()

    @extend_schema(request=StartSerializer, responses={202: RunSerializer})
    def post(self, request: Request) -> Response:
        sent = StartSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user: Any = request.user
        run = services.start_full(actor=user, **sent.validated_data)
        return Response(RunSerializer(run).data, status=status.HTTP_202_ACCEPTED)


class RunDetail(generics.RetrieveAPIView):
    """One run with its progress."""

    permission_classes = (Needs,)
    serializer_class = RunSerializer
    queryset = ScreeningRun.objects.all()
