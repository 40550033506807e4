"""``python -m bench.imports``: how long 5 000 rows take from file to register, in a home of its own, with every shipped pack in use.

The rows are made here and as untidy as real ones: several ways to write a day, words in three languages, missing ids, markup, duplicates.
"""

from __future__ import annotations

import csv
import io
import os
import sys
import time
from dataclasses import dataclass
from typing import Any

ROWS = 5_000
LIMIT = 60.0
_STATES = ("I drift", "In gebruik", "Testas", "Planerad", "", "vet ej")
_DAYS = ("2024-10-01", "01/2024", "Jul-25", "2025", "31/12/2025", "snart", "")
_CLASSES = ("Hög", "Minimal", "okej", "", "Not High-impact")


def made_list(rows: int) -> bytes:
    """A list as a municipality might keep it; every fiftieth row repeats an id."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(
        ["Id", "Namn", "Sammanfattning", "Beskrivning", "Status", "Riskklass", "Personuppgifter", "Leverantör", "Driftsatt", "Dnr", "Plats"]
    )
    for number in range(rows):
        key = "" if number % 5 == 0 else str(number - 1 if number % 50 == 2 else number)
        words = f"System nummer {number} som läser ansökningar och föreslår svar. "
        writer.writerow(
            [
                key,
                f"Tjänst {number}",
                words * (1 + number % 9),
                f"<p>{words * 8}</p>",
                _STATES[number % 6],
                _CLASSES[number % 5],
                ("Ja", "Nej", "")[number % 3],
                f"Leverantör {number % 40} AB",
                _DAYS[number % 7],
                f"KS 2026-{number}",
                f"Rum {number}",
            ]
        )
    return ("\ufeff" + text.getvalue()).encode()


def main() -> int:
    from bench.register import empty_home

    os.environ.pop("INSYN_PACKS", None)
    with empty_home():
        return _measured()


def _measured() -> int:
    from insyn.web.imports import actions, worker
    from insyn.web.imports.queries import counts_of

    people = _people()
    data = made_list(ROWS)
    began = time.perf_counter()
    found = actions.begin_import(
        actor=people.coordinator, source="Bänk", file_name="lista.csv", data=data, owner=people.owner, office=people.office
    )
    read = time.perf_counter() - began
    counts = counts_of(found)
    actions.apply_import(actor=people.coordinator, found=found)
    computed = time.process_time()
    worker.work(found.pk)
    computed = time.process_time() - computed
    took = time.perf_counter() - began
    print(f"import of {ROWS:,} rows                {took:.1f} s to the last row (limit {LIMIT:.0f} s), {read:.1f} s to the dry run")
    print(f"    new {counts['new']}, changed {counts['changed']}, as before {counts['same']}, refused {counts['refused']}")
    print(f"    {computed / ROWS * 1000:.1f} ms of computing for each row that is taken")
    return 0


@dataclass
class _People:
    coordinator: Any
    owner: Any
    office: Any


def _people() -> _People:
    """An opened register with every policy adopted; who imports, and who is to own what comes."""
    from bench.register import open_with_people
    from insyn.core.terms import Role
    from insyn.web.accounts.actions import appoint
    from insyn.web.accounts.models import Mandate, Office, User
    from insyn.web.accounts.permissions import actor_of, as_actor
    from insyn.web.clock import today

    owner = open_with_people()
    user, office = User.objects.get(person=owner.person), Office.objects.get(slug="kontoret")
    administrator = as_actor(Mandate.objects.get(role=Role.ADMINISTRATOR))
    appoint(actor=administrator, user=user, role=Role.AI_COORDINATOR, office=office)
    return _People(actor_of(user, Role.AI_COORDINATOR, today()), user, office)


if __name__ == "__main__":
    sys.exit(main())
