"""The acts of the register. Each: permission, one transaction, one act, its entry. Nothing else changes the register's rows."""

from __future__ import annotations

from .data_uses import cite_data_use, decide_data_use, propose_data_use, retire_data_field, withdraw_data_use
from .decisions import continue_system, decide_use, pause_system, propose_use, refuse_system, retire_system
from .keys import IssuedKey, issue_client_key, revoke_client_key, rotate_client_key
from .limits import set_limits
from .packs import adopt_pack, apply_packs, close_work
from .phases import advance_system, hand_over_system
from .placing import place_system
from .products import change_product, change_supplier, register_product, register_supplier, use_product
from .records import supply_record, withdraw_record
from .systems import add_version, answer_facts, describe_system, register_system
from .visibility import set_visibility

__all__ = [
    "IssuedKey",
    "add_version",
    "adopt_pack",
    "advance_system",
    "answer_facts",
    "apply_packs",
    "change_product",
    "change_supplier",
    "cite_data_use",
    "close_work",
    "continue_system",
    "decide_data_use",
    "decide_use",
    "describe_system",
    "hand_over_system",
    "issue_client_key",
    "pause_system",
    "place_system",
    "propose_data_use",
    "propose_use",
    "refuse_system",
    "register_product",
    "register_supplier",
    "register_system",
    "retire_data_field",
    "retire_system",
    "revoke_client_key",
    "rotate_client_key",
    "set_limits",
    "set_visibility",
    "supply_record",
    "use_product",
    "withdraw_data_use",
    "withdraw_record",
]
