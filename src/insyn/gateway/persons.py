"""On whose behalf: the pass that a call through an assistant is made on. Pure, apart from the remembered signatures.

A pass holds when the register signed it for this system, its last day has not gone by, it has not been taken back, and the instruction
that its holder confirmed is the one in force. An assistant is never called without one; where there is no instruction, no pass holds.
"""

from __future__ import annotations

from insyn.core.errors import SignatureInvalid
from insyn.core.passes import NO_INSTRUCTION, Pass, open_pass
from insyn.core.permit import Permit
from insyn.core.refusals import Refusal, RefusalCode, refuse

from .orders import REGISTER


def judge_person(permit: Permit, token: str, *, public: bytes, today: str) -> Pass | Refusal | None:
    """The pass that holds, a refusal, or ``None`` where a program asks for itself and may."""
    if not token and not permit.instruction:
        return None
    try:
        found = open_pass(token, key=REGISTER, public=public)
    except SignatureInvalid:
        return refuse(RefusalCode.PERSON_UNKNOWN, place="person", manual_way=permit.manual_way)
    return judge_pass(permit, found, today=today) or found


def judge_pass(permit: Permit, found: Pass, *, today: str) -> Refusal | None:
    """Judge a pass whose signature holds; again at each release, for it may have been taken back meanwhile."""
    if found.system != permit.system or found.last_day < today or found.id in permit.passes_revoked:
        return refuse(RefusalCode.PERSON_UNKNOWN, place="person", manual_way=permit.manual_way)
    if permit.instruction in ("", NO_INSTRUCTION) or found.instruction != permit.instruction:
        return refuse(RefusalCode.INSTRUCTION_NOT_CONFIRMED, place="person", manual_way=permit.manual_way)
    return None
