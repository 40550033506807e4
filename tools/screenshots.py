"""Pictures of the pages, from a fresh demonstration, at 1280 and 320 px: `make screenshots`.

The wide ones stand in the README; the narrow ones are for looking.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "journeys"), str(ROOT)]

from journey_kit import NARROW, WIDE, Demonstration, a_browser, a_page, sign_in  # noqa: E402
from playwright.sync_api import Browser, Page  # noqa: E402

OUT = ROOT / "docs" / "pictures"
TALL = {"wide": 1150, "narrow": 1600}


class Camera:
    """Takes the same pictures in both widths."""

    def __init__(self, demonstration: Demonstration, browser: Browser, out: Path) -> None:
        self.demonstration, self.browser, self.out = demonstration, browser, out

    def take(self, page: Page, name: str, width: str) -> None:
        page.evaluate("window.scrollTo(0, 0)")
        size = page.viewport_size
        if size is None:
            raise RuntimeError("the page has no size")
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(TALL[width], page.evaluate("document.documentElement.scrollHeight"))}
        path = self.out / (f"{name}.png" if width == "wide" else f"narrow/{name}.png")
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, clip=clip, full_page=True)  # type: ignore[arg-type]
        print(path.relative_to(self.out.parent.parent))

    def public(self, width: str, size: dict[str, int]) -> None:
        with a_page(self.browser, size=size) as page:
            for name, path in {"register": "/", "system": "/system/lanestod/"}.items():
                page.goto(self.demonstration.url + path)
                self.take(page, name, width)

    def offices(self, width: str, size: dict[str, int]) -> None:
        for user, name, path in (
            ("erik", "gates", "/arbete/system/maskering/krav/"),
            ("erik", "classification", "/arbete/system/lanestod/klassning/1/"),
            ("sara", "stop", "/arbete/system/lanestod/stopp/"),
        ):
            with a_page(self.browser, size=size) as page:
                sign_in(page, self.demonstration, user)
                page.goto(self.demonstration.url + path)
                self.take(page, name, width)

    def wizard(self, width: str, size: dict[str, int]) -> None:
        with a_page(self.browser, size=size) as page:
            sign_in(page, self.demonstration, "erik")
            page.goto(f"{self.demonstration.url}/arbete/system/textassistent/klassning/")
            page.locator("main form button[type=submit], main a.button").first.click()
            self.take(page, "wizard", width)

    def review(self, width: str, size: dict[str, int]) -> str:
        """The case under review, and the code of a letter about it."""
        with a_page(self.browser, size=size) as page:
            sign_in(page, self.demonstration, "leila")
            page.goto(f"{self.demonstration.url}/arbete/granska/")
            page.get_by_role("button", name="Öppna").first.click()
            page.locator("main details summary").first.click()
            self.take(page, "review", width)
            page.goto(f"{page.url}brev/?system=lanestod")
            page.locator("main form button").first.click()
            return page.locator(".code").first.inner_text()

    def case(self, code: str, width: str, size: dict[str, int]) -> None:
        with a_page(self.browser, size=size) as page:
            page.goto(f"{self.demonstration.url}/mitt-arende/")
            page.locator("input[name=code]").fill(code)
            page.locator("main form button").first.click()
            self.take(page, "case", width)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT)
    out = parser.parse_args().out.absolute()
    demonstration = Demonstration()
    try:
        demonstration.start()
        with a_browser() as browser:
            camera = Camera(demonstration, browser, out)
            for width, size in (("wide", WIDE), ("narrow", NARROW)):
                camera.public(width, size)
                camera.offices(width, size)
                camera.wizard(width, size)
                camera.case(camera.review(width, size), width, size)
    finally:
        demonstration.clean()
    return 0


if __name__ == "__main__":
    sys.exit(main())
