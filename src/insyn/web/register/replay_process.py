"""A long dry run in a process of its own: ``python -m insyn.web.register.replay_process FOLDER KEY``. It reads its job from a file.

Neither Django nor the register is opened here. The result is put in its place whole, or not at all.
"""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

import msgspec

from insyn.law.adoption import Adoption
from insyn.law.loader import load_files
from insyn.rules.comparing import Side
from insyn.rules.replay import RegisteredSystem, replay

_WORKERS = 2


class Packs(msgspec.Struct, frozen=True, kw_only=True):
    """One side: the files of each pack, and the adoptions whose texts are among them."""

    files: list[dict[str, bytes]]
    adoptions: tuple[Adoption, ...]


class Job(msgspec.Struct, frozen=True, kw_only=True):
    before: Packs
    after: Packs
    on: date
    systems: tuple[RegisteredSystem, ...]


def job_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.job"


def progress_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.progress"


def result_path(folder: Path, key: str) -> Path:
    return folder / f"{key}.result"


def finish(folder: Path, key: str) -> None:
    """Do the job, telling how far it has come, and leave the result."""
    job = msgspec.msgpack.decode(job_path(folder, key).read_bytes(), type=Job)
    before, after = (Side(packs=load_files(side.files), on=job.on, adoptions=side.adoptions) for side in (job.before, job.after))
    told = progress_path(folder, key)
    found = replay(job.systems, before, after, workers=_WORKERS, progress=lambda done: told.write_text(str(done)) and None)
    unfinished = result_path(folder, key).with_suffix(".unfinished")
    with open(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(msgspec.json.encode(found))
    unfinished.rename(result_path(folder, key))
    for path in (job_path(folder, key), told):
        path.unlink(missing_ok=True)


if __name__ == "__main__":
    finish(Path(sys.argv[1]), sys.argv[2])
