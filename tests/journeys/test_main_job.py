"""The main job on real input: one AI system under control, from register to stop, as people meet it.

Who comes: a newcomer who types ``make run``; a resident with a letter; a case officer; a stop holder; an elected member; an outsider who
doubts the log. What can go wrong for each stands in the steps below.
"""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from go_kit import build_verifier
from journey_kit import Demonstration, a_page, children_of, sign_in
from playwright.sync_api import Browser, expect

from insyn.core.messages import Factor, Outcome
from insyn.core.refusals import RefusalCode, Refused
from insyn.evidence.reader import EvidenceReader
from insyn.sdk import Guard

pytestmark = pytest.mark.timeout(600)
SLUG = "lanestod"


def test_one_system_from_register_to_stop(demonstration: Demonstration, browser: Browser, tmp_path: Path) -> None:
    one_municipality_with_systems_of_every_kind(demonstration, browser)
    refused_until_its_gates_are_met(demonstration, browser)
    applications_pass_the_gateway_and_some_wait(demonstration)
    the_register_page_shows_figures_from_the_log(demonstration, browser)
    the_resident_opens_the_case_once(demonstration, browser)
    an_officer_decides_with_reasons_of_their_own(demonstration, browser)
    the_load_test_was_stopped(demonstration)
    the_stop_holder_stops_the_loan_system(demonstration, browser)
    an_elected_member_lets_it_go_on(demonstration, browser)
    anybody_can_check(demonstration)
    another_program_in_another_language_says_the_same(demonstration, tmp_path)
    it_ends_whole_and_continues_where_it_was(demonstration)


# ------------------------------------------------------------------------------------------------------------------- 1 and 2


def one_municipality_with_systems_of_every_kind(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser, javascript=False) as page:
        page.goto(demonstration.url)
        expect(page.get_by_role("heading", level=1)).to_contain_text("Lindvalla")
        assert page.locator("ul.systems > li").count() >= 8
        for status in ("I drift", "Kommunen har sagt nej", "Avvecklat", "Inte godkänt"):
            expect(page.locator("ul.systems .tag", has_text=status).first).to_be_visible()
        page.locator("input[name=q]").fill("LÅNESTÖD")  # capitals with rings and dots find it too
        page.get_by_role("button", name="Sök").click()
        assert page.locator("ul.systems > li").count() == 1


def refused_until_its_gates_are_met(demonstration: Demonstration, browser: Browser) -> None:
    steps = demonstration.journey()["approving"]
    assert steps["gates"] >= 6
    assert steps["reasons"][0] >= 6
    assert steps["reasons"][-1] == 0
    assert "Mend:" in demonstration.text
    assert "Who:" in demonstration.text
    with a_page(browser) as page:
        sign_in(page, demonstration, "jonas")
        page.goto(f"{demonstration.url}/arbete/system/{SLUG}/krav/")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        assert page.get_by_text("MBL").count() >= 1


# ------------------------------------------------------------------------------------------------------------------- 3 and 4


def applications_pass_the_gateway_and_some_wait(demonstration: Demonstration) -> None:
    found = public_figures(demonstration)
    assert found["proposals"] > 500
    assert 5 <= found["waiting"] <= 20
    assert found["historical"] == found["proposals"] - found["waiting"]


def public_figures(demonstration: Demonstration) -> dict[str, int]:
    return dict(json.loads((demonstration.home.figures / f"{SLUG}.json").read_text()))


def proposals_in_the_log(demonstration: Demonstration) -> int:
    with EvidenceReader.read_only(demonstration.home.evidence) as reader:
        return int(reader.connection.execute("SELECT count(*) FROM fact WHERE system = ? AND stage = 'proposal'", (SLUG,)).get)


def wait_until(holds: Callable[[], bool], *, seconds: float = 90) -> None:
    until = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < until, "waited in vain"
        time.sleep(0.2)


