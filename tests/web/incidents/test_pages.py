"""The pages of orders and incidents: what each reader may do there, what stays when something is wrong, and what everybody reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from insyn.core.messages import Actor
from insyn.core.terms import Role
from insyn.web import clock
from insyn.web.incidents.handling import publish_incident, report_incident
from insyn.web.incidents.models import DatedOrder, Incident, StopDuty, StopRoute
from insyn.web.incidents.orders import order_stop_by_people, report_order_done
from insyn.web.oversight.stopping import Ordered
from insyn.web.register.models import System

pytestmark = pytest.mark.django_db
GIVEN = Ordered("0" * 32, written=True, answer=None)
SignIn = Callable[[Actor], Any]


def local(ahead: timedelta = timedelta()) -> str:
    return (timezone.localtime(clock.now()) + ahead).strftime("%Y-%m-%dT%H:%M")


@pytest.fixture
def order(way: StopRoute, holder: Actor) -> DatedOrder:
    return order_stop_by_people(
        actor=holder,
        system=way.system,
        to_kind="technician",
        to_user=way.to_user,
        what=way.what,
        channel=way.channel,
        due=clock.now() + timedelta(hours=1),
        stop=GIVEN,
    )


@pytest.fixture
def incident(system: System, person: Callable[..., Actor]) -> Incident:
    return report_incident(
        actor=person(Role.CASE_OFFICER), system=system, what="<script>alert(1)</script> fel", kinds=["other"], discovered_at=clock.now()
    )


def text(answer: Any, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return str(answer.content.decode())


# --------------------------------------------------------------------------------------------------------------------- orders


def test_the_public_page_says_that_the_stop_rests_on_people_and_names_nobody(
    client: Any, way: StopRoute, technician: Actor, holder: Actor
) -> None:
    page = text(client.get("/system/assistent/"))
    assert "Stoppet av det här systemet vilar på människor." in page
    assert "1 h 0 min" in page
    assert "Aldrig uppmätt" in page
    assert "En tekniker i kommunen" in page
    for name in (technician.name, holder.name, "08-123 45", "08-999", "adminportalen"):
        assert name not in page


def test_without_a_way_to_stop_the_public_page_says_missing(client: Any, assistant: System, system: System) -> None:
    page = text(client.get("/system/assistent/"))
    assert "Stoppet av det här systemet vilar på människor." in page
    assert "Saknas." in page[page.index("Så stoppas systemet") :][:1500]
    assert "vilar på människor" not in text(client.get("/system/lanestod/"))


def test_the_owner_sets_the_way_to_stop_and_what_was_typed_stays_when_it_is_wrong(
    assistant: System, owner: Actor, technician: Actor, sign_in: SignIn
) -> None:
    browser, address = sign_in(owner), "/arbete/system/assistent/stoppvag/"
    assert "ingen är utsedd att lyda" in text(browser.get(address))
    typed = {
        "step": "set",
        "to_kind": "technician",
        "to_user": technician.person,
        "channel": "08-1",
        "what": "Stäng av licensen först.",
        "out_of_hours": "Jour",
        "promised_minutes": "45",
        "revision": str(assistant.revision),
    }
    wrong = text(browser.post(address, {**typed, "channel": ""}))
    assert "Stäng av licensen först." in wrong
    assert not StopRoute.objects.exists()
    assert browser.post(address, typed).status_code == 302
    assert "45 min" in text(browser.get(address))
    stale = text(browser.post(address, {**typed, "promised_minutes": "30"}))
    assert "Någon annan har ändrat" in stale
    ended = browser.post(address, {"step": "end", "why": "Avtalet är slut."})
    assert ended.status_code == 302
    assert "ingen är utsedd att lyda" in text(browser.get(address))


def test_a_technician_sees_the_way_to_stop_and_cannot_set_it(way: StopRoute, technician: Actor, sign_in: SignIn) -> None:
    browser = sign_in(technician)
    page = text(browser.get("/arbete/system/assistent/stoppvag/"))
    assert 'name="promised_minutes"' not in page
    assert text(browser.get("/arbete/system/assistent/stopporder/"), 403)


def test_the_stop_page_of_such_a_system_leads_to_the_order(way: StopRoute, holder: Actor, sign_in: SignIn) -> None:
    page = text(sign_in(holder).get("/arbete/system/assistent/stopp/"))
    assert "Det här stoppet vilar på människor" in page
    assert "/arbete/system/assistent/stopporder/" in page


def test_a_stop_holder_orders_with_the_log_down_and_the_order_is_written(
    way: StopRoute, holder: Actor, technician: Actor, sign_in: SignIn, settings: Any
) -> None:
    from insyn.core import spool

    browser, address = sign_in(holder), "/arbete/system/assistent/stopporder/"
    assert "adminportalen" in text(browser.get(address))
    typed = {
        "to_kind": "technician",
        "to_user": technician.person,
        "channel": "08-1",
        "what": "Stäng av.",
        "due": local(timedelta(hours=2)),
    }
    wrong = text(browser.post(address, {**typed, "due": local(timedelta(hours=-2)), "what": "Stäng av nu."}))
    assert "Stäng av nu." in wrong
    assert spool.waiting_orders(settings.HOME.spool) == []
    sent = browser.post(address, typed)
    made = DatedOrder.objects.get()
    assert sent["Location"] == f"/arbete/order/{made.pk}/"
    assert [path.name for path in spool.waiting_orders(settings.HOME.spool)] == [
        spool.order_path(settings.HOME.spool, made.stop_order).name
    ]
    for path in spool.waiting_orders(settings.HOME.spool):
        path.unlink()


def test_the_technician_answers_on_their_own_page_and_the_holder_confirms(
    order: DatedOrder, technician: Actor, holder: Actor, sign_in: SignIn, client: Any
) -> None:
    address = f"/arbete/order/{order.pk}/"
    browser = sign_in(technician)
    page = text(browser.get(address))
    assert "Ordern går till dig." in page
    assert 'value="confirm"' not in page
    assert browser.post(address, {"step": "acknowledge"}).status_code == 302
    assert "Det är redan gjort" in text(browser.post(address, {"step": "acknowledge"}))
    assert browser.post(address, {"step": "done", "what": "Spärrat."}).status_code == 302
    assert "notice bad" in text(browser.post(address, {"step": "confirm", "what": "Sett."}))
    assert DatedOrder.objects.get().state == "done"
    browser = sign_in(holder)
    assert 'value="confirm"' in text(browser.get(address))
    assert browser.post(address, {"step": "confirm", "what": "Sett."}).status_code == 302
    browser.logout()
    public = text(browser.get("/system/assistent/"))
    assert "Aldrig uppmätt" not in public
    assert "Intygad" in public
    assert technician.name not in public


def test_an_unknown_step_is_not_found_and_a_stranger_signs_in_first(order: DatedOrder, holder: Actor, sign_in: SignIn, client: Any) -> None:
    address = f"/arbete/order/{order.pk}/"
    assert client.get(address).status_code == 302
    assert text(sign_in(holder).post(address, {"step": "explode"}), 404)
    assert "Textassistenten" in text(client.get("/arbete/order/"))
    assert text(client.get("/arbete/order/99999/"), 404)


def test_the_list_shows_what_is_overdue_and_what_is_over(order: DatedOrder, technician: Actor, holder: Actor, sign_in: SignIn) -> None:
    from insyn.web.incidents.orders import confirm_order_done

    DatedOrder.objects.filter(pk=order.pk).update(ordered_at=clock.now() - timedelta(hours=5), due=clock.now() - timedelta(hours=3))
    browser = sign_in(holder)
    assert "Tiden är ute" in text(browser.get("/arbete/order/"))
    report_order_done(actor=technician, order=order, what="Klart.")
    confirm_order_done(actor=holder, order=order, what="Sett.")
    page = text(browser.get("/arbete/order/"))
    assert "Ingen order väntar." in page
    assert "Utförd för sent" in page


def test_who_can_stop_now_is_internal_and_shows_gaps(
    in_use: System, owner: Actor, holder: Actor, person: Callable[..., Actor], sign_in: SignIn, client: Any
) -> None:
    assert client.get("/arbete/stoppjour/").status_code == 302
    browser, address = sign_in(owner), "/arbete/stoppjour/"
    assert "Luckor de kommande 30 dagarna" in text(browser.get(address))
    typed = {
        "step": "set",
        "user": holder.person,
        "system": in_use.slug,
        "place": "1",
        "first_day": clock.today().isoformat(),
        "phone": "070-5",
        "out_of_hours": "on",
    }
    assert "070-5" in text(browser.post(address, {**typed, "place": "0"}))
    assert browser.post(address, typed).status_code == 302
    page = text(browser.get(address))
    assert "070-5" in page
    assert "Luckor" not in page
    assert "070-5" not in text(client.get(f"/system/{in_use.slug}/"))
    assert browser.post(address, {"step": "end", "duty": str(StopDuty.objects.get().pk), "why": "Slutar."}).status_code == 302
    assert text(browser.post(address, {"step": "end", "duty": "0", "why": "x"}), 404)
    assert 'name="place"' not in text(sign_in(person(Role.TECHNICIAN)).get(address))


# ------------------------------------------------------------------------------------------------------------------ incidents


def test_a_case_officer_reports_and_what_was_typed_stays_when_it_is_wrong(
    real_law: None, system: System, person: Callable[..., Actor], sign_in: SignIn
) -> None:
    browser = sign_in(person(Role.CASE_OFFICER))
    assert "/arbete/system/lanestod/incident/" in text(browser.get("/arbete/incidenter/ny/?q=lanes"))
    address = "/arbete/system/lanestod/incident/"
    answers = {"personal_data": "yes", "security": "no", "serious": "unknown", "death": "no", "widespread": "no"}
    typed = {"what": "Fel person fick brevet.", "kinds": ["data_disclosed"], "discovered_at": local(), **answers}
    assert "Fel person fick brevet." in text(browser.post(address, {**typed, "discovered_at": local(timedelta(hours=3))}))
    sent = browser.post(address, typed)
    made = Incident.objects.get()
    assert sent["Location"] == f"/arbete/incidenter/{made.pk}/"
    page = text(browser.get(sent["Location"]))
    assert "71 h" in page or "2 dygn 23 h" in page or "3 dygn 0 h" in page
    assert "Integritetsskyddsmyndigheten" in page
    assert "gäller från" in page  # the AI Act's clocks are not in force yet, and the page says so
    assert 'name="measures"' not in page


def test_what_a_reporter_wrote_stays_text_and_others_do_not_find_it(
    incident: Incident, owner: Actor, person: Callable[..., Actor], sign_in: SignIn
) -> None:
    address = f"/arbete/incidenter/{incident.pk}/"
    page = text(sign_in(owner).get(address))
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    browser = sign_in(person(Role.TECHNICIAN))
    assert text(browser.get(address), 404)
    assert text(browser.post(address, {"step": "close", "revision": "0"}), 404)
    assert "Ingen incident är öppen." in text(browser.get("/arbete/incidenter/"))
    assert text(sign_in(person(Role.AUDITOR)).get(address))


def test_the_owner_handles_publishes_and_closes(real_law: None, incident: Incident, owner: Actor, sign_in: SignIn) -> None:
    browser, address = sign_in(owner), f"/arbete/incidenter/{incident.pk}/"
    assert "Det här är kvar" in text(browser.get(address))
    no = dict.fromkeys(("personal_data", "security", "serious", "death", "widespread"), "no")
    update = {"step": "update", "revision": "0", "measures": "Rättat.", "handled": "on", **no}
    assert "Det här krävs." in text(browser.post(address, {**update, "why": ""})) or Incident.objects.get().measures == ""
    assert browser.post(address, {**update, "why": "Bara testdata."}).status_code == 302
    assert "Någon annan har skrivit" in text(browser.post(address, {**update, "why": "Igen."}))
    publish = {"step": "publish", "revision": "1", "public": "on", "text_sv": "Ett test visade fel.", "text_en": ""}
    assert browser.post(address, publish).status_code == 302
    assert "Ett test visade fel." in text(browser.get("/system/lanestod/"))
    assert "Ett test visade fel." in text(browser.get("/handelser/"))
    assert browser.post(address, {"step": "close", "revision": "2", "nobody_harmed_why": "Bara test."}).status_code == 302
    assert "Avslutad" in text(browser.get(address))


def test_a_notification_is_drafted_sent_and_shown(
    real_law: None, incident: Incident, owner: Actor, person: Callable[..., Actor], sign_in: SignIn
) -> None:
    row = incident.notifications.get(deadline="breach-72-hours")
    address, browser = f"/arbete/incidenter/{incident.pk}/anmalan/{row.pk}/", sign_in(owner)
    page = text(browser.get(address))
    assert "Saknas." in page
    assert "72" in page or "artikel 33" in page
    assert browser.post(address, {"step": "draft", "draft": "Vår anmälan."}).status_code == 302
    assert "Vår anmälan." in text(browser.get(address))
    assert "för sig" not in text(browser.post(address, {"step": "sent", "sent_at": local(timedelta(hours=2)), "reference": "IMY-1"}))
    assert browser.post(address, {"step": "sent", "sent_at": local(), "reference": "IMY-1"}).status_code == 302
    assert "i tid" in text(browser.get(address))
    assert "redan gjort" in text(browser.post(address, {"step": "waive", "why": "Nej"}))
    officer = text(sign_in(person(Role.CASE_OFFICER)).get(address))
    assert 'name="reference"' not in officer


def test_those_who_were_harmed_are_listed_told_and_put_right(incident: Incident, owner: Actor, sign_in: SignIn) -> None:
    browser, address = sign_in(owner), f"/arbete/incidenter/{incident.pk}/drabbade/"
    assert "Inget beslut står på listan än." in text(browser.get(address))
    assert browser.post(address, {"step": "by_hand", "case_numbers": "A-1\nA-2\n\n<b>A-3</b>"}).status_code == 302
    page = text(browser.get(address))
    assert "3 beslut står på listan." in page
    assert "<b>A-3</b>" not in page
    first = incident.harmed.order_by("pk")[0]
    assert "Välj minst ett beslut." in text(browser.post(address, {"step": "tell", "how": "Brev"}))
    assert browser.post(address, {"step": "tell", "how": "Brev", "harmed": [str(first.pk), "x", "9" * 30]}).status_code == 302
    assert browser.post(address, {"step": "tell", "excused_why": "Okänd adress.", "everybody": "on"}).status_code == 302
    assert browser.post(address, {"step": "mend", "what": "corrected", "everybody": "on"}).status_code == 302
    assert all(row.settled for row in incident.harmed.all())
    assert incident.harmed.filter(told_on=None).count() == 2


def test_the_public_list_of_what_went_wrong_names_nobody(client: Any, incident: Incident, owner: Actor) -> None:
    assert "Ingen incident har berättats öppet." in text(client.get("/handelser/"))
    publish_incident(actor=owner, incident=incident, revision=0, public=True, text_sv="Fel i <b>brevet</b>.")
    page = text(client.get("/handelser/"))
    assert "Fel i &lt;b&gt;brevet&lt;/b&gt;." in page
    assert "alert(1)" not in page
    assert incident.reported_by.get_full_name() not in page
