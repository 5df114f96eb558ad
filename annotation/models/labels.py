"""Labels: branches, numbered revisions, compressed tiles, cell facts and the log of edits.

Everything but the heads is append-only. A revision of a branch is read as "the newest row with number ≤ N";
the heads say the same for the newest N without a search.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from annotation.models.images import Image
from annotation.models.ownership import OwnedQuerySet
from annotation.models.projects import LabelClass


class Origin(models.TextChoices):
    PERSON = "PERSON"
    IMPORT = "IMPORT"
    MODEL = "MODEL"
    CROWD = "CROWD"


class RevisionKind(models.TextChoices):
    EDIT = "EDIT"
    IMPORT = "IMPORT"
    PREDICTION = "PREDICTION"
    RESTORE = "RESTORE"
    CROWD = "CROWD"


class BranchQuerySet(OwnedQuerySet["Branch"]):
    team_road = "image__dataset__project__team_id"
    image_road = "image"
    branch_road = "pk"


class Branch(models.Model):
    """One line of revisions of an image. `next_cell` is the first id that nobody has reserved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="branches")
    name = models.CharField(max_length=200)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    author_name = models.CharField(max_length=200, blank=True, default="")
    author_model_id = models.UUIDField(null=True)
    next_cell = models.BigIntegerField(default=1)
    head_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BranchQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["image", "name"], name="branch_name_once_in_image"),
            models.CheckConstraint(condition=Q(origin__in=Origin.values), name="branch_origin_is_known"),
            models.CheckConstraint(
                condition=Q(next_cell__gte=1) & Q(next_cell__lte=2**31), name="branch_next_cell_in_range"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RevisionQuerySet(OwnedQuerySet["Revision"]):
    team_road = "image__dataset__project__team_id"
    image_road = "image"
    branch_road = "branch"

    def accepted(self) -> "RevisionQuerySet":
        return self.filter(accepted_at__isnull=False)


class Revision(models.Model):
    """An immutable state of the labels of one image.

    `base_number` is what its author saw, `parent_number` what it was put on; they differ when it was rebased.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="revisions")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=RevisionKind)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="revisions"
    )
    author_model_name = models.CharField(max_length=200, blank=True, default="")
    author_model_id = models.UUIDField(null=True)
    batch_id = models.UUIDField()
    base_number = models.PositiveIntegerField()
    parent_number = models.PositiveIntegerField()
    message = models.TextField(blank=True, default="")
    # With what a revision that keeps no edits was made: the job, its settings.
    parameters = models.JSONField(default=dict, db_default={})
    edit_count = models.PositiveIntegerField(default=0)
    # By which version of the project's classes and attributes it was made.
    schema_number = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(auto_now_add=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="accepted_revisions"
    )

    objects = RevisionQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["image", "number"], name="revision_number_once_in_image"),
            models.UniqueConstraint(fields=["branch", "number"], name="revision_number_once_in_branch"),
            models.UniqueConstraint(fields=["branch", "batch_id"], name="batch_once_in_branch"),
            models.CheckConstraint(condition=Q(kind__in=RevisionKind.values), name="revision_kind_is_known"),
            models.CheckConstraint(
                condition=Q(base_number__lte=models.F("parent_number"))
                & Q(parent_number__lt=models.F("number")),
                name="revision_numbers_grow",
            ),
        ]
        indexes = [
            models.Index(
                fields=["image", "-accepted_at"],
                condition=Q(accepted_at__isnull=False),
                name="revision_accepted",
            ),
            # A person's own edits, newest first: undo after a reload reads a page of them at any age.
            models.Index(
                fields=["branch", "author", "-number"],
                condition=Q(edit_count__gt=0),
                name="revision_of_author",
            ),
        ]

    def __str__(self) -> str:
        return f"revision {self.number}"

    @property
    def rebased(self) -> bool:
        """Was it put on newer work than its author had seen?"""
        return self.base_number != self.parent_number


class Tile(models.Model):
    """The content of one 256 × 256 px tile from revision `number` on; `stats` measures each cell in it."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="tiles", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="tiles")
    number = models.PositiveIntegerField()
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    ty = models.PositiveIntegerField()
    tx = models.PositiveIntegerField()
    content = models.BinaryField()
    stats = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["branch", "t", "z", "ty", "tx", "number"], name="tile_once_in_revision"
            )
        ]

    def __str__(self) -> str:
        return f"tile t{self.t} z{self.z} ({self.ty}, {self.tx}) of revision {self.number}"


