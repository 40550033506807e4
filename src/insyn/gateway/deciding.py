"""The desk where callers ask: clearance, record, both in one, history, what was not used.

A decision, in this order, inside the transaction that gives it its index:
1. the system is known and the key is one of its clients; nobody else leaves more than a count;
2. a repeated idempotency key gets its old receipt, and its use is judged now;
3. system, stop, day, approval; then, under a clearance, that its permit is still the newest; then what is asked; then the outcome;
4. the entry, the sealed groups, the facts row and the kept answer.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from functools import lru_cache

import msgspec

from insyn.core import messages as m
from insyn.core.entries import EntryHead, EntryKind
from insyn.core.passes import Pass
from insyn.core.permit import ClientKey, Permit
from insyn.core.refusals import Refusal, RefusalCode, refuse
from insyn.core.terms import Mode
from insyn.evidence.records import NAMED, Appended

from . import limits, records
from .judge import client_of, judge, judge_groups, judge_outcome, judge_system, stage_of, waits_for_person
from .persons import judge_pass, judge_person
from .state import CLEARANCE_SECONDS, Clearance
from .step import Step

Single = m.Clear | m.Record | m.Decide | m.Release | m.Withhold | m.NotUsed | m.Historical | m.AskReceipt


def answer(step: Step, message: Single) -> m.Answer:
    """Answer one message; a batch comes here item by item."""
    match message:
        case m.Decide():
            return _decide(step, message)
        case m.Clear():
            return _clear(step, message)
        case m.Record():
            return _record(step, message)
        case m.Release():
            return _release(step, message)
        case m.Withhold():
            return _withhold(step, message)
        case m.Historical():
            return _historical(step, message)
        case m.NotUsed():
            return _not_used(step, message)
        case m.AskReceipt():
            return _receipt(step, message)


@lru_cache(maxsize=1024)
def key_digest(key: str) -> str:
    """SHA-256 (hex) of a client key, as permits hold it."""
    return hashlib.sha256(key.encode()).hexdigest()


def _known(step: Step, system: str, key: str) -> tuple[Permit, ClientKey] | m.Denied:
    permit = step.state.permits.get(system)
    if permit is None:
        return step.only_counted(RefusalCode.UNKNOWN_SYSTEM, place="system")
    client = client_of(permit, key_digest(key), step.day)
    if client is None:
        return step.only_counted(RefusalCode.CLIENT_UNKNOWN, place="key")
    return permit, client


def _clear(step: Step, message: m.Clear) -> m.Answer:
    asked = message.asked
    known = _known(step, asked.system, message.key)
    if isinstance(known, m.Denied):
        return known
    permit, _ = known
    refusal = judge(permit, asked, stop=step.state.stop_over(asked), today=step.day) or limits.judge_now(permit, step)
    person = _person(step, permit, message.person)
    if refusal or isinstance(person, Refusal):
        return step.refused(refusal or person, system=asked.system, version=asked.version)  # type: ignore[arg-type]
    public = {
        "system": asked.system,
        "version": asked.version,
        "purpose": asked.purpose,
        "verdict": "cleared",
        "epoch": permit.epoch,
        "packs": permit.packs,
    }
    appended = step.append(EntryKind.CLEARANCE, public)
    expires = step.now.boottime_ns + CLEARANCE_SECONDS * 1_000_000_000
    clearance = Clearance(permit.epoch, asked, key_digest(message.key), expires, person)
    step.after.append(lambda: step.state.clearances.add(appended.rid, clearance))
    return m.Cleared(
        clearance=appended.rid,
        epoch=permit.epoch,
        receipt=step.receipt(appended),
        human_review=permit.human_review or asked.mode is Mode.SUPPORT,
        notice_due=permit.notice_due,
        explanation_due=permit.explanation_due,
        max_age_ms=step.settings.max_age_ms,
        population_due=tuple(sorted(permit.limits.excludes)),
        unknown_fields=permit.limits.unknown_fields,
    )


def _decide(step: Step, message: m.Decide) -> m.Answer:
    asked = message.asked
    known = _known(step, asked.system, message.key)
    if isinstance(known, m.Denied):
        return known
    permit, client = known
    person = _person(step, permit, message.person)
    if isinstance(person, Refusal):
        first = judge_system(permit, stop=step.state.stop_over(asked), today=step.day)
        return step.refused(first or person, system=asked.system, version=asked.version)
    if message.idempotency and (old := _repeated(step, asked, message.outcome, client, message.idempotency, person)):
        return old
    refusal = judge(permit, asked, stop=step.state.stop_over(asked), today=step.day) or limits.judge_now(permit, step)
    if refusal := refusal or _judge_outcome(step, permit, asked, message.outcome):
        return step.refused(refusal, system=asked.system, version=asked.version)
    return _commit(step, permit, client, asked, message.outcome, message.idempotency, person=person)


def _record(step: Step, message: m.Record) -> m.Answer:
    held = step.state.clearances.find(message.clearance, client=key_digest(message.key), now_ns=step.now.boottime_ns)
    if held is None:
        return _record_again(step, message) or step.only_counted(RefusalCode.CLEARANCE_UNKNOWN, place="clearance")
    asked = held.asked
    known = _known(step, asked.system, message.key)
    if isinstance(known, m.Denied):
        return known
    permit, client = known
    if message.idempotency and (old := _repeated(step, asked, message.outcome, client, message.idempotency, held.person)):
        return old
    refusal = _judge_cleared(step, permit, held) or _judge_outcome(step, permit, asked, message.outcome)
    if refusal:
        return step.refused(refusal, system=asked.system, version=asked.version)
    answer = _commit(
        step, permit, client, asked, message.outcome, message.idempotency, held=held, about=message.clearance, person=held.person
    )
    if isinstance(answer, m.Recorded):
        step.state.clearances.use(message.clearance)
        step.undo.append(lambda: step.state.clearances.add(message.clearance, held))
    return answer


def _judge_cleared(step: Step, permit: Permit, held: Clearance) -> Refusal | None:
    stop = step.state.stop_over(held.asked)
    if refusal := judge_system(permit, stop=stop, today=step.day):
        return refusal
    if held.epoch != permit.epoch:
        return refuse(RefusalCode.CLEARANCE_SUPERSEDED, place="clearance", manual_way=permit.manual_way)
    now = limits.judge_hours if held.parts else limits.judge_now  # an answer of which a part has left is counted already
    refusal = judge(permit, held.asked, stop=stop, today=step.day) or now(permit, step)
    return refusal or (judge_pass(permit, held.person, today=step.day) if held.person else None)


def _judge_outcome(step: Step, permit: Permit, asked: m.Asked, outcome: m.Outcome) -> Refusal | None:
    return judge_outcome(permit, asked, outcome, limits.judge_record(permit, asked, outcome, step.day))


def _person(step: Step, permit: Permit, token: str) -> Pass | Refusal | None:
    return judge_person(permit, token, public=step.settings.register_public, today=step.day)


def _record_again(step: Step, message: m.Record) -> m.Answer | None:
    """The clearance is used, expired or lost. A repeated idempotency key of this client still finds its old answer."""
    if not message.idempotency:
        return None
    for system, permit in step.state.permits.items():
        client = client_of(permit, key_digest(message.key), step.day)
        found = client and step.store.remembered(_scope(system, client), message.idempotency)
        if client and found:
            return _repeated(step, records.decode_kept(found.answer).asked, message.outcome, client, message.idempotency)
    return None


def _commit(
    step: Step,
    permit: Permit,
    client: ClientKey,
    asked: m.Asked,
    outcome: m.Outcome,
    idempotency: str | None,
    held: Clearance | None = None,
    about: str = "",
    person: Pass | None = None,
) -> m.Answer:
    kept, dropped = limits.kept_outcome(permit, asked, outcome)
    whose = person.person if person else ""
    private = records.decision_private(asked, kept, client=client.name, at=step.at, person=whose, dropped=len(dropped))
    if records.size_of(private) > records.MAX_SEALED_BYTES:
        refusal = refuse(RefusalCode.TOO_LARGE, place="payload", manual_way=permit.manual_way)
        return step.refused(refusal, system=asked.system, version=asked.version)
    stage = stage_of(permit, asked.mode)
    appended = step.append(
        EntryKind.DECISION,
        records.decision_public(permit, asked, stage, about),
        private=private,
        retention=permit.retention_class,
        fact=records.decision_fact(asked, outcome, stage, step.day),
        case=outcome.case,
        subject=outcome.subject,
        waits=waits_for_person(permit, asked.mode),
        blind_share=permit.blind_share,
    )
    recorded = m.Recorded(
        stage=stage.value,
        epoch=permit.epoch,
        receipt=step.receipt(appended),
        max_age_ms=step.settings.max_age_ms,
        since=step.state.resumed_since(asked.system),
    )
    if idempotency:
        step.tx.remember(
            client=_scope(asked.system, client),
            key=idempotency,
            digest=records.digest_of(asked, outcome),
            answer=records.encode_kept(asked, recorded, person),
            index=appended.index,
        )
    _note_features(step, asked.system, outcome)
    if held is None or not held.parts:
        limits.count(permit, step)
    step.count("recorded")
    return msgspec.structs.replace(recorded, dropped=dropped) if dropped else recorded


def _note_features(step: Step, system: str, outcome: m.Outcome) -> None:
    """Write down which features this decision used, where the month does not say so yet."""
    month, named = step.day[:7], step.state.named
    fresh = named.fresh(system, [factor.feature for factor in outcome.factors if factor.contribution], month)
    if fresh:
        for name in fresh:
            step.tx.put_meta(f"{NAMED}{system}/{name}", month.encode())
        named.keep(system, fresh, month)
        step.undo.append(lambda: named.forget(system, fresh))


def _scope(system: str, client: ClientKey) -> str:
    return f"{system}/{client.name}"


def _repeated(step: Step, asked: m.Asked, outcome: m.Outcome, client: ClientKey, key: str, person: Pass | None = None) -> m.Answer | None:
    """The answer to a key that was used before: the old receipt, with its use judged now. ``None`` for a new key.

    ``person``: the pass that it is asked on now; where that says nothing, the one that it was asked on then.
    """
    found = step.store.remembered(_scope(asked.system, client), key)
    if found is None:
        return None
    permit = step.state.permits[asked.system]
    if found.digest != records.digest_of(asked, outcome):
        conflict = refuse(RefusalCode.IDEMPOTENCY_CONFLICT, place="idempotency", manual_way=permit.manual_way)
        return step.refused(conflict, system=asked.system, version=asked.version)
    kept = records.decode_kept(found.answer)
    refusal = judge(permit, asked, stop=step.state.stop_over(asked), today=step.day) or limits.judge_hours(permit, step)
    refusal = refusal or _judge_outcome(step, permit, asked, outcome) or _judge_holder(step, permit, person or kept.held)
    if refusal is None and _was_dropped(step, kept.receipt.rid):
        refusal = refuse(RefusalCode.ANSWER_TOO_OLD, place="idempotency", manual_way=permit.manual_way)
    if refusal:
        step.refused(refusal, system=asked.system, version=asked.version, about=kept.receipt.rid)
        return m.Denied(refusal=refusal, receipt=kept.receipt)
    return m.Recorded(
        stage=kept.stage,
        epoch=kept.epoch,
        receipt=kept.receipt,
        max_age_ms=step.settings.max_age_ms,
        replayed=True,
        since=step.state.resumed_since(asked.system),
        dropped=limits.kept_outcome(permit, asked, outcome)[1],
    )


def _judge_holder(step: Step, permit: Permit, held: Pass | None) -> Refusal | None:
    """Judge the pass behind a repeated answer. An assistant's answer without one, from before it was an assistant, is not used again."""
    if held is not None:
        return judge_pass(permit, held, today=step.day)
    return refuse(RefusalCode.PERSON_UNKNOWN, place="person", manual_way=permit.manual_way) if permit.instruction else None


