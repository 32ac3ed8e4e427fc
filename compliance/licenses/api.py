"""Internal license requests. A manager approves to file; only BIS grants or denies a license."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.cases.models import Case
from compliance.core.api import Needs
from compliance.core.permissions import Permission
from compliance.licenses import services
from compliance.licenses.models import (
    ApplicationType,
    Approval,
    LicenseItem,
    LicenseParty,
    LicenseRequest,
    PartyRole,
    RequestState,
)
from compliance.licenses.services import LIMITS


class ItemSerializer(serializers.ModelSerializer):
    eccn = serializers.CharField(max_length=LIMITS["eccn"])
    description = serializers.CharField(max_length=LIMITS["description"])
    quantity = serializers.IntegerField(min_value=1, max_value=2_147_483_647)
    unit = serializers.CharField(max_length=LIMITS["unit"], default="pieces")
    value = serializers.DecimalField(max_digits=14, decimal_places=2, min_value=0)
    currency = serializers.CharField(max_length=3, default="USD")
    policy = serializers.CharField(read_only=True, help_text="how BIS says it will judge this item; empty: read it")

    class Meta:
        model = LicenseItem
        fields = ("eccn", "description", "quantity", "unit", "value", "currency", "policy")


class LicensePartySerializer(serializers.ModelSerializer):
    role = serializers.ChoiceField(choices=PartyRole.choices)
    name = serializers.CharField(max_length=LIMITS["name"])
    address = serializers.CharField(max_length=LIMITS["address"], default="", allow_blank=True)
    country = serializers.CharField(max_length=2, default="", allow_blank=True)
    counterparty_id = serializers.IntegerField(default=None, allow_null=True)

    class Meta:
        model = LicenseParty
        fields = ("role", "name", "address", "country", "counterparty_id")


class ApprovalSerializer(serializers.ModelSerializer):
    outcome = serializers.ChoiceField(choices=RequestState.choices, read_only=True)
    decided_by = serializers.CharField(source="decided_by.username", read_only=True)

    class Meta:
        model = Approval
        fields = ("outcome", "reason", "conditions", "decided_by", "decided_at")
        read_only_fields = fields


class RequestSerializer(serializers.ModelSerializer):
    number = serializers.CharField(read_only=True)
    case = serializers.IntegerField(source="case_id", read_only=True)
    state = serializers.ChoiceField(choices=RequestState.choices, read_only=True)
    application_type = serializers.ChoiceField(choices=ApplicationType.choices, read_only=True)
    requested_by = serializers.CharField(source="requested_by.username", read_only=True)
    items = ItemSerializer(many=True, read_only=True)
    parties = LicensePartySerializer(many=True, read_only=True)
    decisions = ApprovalSerializer(source="approvals", many=True, read_only=True)
    meaning = serializers.SerializerMethodField(help_text="what the state does and does not say")

    class Meta:
        model = LicenseRequest
        fields = (
            "id", "number", "case", "state", "meaning", "title", "application_type", "end_use", "entry_name",
            "license_requirement", "license_policy", "citation", "requested_by", "created_at", "submitted_at",
            "changed_at", "items", "parties", "decisions",
        )  # fmt: skip
        read_only_fields = fields

    def get_meaning(self, request: LicenseRequest) -> str:
        return "An internal state of the company's request. Only BIS grants or denies a license."


class NewRequestSerializer(serializers.Serializer):
    case = serializers.IntegerField(min_value=1, max_value=2**62)
    title = serializers.CharField(max_length=LIMITS["title"])
    application_type = serializers.ChoiceField(choices=ApplicationType.choices, default=ApplicationType.EXPORT)
    end_use = serializers.CharField(max_length=4000)
    items = ItemSerializer(many=True)
    parties = LicensePartySerializer(many=True)

    @property
    def content(self) -> services.Content:
        values = self.validated_data
        return services.Content(
            title=values["title"], end_use=values["end_use"], application_type=values["application_type"],
            items=[services.Item(**line) for line in values["items"]],
            parties=[services.Party(**line) for line in values["parties"]],
        )  # fmt: skip


class DecideSerializer(serializers.Serializer):
    move = serializers.ChoiceField(choices=[("approve", "Approve to file"), ("return", "Return"), ("reject", "Reject")])
    reason = serializers.CharField(max_length=4000)
    conditions = serializers.CharField(max_length=4000, required=False, default="", allow_blank=True)


class WithdrawSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=4000)


def visible(user: Any) -> QuerySet[LicenseRequest]:
    rows = LicenseRequest.objects.visible_to(user).select_related("requested_by")
    return rows.prefetch_related("items", "parties", "approvals__decided_by")


def answer(pk: int, user: Any, code: int = status.HTTP_200_OK) -> Response:
    return Response(RequestSerializer(visible(user).get(pk=pk)).data, status=code)


class RequestList(generics.ListAPIView):
    """Requests, the youngest first; POST drafts one from a case with a confirmed match."""

    permission_classes = (Needs,)
    permissions_by_method = {"POST": Permission.LICENSE_REQUEST}
    serializer_class = RequestSerializer
    queryset = LicenseRequest.objects.none()

    @extend_schema(parameters=[OpenApiParameter("state", str, enum=RequestState.values)])
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[LicenseRequest]:
        rows = visible(self.request.user)
        state = self.request.query_params.get("state")
        return rows.filter(state=state) if state else rows

    @extend_schema(request=NewRequestSerializer, responses={201: RequestSerializer})
    def post(self, request: Request) -> Response:
        user: Any = request.user
        sent = NewRequestSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        case = generics.get_object_or_404(Case.objects.visible_to(user), pk=sent.validated_data["case"])
        made = services.draft(case=case, content=sent.content, actor=user)
        return answer(made.pk, user, status.HTTP_201_CREATED)


class RequestDetail(generics.RetrieveAPIView):
    """One request with its lines and decisions."""

    permission_classes = (Needs,)
    serializer_class = RequestSerializer
    queryset = LicenseRequest.objects.none()

    def get_queryset(self) -> QuerySet[LicenseRequest]:
        return visible(self.request.user)


class Act(APIView):
    """Shared by the acts on one request."""

    permission_classes = (Needs,)

    def subject(self, request: Request, pk: int) -> LicenseRequest:
        return generics.get_object_or_404(visible(request.user), pk=pk)


class Submit(Act):
    """Put a draft before a manager."""

    permission = Permission.LICENSE_REQUEST

    @extend_schema(request=None, responses=RequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user: Any = request.user
        services.submit(request=self.subject(request, pk), actor=user)
        return answer(pk, user)


class DecideRequest(Act):
    """A manager's decision: approve to file, return or reject. Never by the requester, nor by who decided the case."""

    permission = Permission.LICENSE_APPROVE

    @extend_schema(request=DecideSerializer, responses=RequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user: Any = request.user
        subject = self.subject(request, pk)
        sent = DecideSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        services.decide(request=subject, actor=user, **sent.validated_data)
        return answer(pk, user)


class Withdraw(Act):
    """The requester takes the request back."""

    permission = Permission.LICENSE_REQUEST

    @extend_schema(request=WithdrawSerializer, responses=RequestSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user: Any = request.user
        subject = self.subject(request, pk)
        sent = WithdrawSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        services.withdraw(request=subject, actor=user, **sent.validated_data)
        return answer(pk, user)
