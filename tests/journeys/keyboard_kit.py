"""A person who has a keyboard and nothing else."""

from __future__ import annotations

from playwright.sync_api import Page, expect


class Keys:
    """Tab, Enter, and what one writes."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def to(self, role: str, name: str) -> None:
        """Tab until the control with this name has focus. Every control in the way is passed, as for a person."""
        wanted = self.page.get_by_role(role, name=name).first  # type: ignore[arg-type]
        expect(wanted).to_be_visible()
        for _ in range(120):
            if wanted.evaluate("element => element === document.activeElement"):
                seen = wanted.evaluate("element => getComputedStyle(element).outlineStyle + getComputedStyle(element).boxShadow")
                assert seen != "nonenone", f"{name}: nobody sees where the focus is"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{role} {name!r} is not reached by Tab")

    def press(self, role: str, name: str, key: str = "Enter") -> None:
        self.to(role, name)
        self.page.keyboard.press(key)

    def write(self, name: str, text: str) -> None:
        self.to("textbox", name)
        self.page.keyboard.type(text)
