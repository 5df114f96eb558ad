"""Statements for which many wait at once: SQL that is put together once, its rows as the models they are of.

Django puts a query together anew each time, which costs more than the query where rows are wide and few.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from django.db import connection, models

Reader = Callable[[Any, Any, Any], Any]


class Statement:
    """`SELECT {a}, {b} FROM …` with the columns of the models `a` and `b` in these places, in this order."""

    def __init__(self, sql: str, **models_by_alias: type[models.Model]) -> None:
        self._sql, self._models = sql, models_by_alias
        self._put_together = ""
        self._parts: list[_Part] = []

    def rows(self, *given: Any) -> list[tuple[Any, ...]]:
        """The rows as tuples of models, one each."""
        with connection.cursor() as cursor:
            cursor.execute(self._text(), given)
            return [tuple(self._read(row)) for row in cursor.fetchall()]

    def first(self, *given: Any) -> tuple[Any, ...] | None:
        """The first row, None where there is none."""
        return next(iter(self.rows(*given)), None)

    def _text(self) -> str:
        if not self._put_together:
            self._parts = [_Part(model) for model in self._models.values()]
            columns = {
                alias: part.columns(alias) for alias, part in zip(self._models, self._parts, strict=True)
            }
            self._put_together = self._sql.format(**columns)
        return self._put_together

    def _read(self, row: Sequence[Any]) -> Iterator[models.Model]:
        first = 0
        for part in self._parts:
            yield part.read(row[first : first + part.width])
            first += part.width


class _Part:
    """The columns of one model."""

    def __init__(self, model: type[models.Model]) -> None:
        self.model = model
        self.fields = model._meta.concrete_fields
        self.names = [field.attname for field in self.fields]
        self.width = len(self.fields)
        self.readers = [
            (i, reader)
            for i, field in enumerate(self.fields)
            for reader in field.get_db_converters(connection)
        ]

    def columns(self, alias: str) -> str:
        return ", ".join(f'{alias}."{field.column}"' for field in self.fields)

    def read(self, values: Sequence[Any]) -> models.Model:
        told = list(values)
        for i, reader in self.readers:
            told[i] = reader(told[i], None, connection)
        return self.model.from_db(connection.alias, self.names, told)
