"""Who gets which task: dealt in turn, to whoever holds the least, or by what the task is about."""

import heapq
from collections.abc import Mapping, Sequence
from typing import TypeVar

Task = TypeVar("Task")
Person = TypeVar("Person")
Key = TypeVar("Key")


def in_turn(tasks: Sequence[Task], people: Sequence[Person]) -> list[tuple[Task, Person]]:
    """One after the other, as cards are dealt: no two people differ by more than one task."""
    return [(task, people[number % len(people)]) for number, task in enumerate(tasks)]


def by_load(
    tasks: Sequence[Task], people: Sequence[Person], held: Mapping[Person, int]
) -> list[tuple[Task, Person]]:
    """Each task to whoever holds the fewest by then; among equals to the first named."""
    loads = [(held.get(person, 0), place) for place, person in enumerate(people)]
    heapq.heapify(loads)
    dealt = []
    for task in tasks:
        load, place = loads[0]
        heapq.heapreplace(loads, (load + 1, place))
        dealt.append((task, people[place]))
    return dealt


def by_key(
    tasks: Sequence[tuple[Task, Key | None]], chosen: Mapping[Key, Person]
) -> list[tuple[Task, Person]]:
    """Each task to the person chosen for what it is about; those about something else are left."""
    return [(task, chosen[key]) for task, key in tasks if key is not None and key in chosen]
