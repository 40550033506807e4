"""Takes the rows of an import: ``python -m insyn.web.imports.worker IMPORT``. In a process of its own, so that no page waits for it.

Killed in the middle, it leaves whole rows only; started again, it goes on with the next.
"""

from __future__ import annotations

import subprocess
import sys

from insyn.core.messages import Actor


def start(key: int) -> None:
    """Start a worker and let it go."""
    subprocess.Popen([sys.executable, "-m", "insyn.web.imports.worker", str(key)], stdin=subprocess.DEVNULL, start_new_session=True)


def work(key: int) -> None:
    """Take every row that is left, in the name of who decided it."""
    from .actions import take_rows, taken_slugs
    from .models import Import

    found = Import.objects.select_related("applied").get(pk=key)
    if found.applied is None:
        return
    by = found.applied
    actor = Actor(person=by.person, name=by.actor_name, role=by.role, office=by.office)
    taken = taken_slugs()
    while take_rows(actor=actor, found=found, taken=taken):
        pass


if __name__ == "__main__":
    import django

    django.setup()
    work(int(sys.argv[1]))
