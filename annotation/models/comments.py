"""Comments: what people say to each other about a place in an image."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.images import Image
from annotation.models.labels import Branch
from annotation.models.ownership import OwnedQuerySet


class Place(models.TextChoices):
    """What a comment is pinned to."""

    IMAGE = "IMAGE"
    FRAME = "FRAME"
    PIXEL = "PIXEL"
    CELL = "CELL"
    TRACK = "TRACK"


class CommentQuerySet(OwnedQuerySet["Comment"]):
    team_road = "image__dataset__project__team_id"
    image_road = "image"
    branch_road = "branch"

    def threads(self) -> "CommentQuerySet":
        """Those that begin a conversation."""
        return self.filter(thread__isnull=True)


class Comment(models.Model):
    """A remark on an image, or an answer to one (`thread` is what it answers).

    A cell or a track is one of a branch. `y`, `x` px of the full image; `zoom` is how near the author stood,
    screen px per image px, so that the link shows what the author saw.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="comments")
    branch = models.ForeignKey(Branch, null=True, on_delete=models.CASCADE, related_name="comments")
    thread = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="answers")
    place = models.CharField(max_length=10, choices=Place, default=Place.IMAGE)
    t = models.PositiveIntegerField(null=True)
    z = models.PositiveIntegerField(null=True)
    y = models.FloatField(null=True)
    x = models.FloatField(null=True)
    cell = models.PositiveIntegerField(null=True)
    zoom = models.FloatField(null=True)
    text = models.TextField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments"
    )
    mentioned = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="mentioned_in")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="comments_resolved"
    )

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="comment_says_something"),
            models.CheckConstraint(condition=Q(place__in=Place.values), name="comment_place_is_known"),
            models.CheckConstraint(
                condition=~Q(place__in=[Place.FRAME, Place.PIXEL]) | Q(t__isnull=False, z__isnull=False),
                name="comment_frame_is_named",
            ),
            models.CheckConstraint(
                condition=~Q(place=Place.PIXEL) | Q(y__isnull=False, x__isnull=False),
                name="comment_pixel_is_named",
            ),
            models.CheckConstraint(
                condition=~Q(place__in=[Place.CELL, Place.TRACK])
                | Q(cell__isnull=False, branch__isnull=False),
                name="comment_cell_is_of_a_branch",
            ),
            models.CheckConstraint(
                condition=Q(thread__isnull=True) | Q(resolved_at__isnull=True), name="comment_threads_resolve"
            ),
        ]
        indexes = [models.Index(fields=["image", "created_at"], name="comment_of_image")]

    def __str__(self) -> str:
        return self.text[:60]