def _was_dropped(step: Step, rid: str) -> bool:
    """Whether the log says that this answer was not used; it cannot be used after that."""
    return any(kind == EntryKind.NOT_USED for _, kind in step.store.followers(rid))


def _not_used(step: Step, message: m.NotUsed) -> m.Answer:
    known = _known(step, message.system, message.key)
    if isinstance(known, m.Denied):
        return known
    if step.decision_of(message.system, message.rid) is None:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="rid")
    if said := next((rid for rid, kind in step.store.followers(message.rid) if kind == EntryKind.NOT_USED), ""):
        index = step.store.index_of(said)
        return m.Done(receipt=step.receipt_of(index if index is not None else -1), repeated=True)
    appended = step.append(EntryKind.NOT_USED, {"system": message.system, "about": message.rid, "epoch": known[0].epoch})
    if step.store.is_waiting(message.rid):
        step.tx.set_waiting(message.rid, False, by=appended.rid)
    step.count("not_used")
    return m.Done(receipt=step.receipt(appended))


def _release(step: Step, message: m.Release) -> m.Answer:
    """A part of an answer, judged as its record will be. Its text is durable before it leaves; a part is let go once, in its order."""
    known = _known(step, message.system, message.key)
    if isinstance(known, m.Denied):
        return known
    permit, client = known
    held = step.state.clearances.find(message.clearance, client=key_digest(message.key), now_ns=step.now.boottime_ns)
    if held is None or held.asked.system != message.system:
        return _release_lost(step, permit, message)
    version = held.asked.version
    if refusal := _judge_cleared(step, permit, held):
        return step.refused(refusal, system=message.system, version=version, about=message.clearance)
    if message.part == 0 and not message.text:
        return m.Released(max_age_ms=step.settings.max_age_ms)
    if message.part != held.parts + 1:
        return step.invalid("not the next part", place="part", mend=f"The next part is {held.parts + 1}.")
    if refusal := limits.judge_release(permit, held.asked, message, step.day):
        return step.refused(refusal, system=message.system, version=version, about=message.clearance)
    message = limits.kept_release(permit, held.asked, message)
    private = records.released_private(message, client=client.name, at=step.at, person=held.person.person if held.person else "")
    if records.size_of(private) > records.MAX_SEALED_BYTES:
        refusal = refuse(RefusalCode.TOO_LARGE, place="request", manual_way=permit.manual_way)
        return step.refused(refusal, system=message.system, version=version, about=message.clearance)
    appended = step.append(
        EntryKind.RELEASE,
        {
            "system": message.system,
            "version": version,
            "purpose": held.asked.purpose,
            "epoch": permit.epoch,
            "packs": permit.packs,
            "about": message.clearance,
        },
        private=private,
        retention=permit.retention_class,
        case=message.case,
        subject=message.subject,
    )
    step.state.clearances.add(message.clearance, replace(held, parts=message.part))
    step.undo.append(lambda: step.state.clearances.add(message.clearance, held))
    if message.part == 1:  # the record may never come
        limits.count(permit, step)
    step.count("released")
    return m.Released(max_age_ms=step.settings.max_age_ms, receipt=step.receipt(appended))


