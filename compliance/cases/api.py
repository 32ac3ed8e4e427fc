"""Cases and the decisions on their matches. A match is a question until a person decides."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch, QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.accounts.models import User
from compliance.cases import reviews, services
from compliance.cases.models import (
    OUTCOMES,
    Case,
    CaseMatch,
    CaseState,
    Decision,
    Disposition,
    ListReview,
    ReasonCode,
    ReviewKind,
    ReviewOutcome,
)
from compliance.cases.querysets import CaseQuerySet
from compliance.core.api import Needs
from compliance.core.permissions import Permission

OUTCOME_CHOICES = [(outcome.value, outcome.label) for outcome in OUTCOMES]


class EvidenceSerializer(serializers.Serializer):
    feature = serializers.CharField()
    query = serializers.CharField()
    listed = serializers.CharField()
    score = serializers.CharField()
    weight = serializers.CharField()


class EffectSerializer(serializers.Serializer):
    """What a true match on this list means; one effect for each list, never merged."""

    list = serializers.CharField(source="code")
    title = serializers.CharField()
    effect = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    sentence = serializers.CharField()
    authority = serializers.CharField()


class DecisionSerializer(serializers.ModelSerializer):
    outcome = serializers.ChoiceField(choices=OUTCOME_CHOICES, read_only=True)
    reason = serializers.ChoiceField(choices=ReasonCode.choices, read_only=True)
    decided_by = serializers.CharField(source="decided_by.username", read_only=True)
    reviews: Any = serializers.PrimaryKeyRelatedField(read_only=True, allow_null=True)

    class Meta:
        model = Decision
        fields = ("id", "outcome", "reason", "note", "needs_second", "reviews", "decided_by", "decided_at")
        read_only_fields = fields


class CaseMatchSerializer(serializers.ModelSerializer):
    entry = serializers.CharField(source="entry.__str__", read_only=True)
    name = serializers.CharField(source="match.revision.name", read_only=True)
    score = serializers.DecimalField(source="match.score", max_digits=4, decimal_places=3, read_only=True)
    band = serializers.CharField(source="match.band", read_only=True)
    evidence = EvidenceSerializer(source="match.evidence", many=True, read_only=True)
    effect = EffectSerializer(source="policy", read_only=True)
    disposition = serializers.ChoiceField(choices=Disposition.choices, read_only=True)
    awaits_second_review = serializers.SerializerMethodField()
    seen = serializers.SerializerMethodField(help_text="give it back with a decision; it is refused if the match moved")
    decisions = DecisionSerializer(many=True, read_only=True)

    class Meta:
        model = CaseMatch
        fields = (
            "id", "case", "entry", "name", "score", "band", "evidence", "effect", "disposition",
            "awaits_second_review", "entry_left_at", "seen", "decisions",
        )  # fmt: skip
        read_only_fields = fields

    def get_awaits_second_review(self, row: CaseMatch) -> bool:
        return row.awaiting_id is not None

    def get_seen(self, row: CaseMatch) -> str:
        return services.seen_token(row)


class PartySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    external_id = serializers.CharField()
    name = serializers.CharField()


class CaseSerializer(serializers.ModelSerializer):
    number = serializers.CharField(read_only=True)
    state = serializers.ChoiceField(choices=CaseState.choices, read_only=True)
    counterparty = PartySerializer(read_only=True)
    assigned_to = serializers.SerializerMethodField()
    due_at = serializers.DateTimeField(read_only=True)

    class Meta:
        model = Case
        fields = (
            "id", "number", "state", "band", "top_score", "counterparty", "assigned_to", "opened_at", "reopened_at",
            "reopened_because", "due_at", "closed_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_assigned_to(self, case: Case) -> str | None:
        return case.assigned_to.username if case.assigned_to else None


class ListReviewSerializer(serializers.ModelSerializer):
    """A hold or clearance to look at again, since a list change touched what it rested on."""

    kind = serializers.ChoiceField(choices=ReviewKind.choices, read_only=True)
    outcome = serializers.ChoiceField(choices=ReviewOutcome.choices, read_only=True, allow_blank=True)
    closed_by = serializers.SerializerMethodField()

    class Meta:
        model = ListReview
        fields = (
            "id", "case_match", "kind", "because", "version", "asked_at", "outcome", "note", "closed_by", "closed_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_closed_by(self, review: ListReview) -> str | None:
        return review.closed_by.username if review.closed_by else None


class CaseDetailSerializer(CaseSerializer):
    matches = CaseMatchSerializer(many=True, read_only=True)
    reviews = serializers.SerializerMethodField(help_text="the open ones")

    class Meta(CaseSerializer.Meta):
        fields = (*CaseSerializer.Meta.fields, "matches", "reviews")  # type: ignore[assignment]

    @extend_schema_field(ListReviewSerializer(many=True))
    def get_reviews(self, case: Case) -> Any:
        found = [review for pair in case.matches.all() for review in pair.list_reviews.all()]
        return ListReviewSerializer(sorted(found, key=lambda review: review.pk), many=True).data


class AssignSerializer(serializers.Serializer):
    to = serializers.CharField(max_length=150, help_text="the user name of the person who gets the case")


class VerdictSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=OUTCOME_CHOICES)
    reason = serializers.ChoiceField(choices=ReasonCode.choices)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=10_000)
    seen = serializers.CharField(max_length=60, help_text="`seen` of the match as it was read")


def full_cases(user: Any) -> CaseQuerySet:
    rows = Case.objects.visible_to(user).select_related("counterparty", "assigned_to")
    open_reviews = Prefetch("matches__list_reviews", ListReview.objects.open())
    return rows.prefetch_related(
        "matches__entry", "matches__match__revision", "matches__decisions__decided_by", open_reviews
    )


class CloseReviewSerializer(serializers.Serializer):
    outcome = serializers.ChoiceField(choices=ReviewOutcome.choices)
    note = serializers.CharField(max_length=10_000)


class CaseList(generics.ListAPIView):
    """Cases, the youngest first."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = CaseSerializer
    queryset = Case.objects.none()

    @extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=CaseState.values),
            OpenApiParameter("assigned", str, description="a user name, or `nobody`"),
        ]
    )
    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return super().get(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Case]:
        user: Any = self.request.user
        rows = Case.objects.visible_to(user).select_related("counterparty", "assigned_to")
        if state := self.request.query_params.get("state"):
            rows = rows.filter(state=state)
        assigned = self.request.query_params.get("assigned")
        if assigned == "nobody":
            return rows.filter(assigned_to=None)
        return rows.filter(assigned_to__username=assigned) if assigned else rows


