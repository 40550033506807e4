"""`insyn stop` for every scope, on paper and as an exercise."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from gateway_kit import DAY, HOLDER, OFFICER, SYSTEM, Town, a_permit, number

from insyn.cli.keys import read_stop_key
from insyn.cli.main import main
from insyn.cli.publisher import PublicSite
from insyn.core import messages as m
from insyn.core.permit import StopHolder, StopHolders, sign_stop_holders
from insyn.core.spool import load_order, read_order, waiting_orders
from insyn.core.terms import StopScope
from insyn.evidence.reader import EvidenceReader


def run(town: Town, key: Path, *arguments: str) -> int:
    return main(["stop", *arguments, "--home", str(town.home.root), "--key", str(key)])


def set_aside(town: Town) -> None:
    """Wait until the sequencer has looked at what was refused. Until then a mandate that comes would make it count."""
    deadline = time.monotonic() + 20
    while waiting_orders(town.home.spool) and time.monotonic() < deadline:
        time.sleep(0.02)


def test_a_holder_with_a_wide_mandate_stops_each_scope_from_the_command_line(
    town: Town, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    holder = StopHolder(HOLDER.person, "2099-12-31", read_stop_key(key).signing_key().public.hex())
    town.start()
    town.permit_in_force(a_permit(stop_holders=(holder,), suppliers=("supplier-1",)))
    town.permit_in_force(a_permit(system="other", stop_holders=(StopHolder(OFFICER.person, "2099-12-31"),)))
    assert run(town, key, "--everything") == 1
    assert "no mandate" in capsys.readouterr().err
    set_aside(town)
    wide = sign_stop_holders(StopHolders(number=1, holders=(holder,)), town.register_key)
    assert isinstance(town.control().ask(m.KeepStopHolders(id=number(), holders=wide)), m.Done)
    assert run(town, key, SYSTEM, "--version", "1.O") == 1
    assert "No permit names such a version" in capsys.readouterr().err
    set_aside(town)
    assert run(town, key, SYSTEM, "--version", "1.0", "--exercise") == 0
    assert "Measured from the order: committed after" in capsys.readouterr().out
    assert run(town, key, SYSTEM, "--purpose", "assess_loan", "--paper", "--ordered-at", "2026-11-20T03:14Z") == 0
    assert "Ordered 2026-11-20T03:14:00.000+00:00: purpose assess_loan of lanestod" in capsys.readouterr().out
    assert run(town, key, "--supplier", "supplier-1") == 0
    assert "It holds: lanestod" in capsys.readouterr().out
    assert run(town, key, "--everything") == 0
    town.end()
    stops = [(head.scope, head.via) for head in town.heads() if head.kind == "stop"]
    assert stops == [("version", "exercise"), ("purpose", "paper"), ("supplier", ""), ("supplier", ""), ("everything", "")]


def test_a_paper_order_of_somebody_else_waits_in_the_spool_with_both_names(town: Town, key: Path) -> None:
    told = ("--paper", "--ordered-at", "2026-11-20T03:14Z", "--by", "p-chief", "--by-name", "Karin Krisledare")
    assert run(town, key, SYSTEM, *told) == 0
    [path] = waiting_orders(town.home.spool)
    order = read_order(load_order(path))
    assert (order.via, order.actor.name, order.ordered_at) == ("paper", "Karin Krisledare", "2026-11-20T03:14:00.000+00:00")
    assert order.entered_by == HOLDER


@pytest.mark.parametrize(
    ("arguments", "place"),
    [
        ((), "system"),
        ((SYSTEM, "--everything"), "system"),
        ((SYSTEM, "--supplier", "s"), "system"),
        (("--version", "1.0"), "system"),
        ((SYSTEM, "--version", "\u00e5"), "--version"),
        ((SYSTEM, "--paper"), "--ordered-at"),
        ((SYSTEM, "--paper", "--ordered-at", "soon"), "--ordered-at"),
        ((SYSTEM, "--paper", "--ordered-at", "2999-01-01T00:00"), "--ordered-at"),
        ((SYSTEM, "--paper", "--ordered-at", "2026-01-01T00:00", "--by", "p-x"), "--by"),
        ((SYSTEM, "--ordered-at", "2026-01-01T00:00"), "--ordered-at"),
        ((SYSTEM, "--paper", "--exercise", "--ordered-at", "2026-01-01T00:00"), "--exercise"),
    ],
)
def test_an_order_that_says_too_little_or_too_much_orders_nothing(
    town: Town, key: Path, arguments: tuple[str, ...], place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(town, key, *arguments) == 1
    assert place in capsys.readouterr().err
    assert waiting_orders(town.home.spool) == []


def test_verify_says_what_is_stopped_in_every_scope(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    bench = town.engine()
    bench.permit(suppliers=("supplier-1",))
    lifted = bench.stop().index
    for of in ({"scope": StopScope.VERSION, "version": "1.0"}, {"scope": StopScope.SUPPLIER, "supplier": "supplier-1"}):
        bench.stop(**of)
    bench.stop(scope=StopScope.EVERYTHING)
    assert isinstance(bench.order(town.act(resume_of=lifted)), m.Done)
    bench.engine.checkpoint()
    with EvidenceReader.read_only(town.home.evidence) as reader:
        assert PublicSite(town.home, reader).publish(DAY.date())
    town.home.log_vkey.write_text(town.signer.vkey)
    assert main(["verify", str(town.home.public), "--stops"]) == 0
    printed = capsys.readouterr().out
    assert "Stops: 4, resumes: 1, broken: 0" in printed
    assert "everything (since entry 6), lanestod version 1.0 (since entry 3)" in printed
    assert "supplier supplier-1 (since entry 4)" in printed
