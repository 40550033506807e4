"""The acts of the register. Each: permission, one transaction, one act, its entry. Nothing else changes the register's rows."""

from __future__ import annotations

from .decisions import continue_system, decide_use, pause_system, propose_use, refuse_system, retire_system
from .keys import IssuedKey, issue_client_key, revoke_client_key
from .packs import adopt_pack, apply_packs, close_work
from .records import supply_record, withdraw_record
from .systems import add_version, answer_facts, describe_system, register_system

__all__ = [
    "IssuedKey",
    "add_version",
    "adopt_pack",
    "answer_facts",
    "apply_packs",
    "close_work",
    "continue_system",
    "decide_use",
    "describe_system",
    "issue_client_key",
    "pause_system",
    "propose_use",
    "refuse_system",
    "register_system",
    "retire_system",
    "revoke_client_key",
    "supply_record",
    "withdraw_record",
]
