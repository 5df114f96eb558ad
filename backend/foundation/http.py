"""The only place that knows which family of error has which status code."""

import logging
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.pagination import LimitOffsetPagination
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from backend.foundation.errors import (
    Conflict,
    CytoloopError,
    Invalid,
    NotAllowed,
    NotFound,
    TooMany,
    Unavailable,
)

logger = logging.getLogger(__name__)

STATUS_OF_FAMILY: dict[type[CytoloopError], int] = {
    Invalid: status.HTTP_400_BAD_REQUEST,
    NotAllowed: status.HTTP_403_FORBIDDEN,
    NotFound: status.HTTP_404_NOT_FOUND,
    Conflict: status.HTTP_409_CONFLICT,
    TooMany: status.HTTP_429_TOO_MANY_REQUESTS,
    Unavailable: status.HTTP_503_SERVICE_UNAVAILABLE,
}
CODE_OF_STATUS = {
    400: "invalid", 401: "sign_in_needed", 403: "not_allowed", 404: "not_found", 405: "method_not_allowed",
    406: "not_acceptable", 413: "too_large", 415: "unsupported_media_type", 429: "too_many",
}  # fmt: skip


class LimitOffset(LimitOffsetPagination):
    """`?limit=&offset=` → `{count, next, previous, results}`."""

    default_limit = 100
    max_limit = 1000


def status_of(error: CytoloopError) -> int:
    """The status code of an error's family; one without a family is our own fault."""
    for family, code in STATUS_OF_FAMILY.items():
        if isinstance(error, family):
            return code
    return status.HTTP_500_INTERNAL_SERVER_ERROR


def answer_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """Every refusal becomes `{code, detail, …}`; what is not foreseen is left to Django's 500."""
    if isinstance(error, CytoloopError):
        set_rollback()
        wait_s = error.details.get("retry_after_s")
        return Response(
            {"code": error.code, "detail": error.message, **error.details},
            status=status_of(error),
            headers=None if wait_s is None else {"Retry-After": str(wait_s)},
        )
    if isinstance(error, Http404 | exceptions.NotFound):
        set_rollback()
        return Response(
            {"code": "not_found", "detail": "There is nothing here that you may see."}, status=404
        )
    response = exception_handler(error, context)
    if response is None:
        return None
    response.data = _explain(error, response)
    return response


def _explain(error: Exception, response: Response) -> dict[str, Any]:
    code = CODE_OF_STATUS.get(response.status_code, "error")
    if isinstance(error, exceptions.ValidationError):
        fields = response.data if isinstance(response.data, dict) else {"": response.data}
        return {"code": "invalid", "detail": _first_sentence(fields), "fields": fields}
    if isinstance(error, PermissionDenied):
        return {"code": code, "detail": "You may not do this."}
    return {"code": code, "detail": str(response.data.get("detail", error))}


def _first_sentence(fields: Any) -> str:
    """The first complaint, with the path to its field: `files.0.path: This field is required.`"""
    path: list[str] = []
    while isinstance(fields, dict | list) and fields:
        if isinstance(fields, dict):
            key, fields = next(iter(fields.items()))
            path += [str(key)] if key not in ("", "non_field_errors") else []
        else:
            first = next((i for i, item in enumerate(fields) if item), 0)
            if isinstance(fields[first], dict | list):
                path.append(str(first))
            fields = fields[first]
    return f"{'.'.join(path)}: {fields}" if path else str(fields)
