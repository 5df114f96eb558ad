"""Keeping what a linker said of the links of a revision."""

from annotation.core.link_tables import LinkTable
from annotation.models import Linking, Revision


def keep(*, revision: Revision, linker: str, table: LinkTable) -> Linking:
    """Keep it once: a revision that has it keeps what it has."""
    cuts = int(table.cuts.sum())
    row, _ = Linking.objects.get_or_create(
        revision=revision,
        defaults={
            "branch_id": revision.branch_id,
            "number": revision.number,
            "linker": linker,
            "link_count": len(table) - cuts,
            "given_count": int(table.given.sum()) - cuts,
            "cut_count": cuts,
            "content": table.to_bytes(),
        },
    )
    return row