class CaseDetail(generics.RetrieveAPIView):
    """One case with its matches, their evidence, and every decision."""

    permission_classes = (Needs,)
    permission = Permission.DESK_READ
    serializer_class = CaseDetailSerializer
    queryset = Case.objects.none()

    def get_queryset(self) -> QuerySet[Case]:
        return full_cases(self.request.user)


class Assign(APIView):
    """Give a case to a person; to oneself it is taking it."""

    permission_classes = (Needs,)
    permission = Permission.CASE_WORK

    @extend_schema(request=AssignSerializer, responses=CaseSerializer)
    def post(self, request: Request, pk: int) -> Response:
        user: Any = request.user
        case = generics.get_object_or_404(Case.objects.visible_to(user), pk=pk)
        sent = AssignSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        to = User.objects.filter(username=sent.validated_data["to"], is_active=True).first()
        if to is None:
            raise serializers.ValidationError({"to": ["There is no active person with this user name."]})
        return Response(CaseSerializer(services.assign(case=case, to=to, actor=user)).data)


class Verdicts(APIView):
    """Shared by both decisions: the match, and what the person decided."""

    permission_classes = (Needs,)

    def read(self, request: Request, pk: int) -> tuple[CaseMatch, services.Verdict]:
        user: Any = request.user
        visible = CaseMatch.objects.filter(case__in=Case.objects.visible_to(user))
        case_match = generics.get_object_or_404(visible.select_related("case"), pk=pk)
        sent = VerdictSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return case_match, services.Verdict(**sent.validated_data)


class Decide(Verdicts):
    """A first decision on one match. True matches, and clears of strong matches, need a second person."""

    permission = Permission.CASE_DECIDE

    @extend_schema(request=VerdictSerializer, responses={201: DecisionSerializer, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        case_match, verdict = self.read(request, pk)
        user: Any = request.user
        decision = services.decide(case_match=case_match, verdict=verdict, actor=user)
        return Response(DecisionSerializer(decision).data, status=status.HTTP_201_CREATED)


class SecondReview(Verdicts):
    """Another person's decision on the same match."""

    permission = Permission.CASE_REVIEW

    @extend_schema(request=VerdictSerializer, responses={201: DecisionSerializer, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        case_match, verdict = self.read(request, pk)
        user: Any = request.user
        decision = services.second_review(case_match=case_match, verdict=verdict, actor=user)
        return Response(DecisionSerializer(decision).data, status=status.HTTP_201_CREATED)


class CloseReview(APIView):
    """Close the review of a hold or clearance. No hold ends by it; at most its release is asked for."""

    permission_classes = (Needs,)
    permission = Permission.CASE_DECIDE

    @extend_schema(request=CloseReviewSerializer, responses={200: ListReviewSerializer, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, pk: int) -> Response:
        user: Any = request.user
        visible = ListReview.objects.visible_to(user).select_related("case_match__case")
        review = generics.get_object_or_404(visible, pk=pk)
        sent = CloseReviewSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        return Response(ListReviewSerializer(reviews.close(review=review, actor=user, **sent.validated_data)).data)