def the_register_page_shows_figures_from_the_log(demonstration: Demonstration, browser: Browser) -> None:
    counted = proposals_in_the_log(demonstration)
    wait_until(lambda: public_figures(demonstration)["proposals"] == counted)
    figures = public_figures(demonstration)
    with a_page(browser, javascript=False) as page:
        page.goto(f"{demonstration.url}/system/{SLUG}/")
        shown = re.sub(r"[\s\u00a0\u202f]", "", page.locator("main").inner_text())
        assert str(counted) in shown
        assert f"av{figures['agreement']['n']}" in shown or str(figures["agreement"]["same"]) in shown
        page.locator("form[action*=sprak] button", has_text=re.compile("English|In English")).first.click()
        expect(page.locator("html")).to_have_attribute("lang", "en")


# ------------------------------------------------------------------------------------------------------------------------- 5


def the_resident_opens_the_case_once(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser, javascript=False) as page:
        page.goto(f"{demonstration.url}/mitt-arende/")
        page.locator("input[name=code]").fill("0000-0000-0000-0000-0000")
        page.locator("main form button").first.click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.locator("input[name=code]").fill(demonstration.code().lower())
        page.locator("main form button").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Så användes AI")
        main = page.locator("main")
        expect(main).to_contain_text("Lånestöd")
        expect(main).to_contain_text("En människa")
        page.get_by_role("link", name=re.compile("människa tittar")).first.click()
        page.get_by_role("button", name="Skicka").click()
        expect(page.locator(".receipt").first).to_be_visible()
    with a_page(browser, javascript=False) as other:
        other.goto(f"{demonstration.url}/mitt-arende/")
        other.locator("input[name=code]").fill(demonstration.code())
        other.locator("main form button").first.click()
        expect(other.get_by_role("alert")).to_be_visible()  # the code has been used


def an_officer_decides_with_reasons_of_their_own(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, "leila")
        page.goto(f"{demonstration.url}/arbete/granska/")
        page.get_by_role("button", name="Öppna").first.click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Ärende")
        page.locator("main details summary").first.click()
        page.locator("input[name=verdict][value=accepted]").check()
        page.locator("textarea[name=reasons]").fill("ok")
        page.get_by_role("button", name="Besluta").click()
        expect(page.get_by_role("alert")).to_be_visible()  # "ok" is no reason
        page.locator("input[name=verdict][value=accepted]").check()
        page.locator("textarea[name=reasons]").fill("Jag har läst underlaget. Hushållets skulder är låga och inkomsten räcker för lånet.")
        page.get_by_role("button", name="Besluta").click()
        expect(page.locator("main")).to_contain_text("Ditt beslut står i loggen")
    with a_page(browser) as page:
        sign_in(page, demonstration, "goran")  # an auditor decides no cases
        answer = page.goto(f"{demonstration.url}/arbete/granska/")
        assert answer is not None
        assert answer.status == 403


# ------------------------------------------------------------------------------------------------------------------------- 6


def the_load_test_was_stopped(demonstration: Demonstration) -> None:
    stopped = demonstration.journey()["stopping"]
    assert stopped["used"] > 100
    assert stopped["after"] == 0
    assert stopped["last_used_before_ms"] >= 0
    assert stopped["refused_after"] > 0
    assert "lasttest" not in [path.stem for path in demonstration.home.figures.glob("*.json")]


def the_stop_holder_stops_the_loan_system(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, "sara")
        page.goto(f"{demonstration.url}/arbete/system/{SLUG}/stopp/")
        page.locator("textarea[name=reason]").fill("Jag vill se att det håller.")
        page.locator("button.stop-button").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("är stoppat", timeout=20_000)
        expect(page.locator(".notice.good")).to_be_visible()
    with pytest.raises(Refused) as refused:
        loan_guard(demonstration).decide(an_outcome(demonstration))
    assert refused.value.refusal.code is RefusalCode.STOPPED
    assert refused.value.refusal.manual_way is not None
    with a_page(browser, javascript=False) as page:
        page.goto(f"{demonstration.url}/system/{SLUG}/")
        expect(page.locator("main")).to_contain_text("Stoppat")


