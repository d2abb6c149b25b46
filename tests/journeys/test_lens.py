"""What readers of one group do: choose it, see what is said for it, and look at the studies behind it."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_public_pages import RULES

PAGE = "/wellness-therapies/ankle-weights/"
FINDINGS = [
    "muscle-activation",
    "walking-and-gait",
    "energy-use",
    "heart-rate",
    "balance",
    "strength-and-everyday-function",
    "joint-stress",
]
PAGES = [
    f"{PAGE}?for=stroke",
    "/nutrition-foods/potassium-blood-pressure/?for=hypertension",
    "/herbs-supplements/st-johns-wort-depression/?for=depression",
    "/vitamins-minerals/vitamin-d-falls/?for=older-adults",
]
NOTES = ".youbox, .youline, .you-only, .lens"


def test_reader_chooses_a_group_on_a_phone(site, open_page):
    page = open_page(width=390, height=844, script=False)
    page.goto(site / PAGE)

    page.locator("#lens").get_by_role("link", name="Older adults").click()

    page.wait_for_load_state()
    assert parse_qs(urlsplit(page.url).query) == {"for": ["older-adults"]}
    expect(page.locator("#lens [aria-current]")).to_have_text("Older adults")
    assert [claim.get_attribute("id") for claim in page.locator("article.claim").all()] == FINDINGS
    rated = {}
    for name in FINDINGS:
        note = page.locator(f"#{name} .youbox")
        expect(note.locator(".youline")).to_be_visible()
        rated[name] = " ".join(note.locator(".cert").inner_text().split())
    everyone = "No certainty rating for this group"
    assert rated == {
        **dict.fromkeys(FINDINGS, everyone),
        "strength-and-everyday-function": "Very low certainty for this group",
    }
    assert page.locator("#strength-and-everyday-function .youbox .youline").inner_text() == "Partly studied"
    assert page.context.cookies() == []


def test_reader_leaves_a_group_again(site, open_page):
    page = open_page(script=False)
    page.goto(site / f"{PAGE}?for=stroke")

    page.locator("#lens").get_by_role("link", name="Everyone").click()

    page.wait_for_load_state()
    assert (urlsplit(page.url).path, urlsplit(page.url).query) == (PAGE, "")
    expect(page.locator(".youbox, .youline, .you-only")).to_have_count(0)


def test_reader_with_an_unknown_group_gets_the_page_for_everyone(site, open_page):
    page = open_page()

    page.goto(site / f"{PAGE}?for=nobody")

    expect(page).to_have_url(site / PAGE)


@pytest.mark.parametrize("path", PAGES)
def test_page_for_a_group_without_its_notes_is_the_page_for_everyone(site, open_page, path):
    page = open_page(script=False)
    page.goto(site / path.partition("?")[0])
    everyone = _words_without_notes(page)

    page.goto(site / path)

    expect(page.locator(".youbox").first).to_be_visible()
    assert _words_without_notes(page) == everyone


def _words_without_notes(page):
    """All words of the main part, those that are folded away too."""
    page.locator(NOTES).evaluate_all("notes => notes.forEach(note => note.remove())")
    return page.locator("main").evaluate("main => main.textContent").split()


@pytest.mark.parametrize("finding", FINDINGS)
def test_reader_finds_as_many_studies_as_a_finding_says(site, open_page, finding):
    page = open_page()
    page.goto(site / PAGE)
    chip = page.locator(f"#{finding} a.chip")
    n = int(re.search(r"(\d+) stud", chip.inner_text())[1])

    chip.click()

    expect(page.locator("#count")).to_have_text(re.compile(rf"^{n}\b"))
    expect(page.locator("ol.studies > li")).to_have_count(n)


def test_reader_sees_what_arrived_since_the_edition(site, open_page):
    page = open_page(width=390)
    page.goto(site / PAGE)

    news = page.locator("#changes .log").first

    assert page.locator("#changes .tag.new").first.inner_text().upper() == "SINCE EDITION 1"
    assert [link.get_attribute("href") for link in news.get_by_role("link").all()] == [
        "/studies/aw-running-added-mass-2024/",
        "#energy-use",
    ]


def test_reader_opens_the_ledger_of_a_page(site, open_page):
    page = open_page(width=390, height=844, script=False)
    page.goto(site / PAGE)

    page.locator("#about").get_by_role("link", name="Evidence ledger").click()

    page.wait_for_load_state()
    expect(page).to_have_url(site / f"{PAGE}evidence/")
    assert [part.get_attribute("id") for part in page.locator("main section").all()] == FINDINGS
    energy = page.locator("#energy-use")
    expect(energy.get_by_role("link", name="Low certainty of energy use, everyone")).to_be_visible()
    expect(energy).to_contain_text("New: Coifman 2024. Not assessed.")
    said = page.request.get(site / f"{PAGE}evidence.json").json()
    behind = {finding["name"]: finding["conclusions"][0]["results"] for finding in said["findings"]}
    assert len(behind["Energy use"]) == 3
    expect(energy.locator("table").nth(1).locator("tbody tr")).to_have_count(3)


@pytest.mark.parametrize("path", PAGES)
def test_page_for_a_group_does_not_scroll_sideways(site, open_page, path):
    page = open_page()
    page.goto(site / path)

    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("path", PAGES)
def test_page_for_a_group_has_no_accessibility_violation(site, open_page, path):
    page = open_page()
    page.goto(site / path)

    for width in (1280, 390):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme=scheme)
            found = Axe().run(page, options=RULES)
            assert found.violations_count == 0, f"{width} px, {scheme}\n{found.generate_report()}"
