"""Signing in and out, and the person who is signed in."""

from typing import cast

from django.contrib.auth import login, logout, update_session_auth_hash
from django.middleware.csrf import get_token
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_protect
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.api.serializers import MeIn, MeOut, PasswordIn, SessionIn, SessionOut
from backend.accounts.models import User
from backend.accounts.services import people


def person(request: Request) -> User:
    """Who sends this; the permission classes have asked whether there is one."""
    return cast(User, request.user)


class SessionView(APIView):
    """The browser's session. Looking at it is allowed to everyone and hands out the CSRF cookie."""

    permission_classes = [AllowAny]

    @extend_schema(operation_id="getSession", responses=SessionOut)
    def get(self, request: Request) -> Response:
        get_token(request._request)
        user = request.user if request.user.is_authenticated else None
        return Response(SessionOut({"user": user}).data)

    @extend_schema(operation_id="signIn", request=SessionIn, responses=SessionOut)
    # Django REST framework asks for the CSRF token only of those who are signed in; signing in needs it too.
    @method_decorator(csrf_protect)
    def post(self, request: Request) -> Response:
        given = SessionIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = people.authenticate(**given.validated_data, address=request.META.get("REMOTE_ADDR", ""))
        login(request._request, user, backend="django.contrib.auth.backends.ModelBackend")
        return Response(SessionOut({"user": user}).data)

    @extend_schema(operation_id="signOut", responses={204: None})
    def delete(self, request: Request) -> Response:
        logout(request._request)
        return Response(status=204)


class MeView(APIView):
    """Oneself."""

    @extend_schema(operation_id="getMe", responses=MeOut)
    def get(self, request: Request) -> Response:
        return Response(MeOut(person(request)).data)

    @extend_schema(operation_id="updateMe", request=MeIn, responses=MeOut)
    def patch(self, request: Request) -> Response:
        given = MeIn(data=request.data)
        given.is_valid(raise_exception=True)
        return Response(MeOut(people.rename(user=person(request), **given.validated_data)).data)


class PasswordView(APIView):
    """One's own password."""

    @extend_schema(operation_id="changePassword", request=PasswordIn, responses={204: None})
    def post(self, request: Request) -> Response:
        given = PasswordIn(data=request.data)
        given.is_valid(raise_exception=True)
        user = people.change_password(user=person(request), **given.validated_data)
        update_session_auth_hash(request._request, user)
        return Response(status=204)
