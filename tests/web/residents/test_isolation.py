"""Every resident address with every other identity: nothing of the case leaks, and the answer is that of what does not exist.

The addresses are found in the address book itself, so that a new one is tried by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from insyn.core.messages import Actor
from insyn.web import clock
from insyn.web.residents import authority
from insyn.web.residents.actions import issue_case_code
from insyn.web.residents.models import Representation, RepresentationKind, ResidentSession
from insyn.web.residents.sessions import COOKIE, act_for, begin_session
from insyn.web.residents.standing import Via
from insyn.web.rights.models import RightsRequest
from tests.web.residents.conftest import token_of_person

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = re.compile(r'(name="csrfmiddlewaretoken"|name="next") value="[^"]*"')
NUMBER, NOTE, REASONS, MESSAGE = "SN 2026-88", "Kvastfening71", "Tallkottarna talar sitt språk", "Mandelblomman står i dikesrenen"


def resident_addresses() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each address that only a resident has: its pattern as a regular expression's text, and the names of its parts."""
    for prefix, pattern in _patterns(get_resolver().url_patterns, ""):
        if getattr(pattern.callback, "is_resident_page", False):
            regex = prefix + str(pattern.pattern)
            names = re.findall(r"\(\?P<(\w+)>|<(?:\w+:)?(\w+)>", regex)
            yield regex, tuple(first or second for first, second in names)


