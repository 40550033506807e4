"""The witness protocol (C2SP tlog-witness): what a log sends, and how a witness answers.

A log posts ``old <size>``, the consistency proof from that size, an empty line and its checkpoint to ``<url>/add-checkpoint``. The witness
answers with signature lines; or with 409 and the size that it has seen.
"""

from __future__ import annotations

import base64
import http.client
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass

from .errors import TlogError
from .notes import parse_note, parse_signatures, strict_base64
from .policy import Witness
from .proofs import MAX_HASHES

SIZE_TYPE = "text/x.tlog.size"
PATH = "add-checkpoint"
MAX_REQUEST_BYTES = 200_000
MAX_ANSWER_BYTES = 200_000
_OLD = re.compile(r"old (0|[1-9][0-9]{0,18})")
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n")


@dataclass(frozen=True)
class AddCheckpoint:
    """What is asked of a witness: to cosign the checkpoint in ``note``, which continues the tree of ``old`` entries."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    def encode(self) -> bytes:
        hashes = "".join(f"{base64.b64encode(hashed).decode()}\n" for hashed in self.proof)
        return f"old {self.old}\n{hashes}\n{self.note}".encode()

    @classmethod
    def parse(cls, data: bytes) -> AddCheckpoint:
        """Raises :class:`TlogError`."""
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise TlogError("the request is not UTF-8 text") from error
        head, blank, note = text.partition("\n\n")
        lines = head.split("\n")
        old = _OLD.fullmatch(lines.pop(0))
        if old is None or not blank:
            raise TlogError("the request is an old size, hashes, an empty line and a checkpoint")
        hashes = tuple(strict_base64(line) for line in lines)
        if len(hashes) > MAX_HASHES or any(len(hashed) != 32 for hashed in hashes):
            raise TlogError(f"the proof holds what is not a hash, or more than {MAX_HASHES} of them")
        parse_note(note)
        return cls(int(old[1]), hashes, note)


class WitnessError(TlogError):
    """A witness did not cosign. The message says why, for whoever runs the log."""


class WitnessConflict(WitnessError):
    """The witness has seen another size than the request continues. ``size`` is what it has seen."""

    def __init__(self, size: int) -> None:
        self.size = size
        super().__init__(f"the witness has seen {size} entries")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A witness is where its policy says; a redirect would turn the post into something else."""

    def redirect_request(self, *_: object) -> None:
        return None


_open = urllib.request.build_opener(_NoRedirect).open


def add_checkpoint(witness: Witness, request: AddCheckpoint, *, timeout: float) -> str:
    """The signature lines of this witness over the checkpoint, each checked against its key.

    ``timeout`` is for each wait on the network; a witness that trickles is the caller's to leave. Raises :class:`WitnessConflict`,
    :class:`WitnessError`.
    """
    asked = urllib.request.Request(  # noqa: S310 - the policy takes http(s) only
        f"{witness.url}/{PATH}",
        data=request.encode(),
        method="POST",
        headers={"Content-Type": "text/plain; charset=utf-8", "User-Agent": "insyn"},
    )
    try:
        with _open(asked, timeout=timeout) as answer:
            data: bytes = answer.read(MAX_ANSWER_BYTES + 1)
    except urllib.error.HTTPError as error:
        with error:
            raise _refused(error) from error
    except (OSError, http.client.HTTPException) as error:
        raise WitnessError(f"cannot be reached: {error}") from error
    return _own_lines(witness, request.note, data)


def _refused(error: urllib.error.HTTPError) -> WitnessError:
    try:
        body = error.read(500)
    except (OSError, http.client.HTTPException):
        body = b""
    size = _SIZE.fullmatch(body)
    if error.code == 409 and size is not None and error.headers.get_content_type() == SIZE_TYPE:
        return WitnessConflict(int(size[1]))
    meaning = {404: "it does not know this log", 403: "it does not take the log's key", 422: "the proof did not hold"}
    return WitnessError(f"it answered {error.code}: {meaning.get(error.code) or body.decode(errors='replace').strip()[:200]}")


def _own_lines(witness: Witness, note: str, data: bytes) -> str:
    """The lines under the witness's own key; others are ignored."""
    if len(data) > MAX_ANSWER_BYTES:
        raise WitnessError("its answer is too long")
    try:
        signatures = parse_signatures(data.decode("utf-8"))
    except (TlogError, UnicodeDecodeError) as error:
        raise WitnessError(f"its answer is no signature: {error}") from error
    body, verifier = parse_note(note)[0], witness.verifier
    own = [one for one in signatures if (one.name, one.key_id) == (verifier.name, verifier.key_id)]
    if not own or not all(verifier.verify(body, one.signature) for one in own):
        raise WitnessError("its answer holds no valid signature by the key that the policy gives it")
    return own[0].line


def with_lines(note: str, lines: Sequence[str]) -> str:
    """The note with these signature lines added."""
    return note + "".join(lines)