def loan_guard(demonstration: Demonstration) -> Guard:
    from demo.journal import client_keys
    from demo.loans import words

    return Guard(
        socket=demonstration.home.decide_socket,
        key=str(client_keys(demonstration.home).get(SLUG)),
        system=SLUG,
        version=words.VERSION,
        purpose=words.PURPOSE,
        categories=words.CATEGORIES,
        matter_type=words.MATTER_TYPE,
    )


def an_outcome(demonstration: Demonstration) -> Outcome:
    from demo.loans.words import VERSION

    base = demonstration.base(VERSION)
    factors = (Factor("x", 1, 1.0),)
    return Outcome(outcome="deny", payload={"x": 1}, case="LN-X", score=base + 1.0, base=base, factors=factors, notice="letter")


def an_elected_member_lets_it_go_on(demonstration: Demonstration, browser: Browser) -> None:
    with a_page(browser) as page:
        sign_in(page, demonstration, "amira")
        page.goto(f"{demonstration.url}/arbete/system/{SLUG}/stopp/alla/")
        page.locator("input[name=case_number]").fill("SBN 2026/301")
        page.locator("textarea[name=why]").fill("Stoppet var ett prov och är utvärderat.")
        page.locator("form:has(textarea[name=why]) button[type=submit]").first.click()
        for _ in range(50):
            page.goto(f"{demonstration.url}/system/{SLUG}/")
            if "I drift" in page.locator("main").inner_text():
                break
            page.wait_for_timeout(200)
        expect(page.locator("main")).to_contain_text("I drift")
    assert loan_guard(demonstration).decide(an_outcome(demonstration)).stage == "proposal"


# ------------------------------------------------------------------------------------------------------------------------- 7


def anybody_can_check(demonstration: Demonstration) -> None:
    public, vkey = demonstration.home.public, demonstration.home.log_vkey
    for place in (str(public), f"{demonstration.url}/logg/data"):
        valid = demonstration.insyn("verify", place, "--vkey", str(vkey), "--stops")
        assert valid.returncode == 0, valid.stdout + valid.stderr
        assert "broken: 0" in valid.stdout
    copy = Path(shutil.copytree(public, demonstration.home.root.parent / "copy"))
    bundle = next(path for path in sorted((copy / "tile" / "entries").rglob("*")) if path.is_file())
    data = bytearray(bundle.read_bytes())
    data[len(data) // 3] ^= 0x10
    bundle.write_bytes(data)
    broken = demonstration.insyn("verify", str(copy), "--vkey", str(vkey))
    assert broken.returncode == 1
    assert bundle.relative_to(copy).as_posix() in broken.stdout
    assert re.search(r"entry \d+", broken.stdout)
    sealed = demonstration.insyn("check", "--home", str(demonstration.home.root))
    assert sealed.returncode == 0, sealed.stdout + sealed.stderr
    assert " 0 wrong" in sealed.stdout
    well = demonstration.insyn("doctor", "--home", str(demonstration.home.root))
    assert well.returncode == 0, well.stdout


def another_program_in_another_language_says_the_same(demonstration: Demonstration, folder: Path) -> None:
    checked = build_verifier(folder)(demonstration.home.public, demonstration.home.log_vkey)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert re.search(r"ok \d{4,}", checked.stdout)


# ------------------------------------------------------------------------------------------------------------------------- 8


def it_ends_whole_and_continues_where_it_was(demonstration: Demonstration) -> None:
    assert re.search(r"First page after \d+\.\d s", demonstration.text)
    before = proposals_in_the_log(demonstration)  # the public figures follow at their own interval
    assert demonstration.interrupt() == 0
    assert children_of(demonstration.home) == []
    demonstration.start()
    assert "continues where it was" in demonstration.text
    assert demonstration.text.count("Done before") >= 3
    wait_until(lambda: public_figures(demonstration)["proposals"] == before)
    assert proposals_in_the_log(demonstration) == before