def _patterns(patterns: Any, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from _patterns(pattern.url_patterns, prefix + str(pattern.pattern))
        else:
            yield prefix, pattern


@dataclass(frozen=True)
class World:
    """Anna's case, and what its addresses are made of: a list of choices for each part."""

    rid: str
    decision: str
    receipt: str
    kinds: tuple[str, ...]
    representation: int

    def addresses(self, *, existing: bool) -> list[str]:
        """Every resident address, of Anna's things or of things that nobody has."""
        real = {"rid": self.rid, "decision": self.decision, "receipt": self.receipt}
        none = {"rid": "0" * 32, "decision": "f" * 32, "receipt": "0000-0000-0000"}
        parts = real if existing else none
        return [address for regex, names in resident_addresses() for address in self._filled(regex, names, parts)]

    def _filled(self, regex: str, names: tuple[str, ...], parts: dict[str, str]) -> list[str]:
        unknown = set(names) - {*parts, "kind"}
        assert not unknown, f"{regex}: say here what {unknown} is of Anna's, so that others try it"
        kinds = self.kinds if "kind" in names else ("",)
        return [_address(regex, {**parts, "kind": kind}) for kind in kinds]


def _address(regex: str, parts: dict[str, str]) -> str:
    """The address with its parts filled in, of a plain path or of a regular expression."""
    for name, value in parts.items():
        regex = _put(regex, name, value)
    return "/" + regex.lstrip("^").rstrip("$").replace("\\.", ".").replace("\\-", "-").lstrip("/")


def _put(regex: str, name: str, value: str) -> str:
    regex = re.sub(rf"<(?:\w+:)?{name}>", value, regex) if f"(?P<{name}>" not in regex else regex
    start = regex.find(f"(?P<{name}>")
    if start < 0:
        return regex
    depth, end = 0, start
    for end in range(start, len(regex)):
        depth += {"(": 1, ")": -1}.get(regex[end], 0)
        if depth == 0:
            break
    return regex[:start] + value + regex[end + 1 :]


@pytest.fixture
def world(propose_for: Callable[..., str], come_in: Callable[..., Client], desk: Any, rights_officer: Actor, secretary: Actor) -> World:
    from insyn.web.rights.grounds import BY_SLUG

    rid = propose_for("anna", NUMBER, note=NOTE)
    decision = desk.decide(rid, "deny", REASONS, letter=f"## Beslut\n\n{REASONS}.")
    anna, kinds = come_in("anna"), tuple(BY_SLUG)
    for kind in kinds:
        anna.post(f"/mina-sidor/begaran/ny/{kind}/", {"arende": rid, "message": MESSAGE})
    asked = RightsRequest.objects.filter(rid=rid).first()
    assert asked is not None
    both = {"whom": authority.Person(token_of_person("anna"), None), "who": authority.Person(token_of_person("elsa"), None)}
    row = authority.record_representation(
        actor=rights_officer,
        kind=RepresentationKind.POWER_OF_ATTORNEY,
        **both,
        first_day=clock.today() - timedelta(days=9),
        last_day=clock.today() - timedelta(days=1),
        evidence="Fullmakt.",
        case_number="KS 2026/9",
    )
    authority.confirm_representation(actor=secretary, representation=row, **both)
    return World(rid, decision, asked.receipt, kinds, row.pk)


Identity = Callable[[], Client]


@pytest.fixture
def identities(
    world: World,
    propose_for: Callable[..., str],
    come_in: Callable[..., Client],
    officer: Actor,
    rights_officer: Actor,
    loans: Any,
    user_of: Callable[[Actor], Any],
) -> dict[str, Identity]:
    """Each makes a browser anew, in the state in which it was before the last try."""
    code_of = {who: issue_case_code(actor=officer, system=loans, rids=[propose_for(who, f"SN 2026-{who}")]) for who in ("bengt", "anna")}
    from insyn.web.residents.actions import use_code

    codes = {who: use_code(code) for who, code in code_of.items()}

    def with_cookie(**session: Any) -> Client:
        browser = Client()
        browser.cookies[COOKIE] = begin_session(**session)[1]
        return browser

    def staff(actor: Actor) -> Client:
        browser = Client()
        browser.force_login(user_of(actor), backend="django.contrib.auth.backends.ModelBackend")
        return browser

    def ended_guardian() -> Client:
        browser = come_in("elsa")
        act_for(ResidentSession.objects.latest("pk"), Representation.objects.get(pk=world.representation))
        return browser

    def half_hour_over() -> Client:
        browser = come_in("anna")
        ResidentSession.objects.filter(pk=ResidentSession.objects.latest("pk").pk).update(until=clock.now())
        return browser

    return {
        "nobody": Client,
        "an officer of the system": lambda: staff(officer),
        "a rights officer": lambda: staff(rights_officer),
        "another person by e-ID": lambda: come_in("bengt"),
        "the code of another's letter": lambda: with_cookie(via=Via.CODE, code=codes["bengt"]),
        "the code of another case of the same person": lambda: with_cookie(via=Via.CODE, code=codes["anna"]),
        "somebody whose authority has ended": ended_guardian,
        "the person, after the half hour": half_hour_over,
    }


def test_the_address_book_has_the_resident_pages_that_this_is_about() -> None:
    found = {regex for regex, _names in resident_addresses()}
    assert len(found) >= 10
    assert any("arende" in regex for regex in found)
    assert any("begaran" in regex for regex in found)


def test_anna_sees_what_the_others_are_kept_from(world: World, come_in: Callable[..., Client]) -> None:
    seen = "".join(come_in("anna").get(address).content.decode("utf-8", "replace") for address in world.addresses(existing=True))
    for secret in (NUMBER, NOTE, REASONS, MESSAGE, world.receipt):
        assert secret in seen, secret


def test_no_other_identity_learns_anything_at_any_address(world: World, identities: dict[str, Identity]) -> None:
    secrets = (NUMBER, NOTE, REASONS, MESSAGE, world.receipt, world.decision)
    for who, browser in identities.items():
        pairs = zip(world.addresses(existing=True), world.addresses(existing=False), strict=True)
        for hers, nobodys in pairs:
            told = _told(browser(), hers)
            for secret in secrets:
                assert secret not in told[1].replace(hers, ""), f"{who} reads {secret} at {hers}"
            if hers != nobodys:
                assert told == _told(browser(), nobodys, as_if=(nobodys, hers)), f"{who} can tell {hers} from what is not there"


def test_no_other_identity_does_anything_at_any_address(world: World, identities: dict[str, Identity]) -> None:
    def of_anna() -> list[Any]:
        rows = RightsRequest.objects.filter(rid=world.rid).order_by("pk")
        return [*rows.values("pk", "state", "message", "withdrawn_on"), *rows.values_list("additions", flat=True)]

    before = of_anna()
    typed = {"arende": world.rid, "rid": world.rid, "message": "Jag låtsas", "text": "Jag låtsas", "for": str(world.representation)}
    for who, browser in identities.items():
        for address in world.addresses(existing=True):
            answer = browser().post(address, typed)
            told = answer.content.decode("utf-8", "replace").replace(address, "")
            for secret in (NUMBER, NOTE, REASONS, MESSAGE, world.decision):
                assert secret not in told, f"{who} reads {secret} by posting to {address}"
            assert of_anna() == before, f"{who} changes Anna's by posting to {address}"


def test_a_query_names_no_other_case_either(world: World, identities: dict[str, Identity]) -> None:
    for who, browser in identities.items():
        for kind in world.kinds:
            real, none = (_told(browser(), f"/mina-sidor/begaran/ny/{kind}/?arende={rid}") for rid in (world.rid, "0" * 32))
            assert real[0] == none[0], f"{who} can tell Anna's case at {kind}"
            assert NUMBER not in real[1]


def test_a_residents_cookie_opens_nothing_of_staff(world: World, come_in: Callable[..., Client]) -> None:
    anna = come_in("anna")
    plain = [
        "/" + prefix + str(pattern.pattern)
        for prefix, pattern in _patterns(get_resolver().url_patterns, "")
        if hasattr(pattern.callback, "permission") and not re.search(r"[<(^]", str(pattern.pattern))
    ]
    assert len(plain) > 20
    for address in plain:
        answer = anna.get(address)
        assert (answer.status_code, answer.headers.get("Location", "").startswith("/logga-in/")) == (302, True), address


def test_guessed_representations_are_nothing(world: World, come_in: Callable[..., Client]) -> None:
    answers = [come_in("bengt").post("/mina-sidor/for-vem/", {"for": key}) for key in (str(world.representation), "99999", "-1", "x")]
    assert {answer.status_code for answer in answers} == {404}
    assert len({TOKEN.sub("", answer.content.decode()) for answer in answers}) == 1


def _told(browser: Client, address: str, as_if: tuple[str, str] = ("", "")) -> tuple[int, str]:
    answer = browser.get(address)
    text = TOKEN.sub("", answer.content.decode("utf-8", "replace"))
    return answer.status_code, text.replace(*as_if) if as_if[0] else text
