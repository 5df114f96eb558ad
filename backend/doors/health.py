"""Whether this server is up and reaches its database."""

from importlib.metadata import version
from typing import Any

from django.db import DatabaseError, connection
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

VERSION = version("cytoloop")


class HealthOut(serializers.Serializer[Any]):
    ok = serializers.BooleanField()
    database = serializers.BooleanField()
    version = serializers.CharField()


class HealthView(APIView):
    """For load balancers and for `cytoloop up`: 200 when all is well, 503 when the database does not
    answer.
    """

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(operation_id="getHealth", responses={200: HealthOut, 503: HealthOut}, auth=[])
    def get(self, _request: Request) -> Response:
        reached = _database_answers()
        told = {"ok": reached, "database": reached, "version": VERSION}
        return Response(HealthOut(told).data, status=200 if reached else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True
