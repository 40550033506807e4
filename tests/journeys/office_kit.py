"""People in their offices, each in a browser of their own, who fill in the forms that are put before them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from typing import Any, Self

from journey_kit import Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Locator, Page

WORDS = "Vi har gått igenom detta tillsammans och skrivit ned vad som gäller, för vem och varför."
LATER, LATEST = 200, 300


def ahead(days: int) -> str:
    return (date.today() + timedelta(days=days)).isoformat()  # noqa: DTZ011 - the browser's own day


def ago(days: int) -> str:
    return ahead(-days)


class Offices:
    """Who has signed in so far; a person signs in once and keeps their browser until the journey ends."""

    def __init__(self, running: Demonstration, browser: Browser) -> None:
        self.running, self.browser = running, browser
        self.pages: dict[str, Page] = {}
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._open.close()

    def of(self, who: str) -> Page:
        """The person's page."""
        if who not in self.pages:
            self.pages[who] = self._open.enter_context(a_page(self.browser, javascript=False))
            sign_in(self.pages[who], self.running, who)
        return self.pages[who]

    def at(self, who: str, path: str) -> Page:
        """The person's page, gone to an address of the site."""
        page = self.of(who)
        page.goto(f"{self.running.url}{path}")
        return page

    def anonymous(self, path: str) -> Page:
        """Anybody's page."""
        if "" not in self.pages:
            self.pages[""] = self._open.enter_context(a_page(self.browser, javascript=False))
        self.pages[""].goto(f"{self.running.url}{path}")
        return self.pages[""]


def send(page: Page, button: str, known: Mapping[str, Any] | None = None) -> Page:
    """Fill in the form that has the button, as ``known`` says and otherwise with something that fits, and press it.

    Fails with what the page says stands in the way.
    """
    named = page.locator("button", has_text=re.compile(f"^\\s*{re.escape(button)}\\s*$"))
    form = page.locator("main form").filter(has=named).first
    assert form.count(), f"{page.url}: no form with the button «{button}»"
    _unfold(form)
    fill(form, known or {})
    with page.expect_navigation():
        form.locator(named).first.click()
    wrong = page.locator("main [role=alert]")
    assert wrong.count() == 0, f"{page.url} «{button}»: {wrong.first.inner_text()}"
    return page


def offers(page: Page, button: str) -> bool:
    """Is there a button that begins so, folded away or not?"""
    return page.locator("main button", has_text=re.compile(f"^\\s*{re.escape(button)}")).count() > 0


def _unfold(form: Locator) -> None:
    for outer in form.locator("xpath=ancestor::details[not(@open)]").all():
        outer.locator("summary").first.click()


def fill(form: Locator, known: Mapping[str, Any]) -> None:
    """Every field that shows and is empty. A name in ``known`` may leave out the row of a table: ``measure`` for ``risks-0-measure``."""
    for name in dict.fromkeys(_names(form)):
        if re.search(r"-\d+-DELETE$", name):
            continue
        _fill_one(form.locator(f'[name="{name}"]'), name, _known(name, known))


def _names(form: Locator) -> list[str]:
    shown = form.locator("input:visible, select:visible, textarea:visible, input[type=radio], input[type=checkbox]").all()
    return [name for one in shown if (name := one.get_attribute("name"))]


def _known(name: str, known: Mapping[str, Any]) -> Any:
    short = name.rsplit("-", 1)[-1] if re.search(r"-\d+-", name) else name
    return known.get(name, known.get(short))


def _fill_one(fields: Locator, name: str, known: Any) -> None:
    first = fields.first
    kind = first.get_attribute("type") or first.evaluate("node => node.tagName.toLowerCase()")
    if kind in ("checkbox", "radio"):
        _check(fields, kind, known)
    elif kind == "select":
        _select(first, known)
    elif kind not in ("hidden", "submit", "file") and (known is not None or not first.input_value()):
        first.fill(str(known) if known is not None else _something(first, kind, name))


def _check(fields: Locator, kind: str, known: Any) -> None:
    if known is not None:
        for value in [known] if isinstance(known, str) else known:
            fields.locator(f'xpath=self::*[@value="{value}"]').check()
    elif (kind == "radio" or fields.count() > 1) and not any(one.is_checked() for one in fields.all()):
        fields.first.check()


def _select(field: Locator, known: Any) -> None:
    if known is not None:
        options = field.locator("option").all()
        value = next(
            (one.get_attribute("value") for one in options if known in (one.get_attribute("value"), one.inner_text().strip())), known
        )
        field.select_option(value)
    elif not field.input_value() and field.evaluate("node => node.required || node.options.length > 1"):
        values = [one.get_attribute("value") for one in field.locator("option").all()]
        field.select_option(next((value for value in values if value), ""))


def _something(field: Locator, kind: str, name: str) -> str:
    if kind == "date":
        return ahead(0 if name.endswith(("_on", "invited", "closed")) else LATER)  # what was done on a day was done today
    if kind == "number" or field.get_attribute("inputmode") in ("decimal", "numeric"):
        return field.get_attribute("min") or "1"
    return WORDS[: int(field.get_attribute("maxlength") or 0) or None]
