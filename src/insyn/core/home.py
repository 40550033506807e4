"""Names of the files and folders of one installation. Nothing is opened or made here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """``root`` holds everything that one installation writes.

    ``secrets`` is for a demonstration and for tests: in production each secret comes from outside the disk that it protects.
    """

    root: Path

    @property
    def register(self) -> Path:
        return self.root / "register.sqlite3"

    @property
    def evidence(self) -> Path:
        """Folder with ``evidence.sqlite`` and ``keys.sqlite``."""
        return self.root / "evidence"

    @property
    def run(self) -> Path:
        """Folder of the Unix sockets."""
        return self.root / "run"

    @property
    def decide_socket(self) -> Path:
        return self.run / "decide.sock"

    @property
    def control_socket(self) -> Path:
        return self.run / "control.sock"

    @property
    def spool(self) -> Path:
        """Stop orders, each flushed here before it is sent."""
        return self.root / "spool"

    @property
    def public(self) -> Path:
        """The published log and the public figures; any web server can serve it."""
        return self.root / "public"

    @property
    def figures(self) -> Path:
        return self.public / "figures"

    @property
    def fields_named(self) -> Path:
        """When each group and feature was last named in a decision; for the register, not for the public."""
        return self.root / "fields"

    @property
    def followed(self) -> Path:
        """What people decided on proposals and what was reconsidered, with every cell; for the register, not for the public."""
        return self.root / "followed"

    @property
    def log_vkey(self) -> Path:
        """The log's public key as a note verifier key."""
        return self.public / "log.vkey"

    @property
    def log_ml_dsa_vkey(self) -> Path:
        """The log's second public key, ML-DSA-44, for when Ed25519 no longer holds. Published once a public checkpoint bears its signature."""
        return self.root / "log-ml-dsa.vkey"

    @property
    def witnesses(self) -> Path:
        """Folder with ``policy``, the witnesses that checkpoints are sent to, and the checkpoints that they cosigned."""
        return self.root / "witnesses"

    @property
    def object_store(self) -> Path:
        """Where the published log is copied to, if anywhere (an S3-compatible store). Holds no credentials."""
        return self.root / "object-store.json"

    @property
    def archive_key(self) -> Path:
        """The archive authority's public key (hex), to which the keys of what is kept for good are escrowed."""
        return self.root / "archive.pub"

    @property
    def proxies(self) -> Path:
        """The models that the proxy stands before. Without the file there is no proxy."""
        return self.root / "proxies.json"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def register_key(self) -> Path:
        """Seed (hex) of the key that signs permits and control messages."""
        return self.secrets / "register.key"

    @property
    def log_key(self) -> Path:
        """Seed (hex) of the key that signs checkpoints."""
        return self.secrets / "log.key"

    @property
    def log_ml_dsa_key(self) -> Path:
        """Seed (hex) of the ML-DSA-44 key that signs checkpoints beside it."""
        return self.secrets / "log-ml-dsa.key"

    @property
    def root_key(self) -> Path:
        """The wrapping key of the key file (hex, 32 bytes)."""
        return self.secrets / "root.key"

    @property
    def django_key(self) -> Path:
        return self.secrets / "django.key"

    @property
    def sequencer_config(self) -> Path:
        return self.root / "sequencer.json"

    @property
    def other_sequencers(self) -> Path:
        """Names the other sequencers of the municipality; missing where there is one."""
        return self.root / "sequencers.json"

    def make(self) -> None:
        """Make the folders, closed to other users (the public one open)."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder in (self.evidence, self.run, self.spool, self.secrets):
            folder.mkdir(mode=0o700, exist_ok=True)
        for folder in (self.public, self.figures):
            folder.mkdir(exist_ok=True)
