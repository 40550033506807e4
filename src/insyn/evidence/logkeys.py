"""The log's second key, ML-DSA-44: made with a new installation, and added to one from before the log had it."""

from __future__ import annotations

import json
import secrets
from pathlib import Path

from insyn.core.errors import InvalidInput
from insyn.core.files import write_flushed
from insyn.core.home import Home
from insyn.tlog.cosignature import Cosigner


def log_settings(home: Home) -> dict[str, str]:
    """What the sequencer is told of it: where the key lies, and where the witnesses are named."""
    return {"log_ml_dsa_key_file": str(home.log_ml_dsa_key), "witnesses": str(home.witnesses)}


def make_log_key(home: Home, origin: str) -> None:
    """Make the key unless it is there, and write its public half into the home. The publisher shows it when a checkpoint bears it."""
    if not home.log_ml_dsa_key.exists():
        write_flushed(home.log_ml_dsa_key, f"{secrets.token_hex(32)}\n".encode())
    seed = bytes.fromhex(home.log_ml_dsa_key.read_text(encoding="utf-8").strip())
    write_flushed(home.log_ml_dsa_vkey, f"{Cosigner(origin, seed).vkey}\n".encode(), mode=0o644)


def add_log_key(home: Home) -> bool:
    """Give an installation the key and the settings that it lacks; false when it has them. Raises :class:`InvalidInput` for no installation.

    The sequencer signs with it from its next start.
    """
    config = _read_config(home.sequencer_config)
    missing = {name: value for name, value in log_settings(home).items() if not config.get(name)}
    if not missing and home.log_ml_dsa_vkey.exists():
        return False
    if not config.get("log_ml_dsa_key_file"):  # a key elsewhere is its owner's to publish
        make_log_key(home, str(config["origin"]))
    if missing:
        write_flushed(home.sequencer_config, (json.dumps({**config, **missing}, indent=2) + "\n").encode(), mode=0o644)
    return True


def _read_config(path: Path) -> dict[str, object]:
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput("no installation here", place=str(path), mend="Give the folder of an installation with --home.") from error
    if not isinstance(config, dict) or not config.get("origin"):
        raise InvalidInput("not a sequencer's settings", place=str(path))
    return config