def _release_lost(step: Step, permit: Permit, message: m.Release) -> m.Denied:
    """No such clearance any more. A stop takes clearances with it, and then the caller hears of the stop."""
    head = _cleared_head(step, message.system, message.clearance)
    refusal = head and judge_system(permit, stop=step.state.stop_over(head), today=step.day)
    if head and refusal:
        return step.refused(refusal, system=message.system, version=head.version, about=message.clearance)
    return step.only_counted(RefusalCode.CLEARANCE_UNKNOWN, place="clearance")


def _cleared_head(step: Step, system: str, rid: str) -> EntryHead | None:
    """The entry of a clearance of this system; ``None`` for what is none."""
    index = step.store.index_of(rid)
    head = None if index is None else step.head_at(index)
    return head if head and head.kind == EntryKind.CLEARANCE and head.system == system else None


def _withhold(step: Step, message: m.Withhold) -> m.Answer:
    """Whoever held the clearance refused the rest of the answer. An entry, so that a clearance without an outcome has its reason."""
    known = _known(step, message.system, message.key)
    if isinstance(known, m.Denied):
        return known
    head = _cleared_head(step, message.system, message.clearance)
    if head is None:
        return step.only_counted(RefusalCode.CLEARANCE_UNKNOWN, place="clearance")
    held = step.state.clearances.find(message.clearance, client=key_digest(message.key), now_ns=step.now.boottime_ns)
    denied = step.refused(
        refuse(message.code, manual_way=known[0].manual_way), system=message.system, version=head.version, about=message.clearance
    )
    if held is not None:
        step.state.clearances.use(message.clearance)
        step.undo.append(lambda: step.state.clearances.add(message.clearance, held))
    return denied


