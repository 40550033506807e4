"""The pages of notices, of texts for letters, and the easy-to-read layer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from insyn.core.messages import Actor
from insyn.core.terms import NoticeChannel, Role
from insyn.web import clock
from insyn.web.letters.models import MatterText, NoticeWay
from insyn.web.register.actions import describe_system
from insyn.web.register.models import System

from .conftest import APPEAL

pytestmark = pytest.mark.django_db
PAGE = "/arbete/system/lanestod/information/"
TEXTS = "/arbete/system/lanestod/brevtexter/"


def test_the_page_has_a_text_for_each_place_to_copy(system: System, owner: Actor, sign_in: Callable[[Actor], Any]) -> None:
    page = sign_in(owner).get(PAGE).content.decode()
    for channel in NoticeChannel:
        assert f'id="at-{channel}"' in page
    assert "Det hjälper oss med ett förslag till beslut." in page
    chosen = sign_in(owner).get(PAGE + "?steg=translation").content.decode()
    assert "att översätta" in chosen
    assert sign_in(owner).get(PAGE + "?steg=%3Cscript%3E").status_code == 200


def test_a_notice_is_recorded_from_its_own_text_and_ended_on_the_page(
    system: System, owner: Actor, sign_in: Callable[[Actor], Any]
) -> None:
    client = sign_in(owner)
    form = client.get(PAGE + "?plats=letter").context["form"]
    assert "AI har hjälpt till i ditt ärende." in form.initial["words_sv"]
    typed = {**form.initial, "first_day": clock.today().isoformat(), "last_day": "", "sample": ""}
    assert client.post(PAGE, typed).status_code == 302
    way = NoticeWay.objects.get()
    assert "AI har hjälpt till i ditt ärende." in client.get(PAGE).content.decode().partition('id="texts"')[0]
    ending = client.post(f"{PAGE}{way.pk}/", {"ended_on": clock.today().isoformat(), "why": "Brevet skickas inte längre."})
    assert ending.status_code == 302
    way.refresh_from_db()
    assert way.ended_on == clock.today()
    assert "Brevet skickas inte längre." in client.get(f"{PAGE}{way.pk}/").content.decode()


def test_what_was_typed_comes_back_with_the_fault_at_its_field(system: System, owner: Actor, sign_in: Callable[[Actor], Any]) -> None:
    client = sign_in(owner)
    words = {"step_sv": "att skriva", "step_en": "writing", "words_sv": "Min text", "words_en": "Mine"}
    page = client.post(PAGE, {"channel": "letter", "first_day": clock.today().isoformat(), "sample": "ftp://x", **words})
    assert page.status_code == 200
    assert "Min text" in page.content.decode()
    assert page.context["form"].errors["sample"]
    assert not NoticeWay.objects.exists()


def test_one_who_may_not_record_reads_and_cannot(system: System, person: Callable[..., Actor], sign_in: Callable[[Actor], Any]) -> None:
    client = sign_in(person(Role.CASE_OFFICER))
    page = client.get(PAGE).content.decode()
    assert 'id="at-letter"' in page
    assert 'name="words_sv"' not in page
    words = {"step_sv": "a", "step_en": "a", "words_sv": "a", "words_en": "a"}
    client.post(PAGE, {"channel": "letter", "first_day": clock.today().isoformat(), **words})
    assert not NoticeWay.objects.exists()


@pytest.mark.parametrize("address", [PAGE, TEXTS])
def test_nobody_who_is_signed_out_sees_it(system: System, client: Any, address: str) -> None:
    assert client.get(address).status_code == 302


def test_how_one_appeals_is_written_and_changed_on_the_page(system: System, owner: Actor, sign_in: Callable[[Actor], Any]) -> None:
    client = sign_in(owner)
    assert "Saknas: ingen text är sparad" in client.get(TEXTS).content.decode()
    words = {"appeal_sv": APPEAL, "appeal_en": "Write to us.", "contact_sv": "Ring 123.", "contact_en": "Call 123."}
    assert client.post(TEXTS, {"matter_type": "housing_loan", **words}).status_code == 302
    assert APPEAL in client.get(TEXTS).content.decode()
    form = client.get(TEXTS + "?typ=housing_loan").context["form"]
    assert form.initial["appeal_sv"] == APPEAL
    assert client.post(TEXTS, {"matter_type": "housing_loan", **words}).status_code == 200, "nothing was changed"
    assert client.post(TEXTS, {"matter_type": "housing_loan", **words, "contact_sv": "Ring 456."}).status_code == 302
    assert [row.contact_sv for row in MatterText.objects.order_by("pk")] == ["Ring 123.", "Ring 456."]


def test_the_easy_page_says_missing_until_somebody_has_written_it(system: System, owner: Actor, client: Any) -> None:
    easy = "/system/lanestod/?visa=lattlast"
    assert "?visa=lattlast" in client.get("/system/lanestod/").content.decode()
    assert "Saknas" in client.get(easy).content.decode()
    describe_system(actor=owner, system=system, easy_sv="Ett program hjälper oss.\nEn människa bestämmer.", easy_en="A program helps us.")
    page = client.get(easy).content.decode()
    assert "Ett program hjälper oss." in page
    assert "Saknas" not in page
    assert "A program helps us." in client.get(easy, headers={"accept-language": "en"}).content.decode()


def test_the_mark_for_generated_content_is_shown_where_the_law_asks_for_it(
    system: System, owner: Actor, sign_in: Callable[[Actor], Any], client: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from insyn.web.letters import views

    monkeypatch.setattr(views, "must_mark", lambda system, on: True)
    page = sign_in(owner).get(PAGE).content.decode()
    assert "TrainedAlgorithmicMediaDigitalSource" in page
    assert client.get("/system/lanestod/information.json").json()["marking"]["@context"] == "https://schema.org"
    monkeypatch.setattr(views, "must_mark", lambda system, on: False)
    assert "TrainedAlgorithmicMediaDigitalSource" not in sign_in(owner).get(PAGE).content.decode()
    assert client.get("/system/lanestod/information.json").json()["marking"] is None
