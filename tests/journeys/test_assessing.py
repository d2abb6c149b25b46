"""Rating what the evidence adds up to, and hearing of it when the evidence moves."""

LIST = "/admin/evidence/conclusion/"


def pick(page, field, words):
    """Choose in a field that is searched while one types."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=words).first.click()


def test_curator_rates_a_conclusion_and_sees_it_drift(site, open_page, sign_in):
    page = sign_in("curator")

    page.goto(site / f"{LIST}add/")
    pick(page, "intervention", "Curcumin")
    pick(page, "outcome", "Osteoarthritis symptoms")
    page.get_by_role("button", name="Save and continue editing").click()
    page.get_by_role("link", name="Assess", exact=True).click()

    page.get_by_label("Start", exact=False).first.select_option("high")
    page.locator("#id_imprecision").select_option("2")
    page.get_by_label("Imprecision: why").fill("Few people, and intervals that hold both help and none.")
    page.get_by_label("Sentence").fill("Curcumin cures osteoarthritis.")
    page.locator(".follows .stop").first.wait_for()
    assert page.locator("[data-follows-certainty]").inner_text() == "Low"

    page.get_by_role("button", name="Sign").click()
    page.get_by_role("alert").get_by_text("it cannot be signed yet", exact=False).wait_for()
    assert page.get_by_label("Sentence").input_value() == "Curcumin cures osteoarthritis."
    page.get_by_label("Sentence").fill("")
    page.get_by_role("button", name="Sign").click()
    page.get_by_text("Assessment 1 is signed: low certainty.", exact=False).wait_for()
    assert page.get_by_text("Nothing: the results are those that assessment 1 looked at").is_visible()

    page.locator(".standing li a").first.click()
    page.get_by_role("link", name="Add result", exact=True).click()
    page.locator("#id_key").fill("looked-at-later")
    pick(page, "outcome", "Osteoarthritis symptoms")
    for field in ("sample", "arm"):
        page.locator(f"#id_{field}").select_option(index=1)
    page.locator("#id_comparator").select_option(index=2)
    page.locator("#id_measure").select_option("md")
    page.locator("#id_finding").fill("Symptoms were looked at once more.")
    page.locator("#id_estimate").fill("-1")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("heading", name="What this touches").wait_for()
    assert page.get_by_role("heading", name="curcumin", exact=False).is_visible()
    page.get_by_role("button", name="Back to the form").click()
    assert page.locator("#id_finding").input_value() == "Symptoms were looked at once more."
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Confirm and save").click()
    page.get_by_text("1 conclusion has drifted from the assessment in force", exact=False).wait_for()

    page.goto(site / f"{LIST}?drift=yes")
    row = page.locator("#result_list tbody tr", has_text="curcumin")
    assert row.locator("td.field-drifted").inner_text() == "1 (1 new)"
