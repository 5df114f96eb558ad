"""Who may have a picture read for click-to-segment: whoever may see the image. Asking changes nothing."""

from __future__ import annotations

import uuid

from annotation.models import Image
from annotation.policies import access
from backend.accounts.models import User


def find_image(*, user: User, image_id: uuid.UUID) -> Image:
    """The ready image, if this person may see it; raises NothingHere."""
    return access.find(Image.objects.ready(), user=user, pk=image_id)
