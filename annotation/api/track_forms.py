"""What goes in and out of the doors of tracks."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from annotation.api.label_forms import MAX_NUMBER, FactsOut
from annotation.core import edits as core_edits
from annotation.core.alerts import Alert, AlertKind
from annotation.core.repairs import Repair, RepairKind
from annotation.models import AlertDismissal, Branch
from annotation.selectors.tracks import MarkedAlert, TrackLine, TrackPoint


class RevisionFilter(serializers.Serializer[Branch]):
    """The head, unless a revision is asked for; 0 is before anything was labelled."""

    revision = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER, required=False)


class TrackOut(serializers.Serializer[TrackLine]):
    """A cell through time. `gaps` are the frames between the first and the last in which it has no pixel,
    [first, last] each, both included."""

    cell = serializers.IntegerField()
    first_t = serializers.IntegerField()
    last_t = serializers.IntegerField()
    gaps = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2)
    )
    facts = FactsOut()


class TracksOut(serializers.Serializer[Any]):
    """Every track of a branch, cells ascending, as of revision `head`; `frames` is the length of the
    movie."""

    head = serializers.IntegerField()
    frames = serializers.IntegerField()
    results = TrackOut(many=True)


class TrackPointOut(serializers.Serializer[TrackPoint]):
    """A cell in one frame: area over all slices, mean place, bounds with both ends, px; z in planes.
    `step_px` is how far it moved from the frame before in which it was seen."""

    t = serializers.IntegerField()
    area_px = serializers.IntegerField()
    z = serializers.FloatField()
    y = serializers.FloatField()
    x = serializers.FloatField()
    y_min = serializers.IntegerField()
    x_min = serializers.IntegerField()
    y_max = serializers.IntegerField()
    x_max = serializers.IntegerField()
    step_px = serializers.FloatField(allow_null=True)


class TrackMeasuresOut(serializers.Serializer[Any]):
    """One track frame by frame, as of revision `head`."""

    head = serializers.IntegerField()
    cell = serializers.IntegerField()
    results = TrackPointOut(many=True)


class AlertDismissalOut(serializers.Serializer[AlertDismissal]):
    """Who set an alert aside, when and why; `author` is None when that person's account is gone."""

    id = serializers.UUIDField()
    author = serializers.CharField(source="author.name", allow_null=True, default=None)
    reason = serializers.CharField()
    created_at = serializers.DateTimeField()


class AlertDismissalIn(serializers.Serializer[Any]):
    """An alert as it was told, to be set aside until one of its cells changes."""

    mark = serializers.RegexField(r"^[0-9a-f]{32}$")
    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in AlertKind])
    cell = serializers.IntegerField(min_value=1, max_value=MAX_NUMBER)
    t = serializers.IntegerField(min_value=0, max_value=MAX_NUMBER)
    reason = serializers.CharField(max_length=500, allow_blank=True, default="")


class AlertOut(serializers.Serializer[Alert]):
    """A place that wants a look: at frame `t` of `cell`. `weight` orders alerts of one kind, the strangest
    highest. `mark` changes when one of the cells does; a `dismissed` alert was set aside by a person."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in AlertKind])
    cell = serializers.IntegerField()
    t = serializers.IntegerField()
    others = serializers.ListField(child=serializers.IntegerField())
    weight = serializers.FloatField()
    z = serializers.IntegerField()
    y = serializers.FloatField()
    x = serializers.FloatField()
    message = serializers.CharField()
    mark = serializers.CharField()
    dismissed = AlertDismissalOut(allow_null=True)


class AlertsOut(serializers.Serializer[Any]):
    """The alerts of a movie by frame, as of revision `head`."""

    head = serializers.IntegerField()
    results = AlertOut(many=True)


class RepairFilter(RevisionFilter):
    limit = serializers.IntegerField(min_value=1, max_value=10_000, default=200)


class RepairOut(serializers.Serializer[Repair]):
    """One proposed edit of the frames `t` to `last_t` (null: to the end). `cells` by kind: JOIN (a, b): b
    goes on as a; REJOIN (a, b, a, b, …): so do many; SWAP (a, b): exchanged; DIVIDE (mother, daughter, …);
    MOTHER (daughter, mother); CUT (a). `gain` is `probability` × `links`, the links it would put right."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in RepairKind])
    t = serializers.IntegerField()
    last_t = serializers.IntegerField(allow_null=True)
    cells = serializers.ListField(child=serializers.IntegerField())
    probability = serializers.FloatField()
    links = serializers.IntegerField()
    gain = serializers.FloatField()
    z = serializers.IntegerField()
    y = serializers.FloatField()
    x = serializers.FloatField()
    message = serializers.CharField()


class RepairsOut(serializers.Serializer[Any]):
    """Proposed repairs, the highest expected gain first, as of revision `head`."""

    head = serializers.IntegerField()
    results = RepairOut(many=True)


def track_rows(lines: Sequence[TrackLine]) -> list[dict[str, Any]]:
    """What `TrackOut` describes, written straight out: there may be ten thousand."""
    return [
        {
            "cell": line.cell,
            "first_t": line.first_t,
            "last_t": line.last_t,
            "gaps": line.gaps,
            "facts": core_edits.facts_to_json(line.facts),
        }
        for line in lines
    ]


def alert_rows(found: Sequence[MarkedAlert]) -> list[dict[str, Any]]:
    """What `AlertOut` describes."""
    return [
        {
            **asdict(one.alert),
            "mark": one.mark,
            "dismissed": None if one.dismissal is None else AlertDismissalOut(one.dismissal).data,
        }
        for one in found
    ]


def plain(rows: Sequence[Any]) -> list[dict[str, Any]]:
    """Rows of plain values as the forms above describe them."""
    return [asdict(row) for row in rows]