class TileHead(models.Model):
    """Points at the newest content of a tile, so that opening a frame never searches the history."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="heads", db_index=False)
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    ty = models.PositiveIntegerField()
    tx = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    # Heads leave with their branch; a cascade from the tile as well would load every tile to delete an image.
    tile = models.OneToOneField(Tile, on_delete=models.DO_NOTHING, related_name="head")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["branch", "t", "z", "ty", "tx"], name="one_head_for_a_tile")
        ]

    def __str__(self) -> str:
        return f"head t{self.t} z{self.z} ({self.ty}, {self.tx})"


class Ending(models.TextChoices):
    """Why a cell ends, where it neither divides nor merges."""

    DEATH = "death"
    LEAVES = "leaves"


class CellState(models.Model):
    """The facts of a cell from revision `number` on."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="cell_states", db_index=False)
    revision = models.ForeignKey(Revision, on_delete=models.CASCADE, related_name="cell_states")
    number = models.PositiveIntegerField()
    cell = models.PositiveIntegerField()
    exists = models.BooleanField()
    label_class = models.ForeignKey(
        LabelClass, null=True, on_delete=models.RESTRICT, related_name="cell_states"
    )
    mother = models.PositiveIntegerField(null=True)
    quality = models.FloatField(null=True)
    channel = models.PositiveIntegerField(null=True)
    locked = models.BooleanField(default=False, db_default=False)
    ignored = models.BooleanField(default=False, db_default=False)
    merged_into = models.PositiveIntegerField(null=True)
    ending = models.CharField(max_length=10, choices=Ending, null=True)  # noqa: DJ001 null like every other fact
    # Further classes beside the main one, ids sorted; {attribute id: value}.
    also = models.JSONField(default=list, db_default=[])
    attributes = models.JSONField(default=dict, db_default={})
    uncertain = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["branch", "cell", "number"], name="cell_state_once_in_revision"),
            models.CheckConstraint(condition=Q(cell__gte=1), name="cell_id_is_positive"),
            models.CheckConstraint(
                condition=Q(mother__isnull=True) | ~Q(mother=models.F("cell")), name="cell_is_not_its_mother"
            ),
            models.CheckConstraint(
                condition=Q(quality__isnull=True) | (Q(quality__gte=0.0) & Q(quality__lte=1.0)),
                name="cell_quality_in_range",
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | ~Q(merged_into=models.F("cell")),
                name="cell_is_not_merged_into_itself",
            ),
            models.CheckConstraint(
                condition=Q(ending__isnull=True) | Q(ending__in=Ending.values), name="cell_ending_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"cell {self.cell} at revision {self.number}"


class CellHead(models.Model):
    """Points at the newest facts of a cell and counts its pixels over all frames: a deleted cell has none."""

    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="cell_heads", db_index=False)
    cell = models.PositiveIntegerField()
    exists = models.BooleanField()
    pixel_count = models.BigIntegerField()
    state = models.OneToOneField(CellState, on_delete=models.DO_NOTHING, related_name="head")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["branch", "cell"], name="one_head_for_a_cell"),
            models.CheckConstraint(condition=Q(pixel_count__gte=0), name="cell_pixels_not_negative"),
            models.CheckConstraint(
                condition=Q(exists=True) | Q(pixel_count=0), name="deleted_cell_has_no_pixels"
            ),
        ]

    def __str__(self) -> str:
        return f"head of cell {self.cell}"


class CellTile(models.Model):
    """That a cell has pixels in a tile, at the head: where a cell lies is answered without reading tiles."""

    pk = models.CompositePrimaryKey("branch", "cell", "t", "z", "ty", "tx")
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="cell_tiles", db_index=False)
    cell = models.PositiveIntegerField()
    t = models.PositiveIntegerField()
    z = models.PositiveIntegerField()
    ty = models.PositiveIntegerField()
    tx = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"cell {self.cell} in tile t{self.t} z{self.z} ({self.ty}, {self.tx})"


class EditRecord(models.Model):
    """One edit of a revision, as applied: zlib-compressed JSON whose inverse undoes it exactly.

    `undoes` names the earlier edit that this one takes back, `parameters` with which settings of the tool and
    which model it was made, as far as the sender said.
    """

    revision = models.ForeignKey(
        Revision, on_delete=models.CASCADE, related_name="edit_records", db_index=False
    )
    position = models.PositiveIntegerField()
    edit_id = models.UUIDField()
    tool = models.CharField(max_length=50)
    undoes = models.UUIDField(null=True)
    parameters = models.JSONField(default=dict, db_default={})
    body = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["revision", "position"], name="edit_position_once_in_revision")
        ]

    def __str__(self) -> str:
        return f"{self.tool} {self.edit_id}"
