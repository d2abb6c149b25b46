"""What researchers do."""

import csv


def test_researcher_filters_by_older_adults_and_gait_and_takes_the_same_studies_away(site, open_page):
    page = open_page()
    page.goto(site / "/studies/")

    page.get_by_label("Older adults", exact=False).first.check()
    page.get_by_label("Gait and mobility", exact=False).first.check()
    page.get_by_role("button", name="Apply filters").first.click()
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

    assert page.url.count("=") == 1
    assert int(page.locator("#count").inner_text().split()[0]) >= 1
