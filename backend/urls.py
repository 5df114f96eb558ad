"""All addresses: the API below /api/v1/, everything else is the pages'."""

from django.urls import URLPattern, URLResolver, include, path
from drf_spectacular.views import SpectacularAPIView

from backend.accounts import api as accounts

api: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    *accounts.urls,
]

urlpatterns: list[URLPattern | URLResolver] = [path("api/v1/", include(api))]
