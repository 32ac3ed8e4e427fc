"""Sign-in of programs: user name and password for a token."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from compliance.accounts import services


class SignInSerializer(serializers.Serializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=500, trim_whitespace=False, write_only=True)


class TokenSerializer(serializers.Serializer):
    token = serializers.CharField()


class TokenView(APIView):
    """A new token for a person. The one before no longer works; the sign-in is kept in the trail."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(request=SignInSerializer, responses={201: TokenSerializer})
    def post(self, request: Request) -> Response:
        sent = SignInSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        user = services.checked(request=request._request, **sent.validated_data)
        return Response({"token": services.token_for(user=user)}, status=status.HTTP_201_CREATED)
