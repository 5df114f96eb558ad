"""Reading datasets, their uploads and exports."""

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Dataset, Export, Image, ImageState, Revision, Upload, veil
from backend.accounts.models import User


def list_datasets(*, user: User) -> QuerySet[Dataset]:
    """The datasets that `user` may see, each with how many of its images are there, labelled, accepted;
    those that `user` rates blind are counted as neither."""
    accepted = Revision.objects.accepted().filter(image=OuterRef("pk"))
    open_to_me = ~Q(pk__in=veil.veiled_images(user))
    return Dataset.objects.visible_to(user).annotate(
        image_count=_count(Q(state=ImageState.READY)),
        labelled_count=_count(Q(current_branch__head_number__gt=0) & open_to_me),
        accepted_count=_count(Q(Exists(accepted)) & open_to_me),
    )


def _count(condition: Q) -> Coalesce:
    images = Image.objects.filter(condition, dataset=OuterRef("pk")).order_by().values("dataset")
    counted = images.annotate(count=Count("pk")).values("count")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def list_uploads(*, dataset: Dataset) -> QuerySet[Upload]:
    """The dataset's uploads, the newest first, with their files."""
    return dataset.uploads.prefetch_related("files")


def list_exports(*, dataset: Dataset, user: User) -> QuerySet[Export]:
    """The dataset's exports that `user` may see, the newest first."""
    return Export.objects.visible_to(user).filter(dataset=dataset).select_related("created_by")
