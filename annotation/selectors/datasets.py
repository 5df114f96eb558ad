"""Reading datasets, their uploads and exports."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Dataset, Export, Image, ImageState, Revision, Upload
from backend.accounts.models import User


def list_datasets(*, user: User) -> QuerySet[Dataset]:
    """The datasets that `user` may see, each with how many of its images are there, labelled, accepted."""
    accepted = Revision.objects.accepted().filter(image=OuterRef("pk"))
    return Dataset.objects.visible_to(user).annotate(
        image_count=_count(Q(state=ImageState.READY)),
        labelled_count=_count(Q(current_branch__head_number__gt=0)),
        accepted_count=_count(Q(Exists(accepted))),
    )


def _count(condition: Q) -> Coalesce:
    images = Image.objects.filter(condition, dataset=OuterRef("pk")).order_by().values("dataset")
    counted = images.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def list_uploads(*, dataset: Dataset) -> QuerySet[Upload]:
    """The dataset's uploads, the newest first, with their files."""
    return dataset.uploads.prefetch_related("files")


def list_exports(*, dataset: Dataset) -> QuerySet[Export]:
    """The dataset's exports, the newest first."""
    return dataset.exports.select_related("created_by")