def _historical(step: Step, message: m.Historical) -> m.Answer:
    known = _known(step, message.system, message.key)
    if isinstance(known, m.Denied):
        return known
    permit, client = known
    digest = records.digest_of(msgspec.structs.replace(message, id=0, key=""))
    found = step.store.remembered(_scope(message.system, client), message.idempotency) if message.idempotency else None
    if found and found.digest != digest:
        conflict = refuse(RefusalCode.IDEMPOTENCY_CONFLICT, place="idempotency", manual_way=permit.manual_way)
        return step.refused(conflict, system=message.system)
    if found:
        return m.Done(receipt=step.receipt_of(found.index), repeated=True)
    if reasons := judge_groups(permit, message.groups):
        return step.refused(Refusal(code=reasons[0].code, reasons=tuple(reasons), manual_way=permit.manual_way), system=message.system)
    if message.about and step.decision_of(message.system, message.about) is None:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="about")
    appended = _enter_history(step, permit, client, message)
    if message.idempotency:
        scope = _scope(message.system, client)
        step.tx.remember(client=scope, key=message.idempotency, digest=digest, answer=b"{}", index=appended.index)
    return m.Done(receipt=step.receipt(appended))


def _enter_history(step: Step, permit: Permit, client: ClientKey, message: m.Historical) -> Appended:
    about = message.about or ""
    appended = step.append(
        EntryKind.HISTORICAL_DECISION,
        {"system": message.system, "epoch": permit.epoch, "about": about},
        private=records.historical_private(message, client=client.name, at=step.at),
        retention=permit.retention_class,
        fact=records.historical_fact(message, step.fact_of(about) if about else ""),
        case=message.case,
    )
    if about and step.store.is_waiting(about):
        step.tx.set_waiting(about, False, by=appended.rid)
    step.count("historical")
    return appended


def _receipt(step: Step, message: m.AskReceipt) -> m.Answer:
    known = _known(step, message.system, message.key)
    if isinstance(known, m.Denied):
        return known
    if message.index >= step.store.size or step.head_at(message.index).system != message.system:
        return step.only_counted(RefusalCode.RECORD_UNKNOWN, place="index")
    return m.Proof(text=step.store.receipt_proof(message.index), entry=step.store.entry(message.index))
