"""A copy of the published log in an S3-compatible store, which any visitor reads over its plain web address.

The folder is made first and is the truth; the store is brought to what the folder holds: tiles and bundles first, the checkpoint after all that
it speaks of, the figures last. A put either happens whole or not at all, and a tile never changes once it is full, so whatever is there with
the right length is not sent again: an upload that was cut off goes on where it stopped.

Needs the extra ``s3`` (obstore). Credentials come from the environment (``AWS_ACCESS_KEY_ID`` and its kin), never from our settings.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from insyn.core import strict_json
from insyn.core.errors import InsynError, InvalidInput
from insyn.tlog.checkpoint import read_checkpoint
from insyn.tlog.errors import TlogError
from insyn.tlog.retention import may_be_gone
from insyn.tlog.tiles import TILE_WIDTH, TileName

from .pruning import minimum_index

_SECONDS = timedelta(seconds=20)
_TRIES = 3
_TEXT, _BYTES, _JSON = "text/plain; charset=utf-8", "application/octet-stream", "application/json"
#: In this order: the checkpoint after what it speaks of, figures after the checkpoint that covers them.
_TILES = re.compile(r"tile/.*")
_ORDER = (
    (_TILES, _BYTES, "public, max-age=31536000, immutable"),
    (re.compile(r"log(-ml-dsa)?\.vkey|policy"), _TEXT, "public, max-age=3600"),
    (re.compile(r"retention\.json"), _JSON, "public, max-age=60"),
    (re.compile(r"checkpoint"), _TEXT, "no-cache"),
    (re.compile(r"figures/[a-z0-9][a-z0-9_.-]{0,63}\.json"), _JSON, "public, max-age=60"),
)


class UploadFailed(InsynError):
    """The object store refused or could not be reached. What is in the folder stays right, and is sent next time."""


class ObjectStoreConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``prefix`` is a folder inside the bucket, without slashes at its ends. ``endpoint`` is the address of a store that is not Amazon's."""

    bucket: str
    prefix: str = ""
    endpoint: str = ""
    region: str = "eu-north-1"


class Objects(Protocol):
    """What is asked of a store; :class:`S3Objects` is one."""

    def sizes(self) -> dict[str, int]:
        """Every object by its path inside the log, with its length."""
        ...

    def get(self, path: str) -> bytes: ...

    def put(self, path: str, data: bytes, *, kind: str, cache: str) -> None: ...

    def delete(self, paths: Iterable[str]) -> None: ...


def read_config(path: Path) -> ObjectStoreConfig | None:
    """None where nothing is to be copied. Raises :class:`InvalidInput` that names the field."""
    try:
        config = strict_json.convert(strict_json.loads(path.read_bytes()), ObjectStoreConfig)
    except FileNotFoundError:
        return None
    except InvalidInput as error:
        raise InvalidInput(error.message, place=f"{path.name}: {error.place}", mend=error.mend) from error
    if not config.bucket or config.prefix != config.prefix.strip("/"):
        raise InvalidInput("needs a bucket, and a prefix without slashes at its ends", place=path.name)
    return config


class S3Objects:
    """A bucket, or a folder in it."""

    def __init__(self, config: ObjectStoreConfig) -> None:
        try:
            from obstore.store import S3Store
        except ImportError as error:
            raise InvalidInput(
                "copying to an object store needs obstore", mend="Install Insyn with the extra s3: insyn[server,s3]."
            ) from error
        self._store = S3Store(
            config.bucket,
            prefix=config.prefix or None,
            config={"region": config.region, **({"endpoint": config.endpoint} if config.endpoint else {})},
            client_options={"timeout": _SECONDS, "connect_timeout": _SECONDS, "allow_http": config.endpoint.startswith("http://")},
            retry_config={"max_retries": _TRIES, "retry_timeout": _SECONDS * _TRIES},
        )

    def sizes(self) -> dict[str, int]:
        return {found["path"]: found["size"] for page in self._store.list() for found in page}

    def get(self, path: str) -> bytes:
        return bytes(self._store.get(path).bytes())

    def put(self, path: str, data: bytes, *, kind: str, cache: str) -> None:
        # In one request: a put is then whole or nothing.
        self._store.put(path, data, attributes={"Content-Type": kind, "Cache-Control": cache}, use_multipart=False)

    def delete(self, paths: Iterable[str]) -> None:
        self._store.delete(list(paths))


