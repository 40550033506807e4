"""The AI coordinator brings in a list that another register keeps, with all its errors.

Who comes: the coordinator with a file from somewhere else; later the same file, corrected. What they see: what each row would do, before
anything is done; what was mended and what was left out; how far it has come. What can go wrong: headings in another language, days in five
spellings, ids that repeat, markup, formulas, a file that is none. An outsider sees what came of it: not approved, and what is missing.
"""

from __future__ import annotations

import csv
import io
import os
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from journey_kit import NARROW, Demonstration, a_page, sign_in
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]
#: A real inventory as CSV, for who has one; otherwise a file is made with the faults that the federal one of 2025 has.
REAL = os.environ.get("INSYN_FOREIGN_INVENTORY", "")
HEADINGS = (
    "agency", "agency_name", "id", "use_case_name", "agency_bureau", "contact_email", "is_withheld", "development_stage", "is_high_impact",
    "HI_justification", "topic_area", "classification", "problem_solved", "benefits", "system_outputs", "operational_date",
    "contracting_usage", "vendor_name", "has_pii", "demographic_features",
)  # fmt: skip


def made_inventory() -> bytes:
    """Forty use cases with every fault that the real inventory has."""
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADINGS)
    writer.writeheader()
    days = ("2024-10-01 00:00:00", "01/2024", "01/01/2026 00:00:00", "Jul-25", "2025", "10/1/2023", "", "Q3", "09/24/2024 12:00:00 AM")
    for number in range(40):
        writer.writerow(
            {
                "agency": "DOX",
                "id": "" if number % 5 == 0 else f"DOX-{number - 1 if number in (12, 23) else number}",
                "use_case_name": "" if number == 31 else f"Use case {number} <b>of</b> many",
                "agency_bureau": "Bureau",
                "contact_email": "[email removed]",
                "development_stage": ("Pre-deployment", "Deployed", "Pilot", "Retired", "")[number % 5],
                "is_high_impact": ("Not High-impact", "High-impact", "", "Presumed High-Impact, but Not")[number % 4],
                "problem_solved": "=1+1" if number == 3 else "Reads forms.\nSorts them. " * 20,
                "operational_date": days[number % 9],
                "contracting_usage": ("Vendor Purchased", "In-house Development", "Contracting and In House", "")[number % 4],
                "vendor_name": "N/A" if number % 7 == 0 else "Vendor",
                "has_pii": ("Yes", "No", "")[number % 3],
                "demographic_features": "['k) None of the above']",
            }
        )
    return ("\ufeff" + text.getvalue()).encode()


def a_file(folder: Path) -> Path:
    """The real inventory cut to its first rows (the whole is a matter of minutes), or the made one."""
    path = folder / "inventory.csv"
    if not REAL:
        path.write_bytes(made_inventory())
        return path
    with Path(REAL).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    text = io.StringIO()
    csv.writer(text).writerows([rows[0], *rows[1::90]])
    path.write_bytes(("\ufeff" + text.getvalue()).encode())
    return path


def test_a_foreign_inventory_becomes_entries_that_nobody_has_approved(
    empty_municipality: Demonstration, browser: Browser, tmp_path: Path
) -> None:
    path = a_file(tmp_path)
    with a_page(browser, javascript=False) as page:
        sign_in(page, empty_municipality, "erik")
        what_is_no_list_is_refused(page, empty_municipality, tmp_path)
        the_dry_run_is_shown_and_nothing_is_taken(page, empty_municipality, path)
        taken = the_rows_are_taken(page)
        the_same_file_again_changes_nothing(page, empty_municipality, path)
    with a_page(browser, javascript=False) as page:
        an_outsider_sees_what_is_missing(page, empty_municipality, taken)
    with a_page(browser, size=NARROW) as page:
        sign_in(page, empty_municipality, "erik")
        the_page_can_be_read_on_a_telephone(page, empty_municipality)


def send(page: Page, running: Demonstration, path: Path) -> None:
    page.goto(f"{running.url}/arbete/import/")
    page.locator("input[name=source]").fill("Federal inventory")
    page.locator("input[name=file]").set_input_files(path)
    page.locator("select[name=owner]").select_option(index=1)
    page.locator("select[name=office]").select_option("kommunledningskontoret")
    page.get_by_role("button", name="Läs filen").click()


def what_is_no_list_is_refused(page: Page, running: Demonstration, folder: Path) -> None:
    broken = folder / "list.xlsx"
    broken.write_bytes(b"PK\x03\x04 this is no spreadsheet")
    send(page, running, broken)
    expect(page.get_by_role("alert")).to_contain_text("skadad")
    expect(page.locator("input[name=source]")).to_have_value("Federal inventory")


def the_dry_run_is_shown_and_nothing_is_taken(page: Page, running: Demonstration, path: Path) -> None:
    send(page, running, path)
    main = page.locator("main")
    expect(main).to_contain_text("Läst, inget intaget")
    expect(main).to_contain_text("Raden har inget id")
    expect(main).to_contain_text("ingen dag hittas på")
    assert systems_in_the_register(page.context.new_page(), running) == 0
    read_as_english(page)
    expect(main).to_contain_text("Inget är intaget än")
    with page.expect_download() as download:
        page.get_by_role("link", name="Alla problem med sin rad, som CSV").click()
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbf")


def read_as_english(page: Page) -> None:
    if not page.locator("select[name=language]").is_visible():
        page.locator("summary", has_text="Hur filen läses").click()
    page.locator("select[name=language]").select_option("en")
    page.get_by_role("button", name="Läs den så").click()


def systems_in_the_register(page: Page, running: Demonstration) -> int:
    page.goto(running.url)
    count = page.locator("ul.systems > li").count()
    page.close()
    return count


def the_rows_are_taken(page: Page) -> int:
    button = page.get_by_role("button", name=re.compile("Ta in"))
    new = int(re.search(r"\d+", button.inner_text())[0])  # type: ignore[index]
    assert new >= 30
    button.click()
    expect(page.locator(".status-word")).to_have_text(f"{new} av {new} rader är intagna", timeout=90_000)
    expect(page.locator("main .tag", has_text="Intagen").first).to_be_visible()
    return new


def the_same_file_again_changes_nothing(page: Page, running: Demonstration, path: Path) -> None:
    send(page, running, path)
    read_as_english(page)
    expect(page.locator("main")).to_contain_text("Nya: 0")
    expect(page.locator("main")).to_contain_text("Ändrade: 0")
    page.get_by_role("button", name=re.compile("Ta in 0")).click()
    expect(page.get_by_role("alert")).to_contain_text("Det finns inget att ta in")


def an_outsider_sees_what_is_missing(page: Page, running: Demonstration, taken: int) -> None:
    page.goto(running.url)
    assert 0 < page.locator("ul.systems > li").count() <= taken
    expect(page.locator("ul.systems .tag", has_text="Inte godkänt").first).to_be_visible()
    page.locator("ul.systems > li a").first.click()
    expect(page.locator("main")).to_contain_text("Saknas")


def the_page_can_be_read_on_a_telephone(page: Page, running: Demonstration) -> None:
    page.goto(f"{running.url}/arbete/import/")
    for number in (0, 1):
        if number:
            page.locator("table a").last.click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
