"""Pictures of the pages, from a fresh demonstration, at 1280 and 320 px: `make screenshots`.

The wide ones stand in the README; the narrow ones are for looking. What a page needs to have something to show is done first, as its
people do it: a resident asks, an officer decides, the owner finds an error.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "journeys"), str(ROOT)]

from journey_kit import NARROW, WIDE, Demonstration, a_browser, a_page, sign_in  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402

OUT = ROOT / "docs" / "pictures"
SIZES = (("wide", WIDE, 1150), ("narrow", NARROW, 1200))
WISH = "Två av mina skulder är betalda sedan i maj. Jag kan visa kvitton."
QUESTION = "Räknas mitt studielån med bland de övriga skulderna?"
WRONG = "Kreditupplysningen förväxlade två personer. Några fick fel uppgift om hur tidigare lån har betalats."
#: What an officer writes who has read the case.
REASONS = (
    "Tidigare lån har betalats mer än tre månader för sent, och en konkurs står i registren. Det väger tyngre än att lånet är måttligt.",
    "En uppgift i ansökan går inte att bekräfta, och lånet är nästan lika stort som bostadens pris.",
    "Konkursen är från förra året, och tidigare krediter är ännu inte betalda.",
)


class Camera:
    """Takes every page in both widths."""

    def __init__(self, demonstration: Demonstration, browser: Browser, out: Path) -> None:
        self.demonstration, self.browser, self.out = demonstration, browser, out

    def take(self, page: Page, name: str, *, taller: float = 1.0, begin: str = "") -> None:
        """``taller``: than pictures are. ``begin``: text of the heading that the picture begins at; empty: the top of the page."""
        for width, size, tall in SIZES:
            page.set_viewport_size(size)  # type: ignore[arg-type]
            page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
            box = page.get_by_role("heading", name=begin).first.bounding_box() if begin else None
            top = box["y"] - 20 if box else 0
            high = min(tall * taller, page.evaluate("document.documentElement.scrollHeight") - top)
            path = self.out / (f"{name}.png" if width == "wide" else f"narrow/{name}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path, clip={"x": 0, "y": top, "width": size["width"], "height": high}, full_page=True)
            print(path.relative_to(self.out.parent.parent))
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]

    @contextmanager
    def at(self, path: str, user: str = "") -> Iterator[Page]:
        """The page at an address, as anybody or as a person who has signed in."""
        with a_page(self.browser) as page:
            if user:
                sign_in(page, self.demonstration, user)
            page.goto(self.demonstration.url + path)
            yield page

    def public(self) -> None:
        for name, path in {"register": "/", "system": "/system/lanestod/"}.items():
            with self.at(path) as page:
                self.take(page, name)

    def tell(self) -> None:
        """Somebody asks about a system, and gets a number to follow the question by."""
        with self.at("/system/lanestod/sag-till/") as page:
            page.locator("input[name=kind][value=question]").check()
            page.locator("textarea[name=text]").fill(QUESTION)
            self.take(page, "tell")
            page.get_by_role("button", name="Skicka").click()
            page.get_by_role("heading", name="Skriv upp det här").wait_for()
            self.take(page, "receipt")

    def offices(self) -> None:
        for user, name, path in (
            ("erik", "gates", "/arbete/system/maskering/krav/"),
            ("erik", "classification", "/arbete/system/lanestod/klassning/1/"),
            ("sara", "stop", "/arbete/system/lanestod/stopp/"),
        ):
            with self.at(path, user) as page:
                self.take(page, name)

    def wizard(self) -> None:
        with self.at("/arbete/system/textassistent/klassning/", "erik") as page:
            page.locator("main form button[type=submit], main a.button").first.click()
            self.take(page, "wizard")

    def resident(self) -> None:
        """With the code of the letter: the case, and another look at it asked for."""
        with self.at("/mitt-arende/") as page:
            page.locator("input[name=code]").fill(self.demonstration.code())
            page.locator("main form button").first.click()
            self.take(page, "case")
            page.get_by_role("link", name="Att en människa tittar igen").first.click()
            page.locator("main textarea").first.fill(WISH)
            self.take(page, "ask")
            page.get_by_role("button", name="Skicka").click()
            page.locator(".receipt").first.wait_for()

    def review(self) -> None:
        """One case to be judged before its proposal is shown, one with it; and three decisions."""
        with self.at("/arbete/granska/?kind=blind", "leila") as page:
            page.get_by_role("button", name="Öppna").first.click()
            self.take(page, "blind")
            waiting = list(self.demonstration.journey()["streaming"]["waiting"].values())
            for number, (rid, reasons) in enumerate(zip(waiting, REASONS, strict=False)):
                page.goto(f"{self.demonstration.url}/arbete/granska/{rid}/?system=lanestod")
                page.locator("main form button[type=submit]").first.click()
                page.locator("main details summary").first.click()
                if number == 0:
                    self.take(page, "review", taller=1.35)
                page.locator("input[name=verdict][value=accepted]").check()
                page.locator("textarea[name=reasons]").fill(reasons)
                page.get_by_role("button", name="Besluta").click()
                page.get_by_text("Ditt beslut står i loggen").wait_for()

    def again(self) -> None:
        """The same case, looked at again by a colleague; and what the rights officer sees of it."""
        first = next(iter(self.demonstration.journey()["streaming"]["waiting"].values()))
        with self.at(f"/arbete/omprovning/{first}/?system=lanestod", "mats") as page:
            page.locator("main form button[type=submit]").first.click()
            self.take(page, "reconsideration", begin="Det som har beslutats hittills")
        with self.at("/arbete/rattigheter/", "yasmin") as page:
            self.take(page, "rights")

    def error(self) -> None:
        """The owner finds that today's decisions rest on an error, and opens a case for each."""
        with self.at("/arbete/system/lanestod/fel/", "jonas") as page:
            page.locator("[name=what]").fill(WRONG)
            for name in ("first_day", "last_day"):
                page.locator(f"[name={name}]").fill(date.today().isoformat())  # noqa: DTZ011 - the browser's own day
            page.locator("[name=version]").select_option("1.0")
            page.get_by_role("button", name="Se hur många").click()
            page.locator("button[name=step][value=open]").click()
            page.wait_for_url("**/arbete/omprovning/fel/**")
            page.reload()
            self.take(page, "error", taller=1.4)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out.absolute()
    demonstration = Demonstration()
    try:
        demonstration.start()
        with a_browser() as browser:
            camera = Camera(demonstration, browser, out)
            camera.public()
            camera.tell()
            camera.offices()
            camera.wizard()
            camera.resident()
            camera.review()
            camera.again()
            camera.error()
    finally:
        demonstration.clean()
    return 0


if __name__ == "__main__":
    sys.exit(main())
