"""The addresses of annotation, below /api/v1/."""

from django.urls import URLPattern

from annotation.api import (
    datasets,
    differences,
    exports,
    images,
    labels,
    links,
    measures,
    members,
    presence,
    projects,
    regions,
    tasks,
    tracks,
    uploads,
)

urlpatterns: list[URLPattern] = [
    *projects.urlpatterns,
    *members.urlpatterns,
    *datasets.urlpatterns,
    *uploads.urlpatterns,
    *images.urlpatterns,
    *labels.urlpatterns,
    *differences.urlpatterns,
    *regions.urlpatterns,
    *tracks.urlpatterns,
    *measures.urlpatterns,
    *links.urlpatterns,
    *presence.urlpatterns,
    *tasks.urlpatterns,
    *exports.urlpatterns,
]
