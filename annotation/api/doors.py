"""What every door of this office does alike: who asks, what is asked, a page of rows as an answer."""

from typing import Any, TypeVar
from uuid import UUID

from django.db import models
from rest_framework import serializers
from rest_framework.exceptions import NotAuthenticated
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.models.ownership import OwnedQuerySet
from annotation.policies import access
from backend.accounts.models import User

Row = TypeVar("Row", bound=models.Model)


def person(request: Request) -> User:
    """Who asks; never anonymous."""
    if not isinstance(request.user, User):
        raise NotAuthenticated
    return request.user


def parsed(form: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The request's body, checked; raises DRF's ValidationError."""
    given = form(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def changed(form: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """Like `parsed`, for what may leave fields out."""
    given = form(data=request.data, partial=True)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def asked(form: type[serializers.BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    """The query string, checked; a filter that was not given is not in the answer."""
    query = {name: value for name, value in request.query_params.items() if value != ""}
    given = form(data=query)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def find(rows: OwnedQuerySet[Row], request: Request, pk: UUID) -> Row:
    """The row with this key that the asker may see; raises `NothingHere`."""
    return access.find(rows, user=person(request), pk=pk)


class ListDoor(GenericAPIView[Row]):
    """A view that answers pages `{count, next, previous, results}`."""

    def page(self, rows: Any, form: type[serializers.BaseSerializer[Any]]) -> Response:
        """One page of a queryset or a list."""
        return self.get_paginated_response(form(self.paginate_queryset(rows), many=True).data)
