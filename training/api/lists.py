"""Lists over HTTP: the questions of the address checked, the rows that this person may see, page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.generics import GenericAPIView
from rest_framework.request import Request
from rest_framework.response import Response

from backend.accounts.api.sessions import person


def answer(
    view: GenericAPIView[Any],
    request: Request,
    *,
    asked: type[serializers.Serializer[Any]],
    found: Callable[..., QuerySet[Any]],
    told: type[serializers.BaseSerializer[Any]],
) -> Response:
    """A page of what the selector `found` finds for this person and the questions `asked`, as `told`."""
    given = asked(data=request.query_params)
    given.is_valid(raise_exception=True)
    rows = found(user=person(request), **given.validated_data)
    return view.get_paginated_response(told(view.paginate_queryset(rows), many=True).data)
