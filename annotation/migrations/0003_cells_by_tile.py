import struct
from typing import Any

import django.db.models.deletion
from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

FILL_SQL = """
INSERT INTO annotation_celltile (branch_id, cell, t, z, ty, tx)
SELECT * FROM unnest(%s::uuid[], %s::int[], %s::int[], %s::int[], %s::int[], %s::int[])
"""


def cells_in(stats: bytes) -> tuple[int, ...]:
    """The ids at the beginning of a tile's measures: `u32 n; u32 ids[n]; …`."""
    count = struct.unpack_from("<I", stats)[0]
    return struct.unpack_from(f"<{count}I", stats, 4)


def fill(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    heads = apps.get_model("annotation", "TileHead").objects.order_by("pk")
    rows: list[tuple[Any, ...]] = []
    for branch, t, z, ty, tx, stats in heads.values_list(
        "branch_id", "t", "z", "ty", "tx", "tile__stats"
    ).iterator(1000):
        rows += [(branch, cell, t, z, ty, tx) for cell in cells_in(bytes(stats))]
        if len(rows) > 50_000:
            write(editor, rows)
            rows = []
    write(editor, rows)


def write(editor: BaseDatabaseSchemaEditor, rows: list[tuple[Any, ...]]) -> None:
    if rows:
        with editor.connection.cursor() as cursor:
            cursor.execute(FILL_SQL, [list(column) for column in zip(*rows, strict=True)])


class Migration(migrations.Migration):
    dependencies = [
        ("annotation", "0002_facts_of_channels_locks_and_ignored"),
    ]

    operations = [
        migrations.CreateModel(
            name="CellTile",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "branch", "cell", "t", "z", "ty", "tx",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                ("cell", models.PositiveIntegerField()),
                ("t", models.PositiveIntegerField()),
                ("z", models.PositiveIntegerField()),
                ("ty", models.PositiveIntegerField()),
                ("tx", models.PositiveIntegerField()),
                (
                    "branch",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cell_tiles",
                        to="annotation.branch",
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