class Mirror:
    """Brings a store to what a folder holds. Lists the store once; from then on it knows what it sent."""

    def __init__(self, folder: Path, objects: Objects) -> None:
        self.folder, self._objects = folder, objects
        self._there: dict[str, int] | None = None
        self._texts: dict[str, bytes] = {}  # files that change, as they were last sent

    def send(self) -> int:
        """Send what is missing or changed and take away what the folder no longer holds; returns how many objects were sent.

        Raises :class:`UploadFailed`; then nothing later in the order was sent, so the old checkpoint still stands there.
        """
        try:
            return self._send()
        except InsynError:
            raise
        except Exception as error:  # the library has many error types, some made at run time
            self._there = None
            raise UploadFailed(f"the published log could not be copied: {error}") from error

    def _send(self) -> int:
        if self._there is None:
            there = self._objects.sizes()
            self._refuse_to_go_back(there)
            self._there = there
        texts = self._texts_now()
        tiles = sorted(path.relative_to(self.folder).as_posix() for path in (self.folder / "tile").rglob("*") if path.is_file())
        sent = 0
        for pattern, kind, cache in _ORDER:
            for path in (*tiles, *sorted(texts)):
                if pattern.fullmatch(path):
                    sent += self._send_one(path, texts.get(path), kind, cache, self._there)
        files = {*tiles, *texts}
        minimum = minimum_index(self.folder)
        gone = [path for path in self._there if path not in files and _may_go(path, files, minimum)]
        if gone:
            self._objects.delete(gone)
            for path in gone:
                del self._there[path]
        return sent

    def _send_one(self, path: str, text: bytes | None, kind: str, cache: str, there: dict[str, int]) -> bool:
        if text is None:
            file = self.folder / path
            if not file.exists() or there.get(path) == file.stat().st_size:  # a publisher may have replaced a partial tile meanwhile
                return False
            data = file.read_bytes()
        elif self._texts.get(path) == text:
            return False
        else:
            data = text
        self._objects.put(path, data, kind=kind, cache=cache)
        there[path] = len(data)
        if text is not None:
            self._texts[path] = text
        return True

    def _texts_now(self) -> dict[str, bytes]:
        """Everything but tiles, as it is now: figures before the checkpoint and the checkpoint before the tiles are listed, since a publisher
        may go on meanwhile, and what is sent later must speak only of what was sent before."""
        names = [path.relative_to(self.folder).as_posix() for path in sorted(self.folder.glob("figures/*.json"))]
        names += [path.name for path in sorted(self.folder.iterdir()) if path.name != "checkpoint"] + ["checkpoint"]
        wanted = [name for name in names if any(pattern.fullmatch(name) for pattern, _, _ in _ORDER)]
        return {name: (self.folder / name).read_bytes() for name in wanted if (self.folder / name).is_file()}

    def _refuse_to_go_back(self, there: Container[str]) -> None:
        """A folder from an old backup must not take back what the world has seen."""
        if "checkpoint" not in there:
            return
        shown = read_checkpoint(self._objects.get("checkpoint").decode("utf-8"))
        own = self.folder / "checkpoint"
        size = read_checkpoint(own.read_text(encoding="utf-8")).size if own.exists() else 0
        if size < shown.size:
            raise UploadFailed(f"the object store shows {shown.size} entries, the folder has {size}: was an old backup put back?")


def _may_go(path: str, files: Container[str], minimum: int) -> bool:
    """Partial tiles that have become full, and what is pruned under the published policy. Nothing else is ever taken away."""
    if not _TILES.fullmatch(path):
        return False
    try:
        name = TileName.parse(path)
    except TlogError:
        return False
    return may_be_gone(name.full, minimum) or (name.width < TILE_WIDTH and name.full.path in files)
