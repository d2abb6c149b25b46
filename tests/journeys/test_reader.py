"""What readers do."""

import re

import pytest
from playwright.sync_api import expect


def test_reader_goes_from_home_to_a_study_and_back(site, open_page):
    page = open_page()
    page.goto(site / "/")

    page.get_by_role("navigation", name="Topics").get_by_role("link", name="Wellness & Therapies").click()
    expect(page).to_have_url(site / "/wellness-therapies/")
    page.get_by_role("main").get_by_role("link", name="Ankle weights", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Ankle weights"))
    page.locator("#walking-and-gait").get_by_text("What each study found", exact=True).click()
    page.get_by_role("link", name="Duclos 2014", exact=True).first.click()
    expect(page).to_have_url(site / "/studies/aw-duclos-2014/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("hemiparesis")
    page.get_by_role("link", name="Ankle weights: benefits and limits", exact=True).click()

    expect(page).to_have_url(site / "/wellness-therapies/ankle-weights/")


def test_reader_opens_a_reference_in_place_and_closes_it_with_escape(site, open_page):
    page = open_page()
    page.goto(site / "/wellness-therapies/ankle-weights/")
    reference = page.locator("a.ref").first

    reference.click()
    popover = page.locator(".pop")
    expect(popover).to_be_visible()
    expect(popover.get_by_role("link", name="Go to the reference")).to_be_visible()
    page.keyboard.press("Escape")

    expect(popover).to_be_hidden()
    expect(page).to_have_url(site / "/wellness-therapies/ankle-weights/")


def test_reader_without_script_follows_a_reference_to_its_entry(site, open_page):
    page = open_page(script=False)
    page.goto(site / "/wellness-therapies/ankle-weights/")

    page.locator("a.ref").first.click()

    expect(page).to_have_url(re.compile(r"#ref-\d+$"))


def test_reader_without_script_searches_and_finds(site, open_page):
    page = open_page(script=False, width=390)
    page.goto(site / "/")

    page.get_by_role("main").get_by_role("searchbox").fill("ankel weigths")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    page.get_by_role("link", name="ankle weights", exact=True).click()

    expect(page.get_by_role("link", name=re.compile("^Ankle weights: benefits"))).to_be_visible()


def test_reader_keeps_dark_colours_from_page_to_page(site, open_page):
    page = open_page()
    page.goto(site / "/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")

    page.locator("[data-theme-toggle]").click()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.goto(site / "/glossary/")

    assert dark != light
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark


def test_reader_leaves_with_no_cookie(site, open_page):
    page = open_page()

    for path in ("/", "/wellness-therapies/ankle-weights/", "/studies/", "/contact/", "/search/?q=sleep"):
        page.goto(site / path)

    assert page.context.cookies() == []


def test_reader_writes_to_the_editors(site, open_page):
    page = open_page(script=False)
    page.goto(site / "/wellness-therapies/ankle-weights/")

    page.get_by_role("link", name="Report a mistake on this page").click()
    page.get_by_label("What it is about").select_option("A mistake on a page")
    page.get_by_label("Message").fill("The step length looks wrong.")
    page.get_by_role("button", name="Send message").click()

    expect(page.get_by_text("Your message is stored for the editors.")).to_be_visible()
    site.manage("db_worker", "--batch", "--verbosity", "0")
    texts = [mail.get_content() for mail in site.mail]
    [mail] = [text for text in texts if "The step length looks wrong." in text]
    assert "/wellness-therapies/ankle-weights/" in mail


@pytest.mark.parametrize("name", ["cite.bib", "cite.ris"])
def test_reader_takes_the_citation_away(site, open_page, name):
    page = open_page()
    page.goto(site / "/wellness-therapies/ankle-weights/")

    with page.expect_download() as download:
        page.locator(f'a[href="{name}"]').click()

    assert "Ankle weights" in download.value.path().read_text()
