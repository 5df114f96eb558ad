"""One's own tokens."""

from uuid import UUID

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts import policies
from backend.accounts.api.serializers import NewTokenOut, TokenIn, TokenOut
from backend.accounts.api.sessions import person
from backend.accounts.models import Token
from backend.accounts.selectors import get_visible
from backend.accounts.services import tokens


class TokensView(GenericAPIView[Token]):
    serializer_class = TokenOut
    queryset = Token.objects.none()

    def get_queryset(self) -> QuerySet[Token]:
        return policies.tokens_of(self.request.user)

    @extend_schema(operation_id="listTokens", responses=TokenOut(many=True))
    def get(self, request: Request) -> Response:
        return self.get_paginated_response(
            TokenOut(self.paginate_queryset(self.get_queryset()), many=True).data
        )

    @extend_schema(operation_id="createToken", request=TokenIn, responses={201: NewTokenOut})
    def post(self, request: Request) -> Response:
        given = TokenIn(data=request.data)
        given.is_valid(raise_exception=True)
        token, secret = tokens.create(user=person(request), **given.validated_data)
        return Response({**TokenOut(token).data, "secret": secret}, status=201)


class TokenView(APIView):
    @extend_schema(operation_id="revokeToken", responses={204: None})
    def delete(self, request: Request, pk: UUID) -> Response:
        tokens.revoke(token=get_visible(among=policies.tokens_of(request.user), pk=pk))
        return Response(status=204)
