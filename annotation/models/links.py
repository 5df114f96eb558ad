"""How sure a linker was of each link of a revision."""

from django.db import models

from annotation.models.labels import Branch, Revision


class Linking(models.Model):
    """What was said of the links of the revision that a linker made; later ones of the branch are read from
    it.

    `content` is a `core.link_tables.LinkTable`. `link_count` is all that are links, `given_count` those of
    them that people had made before, `cut_count` the pairs that people had taken apart.
    """

    revision = models.OneToOneField(
        Revision, primary_key=True, on_delete=models.CASCADE, related_name="linking"
    )
    branch = models.ForeignKey(Branch, on_delete=models.CASCADE, related_name="linkings", db_index=False)
    number = models.PositiveIntegerField()
    linker = models.CharField(max_length=200)
    link_count = models.PositiveIntegerField()
    given_count = models.PositiveIntegerField()
    cut_count = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["branch", "number"], name="linking_once_in_revision"),
            models.CheckConstraint(
                condition=models.Q(given_count__lte=models.F("link_count")), name="linking_counts_its_own"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.link_count} links of revision {self.number} by {self.linker}"
