"""All addresses: the API below /api/v1/, everything else is the pages'."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from backend.doors import events, health, pages

api: list[URLPattern | URLResolver] = [
    path("", include("backend.accounts.api.urls")),
    *(
        path("", include(f"{app}.api.urls"))
        for app in ("annotation", "training")
        if find_spec(f"{app}.api.urls")
    ),
    path("events/", events.EventsView.as_view(), name="events"),
    path("health/", health.HealthView.as_view(), name="health"),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", include(api)),
    re_path(r"^api/(?P<path>.*)$", pages.no_such_endpoint),
    re_path(r"^(?P<path>.*)$", pages.page, name="page"),
]
handler500 = pages.own_fault
