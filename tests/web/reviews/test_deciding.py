"""From the form to the letter to the log, with a real sequencer; what was typed is never lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from insyn.core.messages import Actor, Open, Opened
from insyn.core.terms import DisclosureGroup

from .conftest import OWN, Desk, heads

pytestmark = pytest.mark.django_db(transaction=True)


def sealed_review(sequencer: Any, actor: Actor) -> dict[str, Any]:
    """What was sealed with the only decision."""
    [head] = heads(sequencer, "review")
    groups = (DisclosureGroup.REVIEW,)
    answer = sequencer.client().ask_new(
        lambda number: Open(id=number, rid=head.rid, groups=groups, actor=actor, purpose="prov", system="loans")
    )
    assert isinstance(answer, Opened)
    return dict(answer.groups[DisclosureGroup.REVIEW])


def test_the_letter_is_drafted_changed_looked_at_and_sealed_and_nothing_typed_is_lost_on_the_way_back(
    loans: Any, propose: Callable[..., str], desk: Callable[[str], Desk], sequencer: Any, officer: Actor
) -> None:
    mine = desk(propose())
    mine.open()
    mine.send("letter", verdict="changed", outcome="grant", reasons=OWN, heard_party="on")
    assert mine.answer.status_code == 200, mine.text
    assert OWN in mine.text
    assert "## " in mine.text
    assert "Case_Officer Prov, handläggare" in mine.text
    gaps = Desk(mine.browser, mine.rid)
    gaps.answer = mine.answer
    assert gaps.send("decide").status_code == 422, "the person concerned would read the gaps"
    assert "Fyll i eller ta bort: [Skriv:" in gaps.text
    mine.send("preview", letter="Hej!\n\n## Beslut\n\nDu får låna. <b>Bra</b>")
    assert "<h2>Beslut</h2>" in mine.text
    assert "&lt;b&gt;" in mine.answer.content.decode(), "what is typed is text"
    assert heads(sequencer, "review") == []
    mine.send("letter")
    assert "Det här är brevet som du skrev det förut." in mine.text
    mine.send("preview")
    pdf = Desk(mine.browser, mine.rid)
    pdf.answer = mine.answer
    assert pdf.send("pdf")["Content-Type"] == "application/pdf"
    assert pdf.answer.content.startswith(b"%PDF")
    assert mine.send("decide").status_code == 302
    sealed = sealed_review(sequencer, officer)
    assert sealed["letter"].replace("\r\n", "\n") == "Hej!\n\n## Beslut\n\nDu får låna. <b>Bra</b>"
    assert (sealed["outcome"], sealed["heard_party"]) == ("grant", True)
    mine = desk(propose())
    mine.open()
    mine.send("letter", verdict="rejected", outcome="deny", reasons=OWN)
    mine.send("back", letter="Mitt eget brev.")
    assert OWN in mine.text
    assert 'name="letter" value="Mitt eget brev."' in mine.text
    assert 'value="rejected" ' in mine.text
    mine.send("letter", verdict="rejected", outcome="deny", reasons=OWN)
    assert "Mitt eget brev." in mine.text
    mine.send("draft")
    assert "Mitt eget brev." not in mine.text


def test_after_twelve_hours_the_case_is_opened_anew_with_what_was_typed(
    loans: Any, propose: Callable[..., str], desk: Callable[[str], Desk], sequencer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insyn.web.reviews import seals

    mine = desk(propose())
    with monkeypatch.context() as then:
        then.setattr(seals, "LIFE", timedelta(hours=-1))  # not the clock: a mandate may begin today
        assert "Du har till" in mine.open()
    mine.send("decide", verdict="accepted", reasons=OWN)
    assert mine.answer.status_code == 409
    assert "för gammalt att besluta på" in mine.text
    assert OWN in mine.text
    assert heads(sequencer, "review") == []
    assert mine.send("decide", verdict="accepted", reasons=OWN).status_code == 302
    assert len(heads(sequencer, "review")) == 1
    assert len(heads(sequencer, "opened")) == 2


def test_a_case_without_a_trace_of_its_notice_is_closed_only_with_one(
    loans: Any, propose: Callable[..., str], desk: Callable[[str], Desk], sequencer: Any, officer: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from insyn.web.reviews import case_views

    real = case_views.open_case
    monkeypatch.setattr(case_views, "open_case", lambda *args, **kwargs: replace(real(*args, **kwargs), notice=""))
    mine = desk(propose())
    assert "Var får personen veta att AI har hjälpt till?" in mine.open()
    mine.send("decide", verdict="accepted", reasons=OWN)
    assert mine.answer.status_code == 422
    assert mine.send("decide", verdict="accepted", reasons=OWN, channel="letter", notice_step="I beslutsbrevet").status_code == 302
    assert sealed_review(sequencer, officer)["notice"] == {"channel": "letter", "step": "I beslutsbrevet", "words": ""}


def test_what_was_typed_stays_when_the_log_is_silent_and_when_the_session_has_ended(
    loans: Any, propose: Callable[..., str], desk: Callable[[str], Desk], sequencer: Any
) -> None:
    mine = desk(propose())
    mine.open()
    sequencer.kill()
    assert mine.send("decide", verdict="accepted", reasons=OWN, letter="Brevet.").status_code == 503
    assert OWN in mine.text
    assert "Brevet." in mine.text
    sequencer.start()
    assert mine.send("decide").status_code == 302, "the button sends it once more"

    other = desk(propose())
    other.open()
    other.browser.logout()
    other.send("decide", verdict="accepted", reasons=OWN)
    assert other.answer.status_code == 403
    assert OWN in other.text
    assert "Du har loggats ut" in other.text
    assert "no-store" in other.answer["Cache-Control"]


def test_the_bias_of_the_system_stands_beside_the_case_and_a_decided_one_is_refused_with_the_words_kept(
    loans: Any, propose: Callable[..., str], desk: Callable[[str], Desk], settings: Any
) -> None:
    import msgspec

    from insyn.web.site.figures import Figures, GroupRate

    settings.HOME.figures.mkdir(parents=True, exist_ok=True)
    rates = (
        GroupRate("sex", "f", n=400, rate=0.40, low=0.36, high=0.44),
        GroupRate("sex", "m", n=400, rate=0.60, low=0.56, high=0.64),
    )
    figures = Figures("loans", "2026-11-21", 9, 800, 0, 0, 0, 0, groups=rates)
    (settings.HOME.figures / "loans.json").write_bytes(msgspec.json.encode(figures))
    rid = propose()
    text = desk(rid).open()
    assert "Kön: m 60,0 %, f 40,0 % med det gynnande förslaget." in text
    assert text.index("Kön: m") < text.index("3. Ditt beslut")
    one, two = desk(rid), desk(rid)
    one.open()
    two.open()
    assert one.send("decide", verdict="accepted", reasons=OWN).status_code == 302
    second = "Jag kom fram till samma sak men av helt andra skäl än min kollega."
    two.send("decide", verdict="accepted", reasons=second)
    assert two.answer.status_code == 409
    assert "Förslaget är redan avgjort." in two.text
    assert second in two.text
    two.send("decide")
    assert "Ärendet är avgjort" in two.text
    assert OWN in two.text
