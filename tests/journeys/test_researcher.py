"""What researchers do."""

import csv
import json
import re
import zipfile

from playwright.sync_api import expect


def test_researcher_filters_by_older_adults_and_gait_and_takes_the_same_studies_away(site, open_page):
    page = open_page()
    page.goto(site / "/studies/")

    page.get_by_label("Older adults", exact=False).first.check()
    page.get_by_label("Gait and mobility", exact=False).first.check()
    page.get_by_role("button", name="Apply filters").first.click()
    page.wait_for_load_state()
    assert "population=older-adults" in page.url
    assert "outcome=gait-and-mobility" in page.url
    shown = page.locator("ol.studies h3 a").evaluate_all("links => links.map(a => a.pathname)")
    count = page.locator("#count").inner_text()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(shown) >= 1
    assert count == f"{len(shown)} stud{'y' if len(shown) == 1 else 'ies'}"
    assert {f"/studies/{row['study']}/" for row in rows} == set(shown)


def test_researcher_removes_a_filter_without_script(site, open_page):
    page = open_page(script=False)
    page.goto(site / "/studies/?population=older-adults&outcome=gait-and-mobility")

    page.get_by_role("link", name="Remove filter").first.click()

    page.wait_for_load_state()
    assert page.url.count("=") == 1
    assert int(page.locator("#count").inner_text().split()[0]) >= 1


def test_researcher_leaves_a_study_out_of_the_forest_plot_and_takes_exactly_that_away(site, open_page):
    page = open_page(script=False)
    page.goto(site / "/studies/?outcome=nausea")

    page.get_by_role("link", name="Forest plot").click()
    expect(page.get_by_text("Pooled, 16 studies")).to_be_visible()
    page.get_by_role("link", name="Leave out Dundee 1986").click()
    expect(page.get_by_text("Pooled, 15 studies")).to_be_visible()
    expect(page.locator("table.forest s", has_text="Dundee 1986")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="Reproduce").click()
    with zipfile.ZipFile(download.value.path()) as bundle:
        asked = json.loads(bundle.read("filter.json"))
        found = json.loads(bundle.read("results.json"))

    assert (asked["outcome"], len(asked["left_out"]), found["pool"]["k"]) == ("nausea", 1, 15)


def test_researcher_goes_from_filters_over_the_map_to_a_forest_plot_without_script(site, open_page):
    page = open_page(script=False)
    page.goto(site / "/studies/?intervention=vitamin-d")

    # Open a branch, choose in it, exclude something, count people.
    page.get_by_role("link", name="Narrower than Balance and falls").click()
    expect(page).to_have_url(re.compile("open_outcome=balance-and-falls"))
    page.goto(site / "/studies/?open_outcome=balance-and-falls")
    page.locator("input[name=outcome][value=falls]").check()
    page.locator("select[name=unit]").select_option("people")
    page.get_by_role("button", name="Apply filters").first.click()
    page.wait_for_load_state()
    n_all = int(page.locator("#count").inner_text().split()[0])
    page.get_by_role("link", name="exclude Falls instead").click()
    expect(page.get_by_role("link", name="Remove filter Not Falls")).to_be_visible()
    page.get_by_role("link", name="include instead of “Not Falls”").click()
    expect(page.locator("#count")).to_have_text(re.compile(rf"^{n_all}\b"))

    # A cell of the map leads to as many studies as it says.
    page.get_by_role("link", name="Evidence map").click()
    page.locator("select[name=unit]").select_option("studies")
    page.get_by_role("button", name="Draw").click()
    page.wait_for_load_state()
    cell = page.locator("table.emap tbody tr", has_text="People who fall").locator("a").last
    n_cell = int(cell.locator("b").inner_text().split()[0])
    assert n_cell >= 1
    cell.click()
    expect(page.locator("#count")).to_have_text(re.compile(rf"^{n_cell}\b"))

    # The same studies as a forest plot.
    page.get_by_role("link", name="Forest plot").click()
    expect(page).to_have_url(site / "/studies/forest/?population=older-adults&outcome=fallers")
    expect(page.get_by_role("heading", level=1, name="Forest plot")).to_be_visible()
