"""Live events: told inside the transaction, heard by everyone who may see the project."""

import json
from typing import Any

from django.db import connection

CHANNEL = "cytoloop_events"
# PostgreSQL refuses notifications of 8000 bytes; ids and small facts only.
LIMIT_BYTES = 7900


def publish(name: str, *, project: Any, **facts: Any) -> None:
    """Tell those who watch `project` that something happened, once the transaction commits.

    `name` is `subject.verb` (`task.changed`); `facts` are ids and small JSON values, lists and objects of
    them included. Raises ValueError when they do not fit into one notification.
    """
    data = {
        "subject": name.partition(".")[0],
        "project": str(project),
        **{k: _plain(v) for k, v in facts.items()},
    }
    payload = json.dumps({"event": name, "data": data}, separators=(",", ":"))
    if len(payload.encode()) > LIMIT_BYTES:
        raise ValueError(
            f"The event {name} is larger than {LIMIT_BYTES} bytes: send ids, let the reader fetch the rest."
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float | bool | list | dict | None) else str(value)
