"""Rating what the evidence adds up to, and hearing of it when the evidence moves."""

from playwright.sync_api import expect

from .admin import do, open_topic, press

LIST = "/admin/evidence/conclusion/"


def pick(page, field, words):
    """Choose in a field that is searched while one types."""
    page.locator(f".field-{field} .select2-selection").click()
    page.locator(".select2-search__field").fill(words)
    found = page.locator(".select2-results__option")
    found.filter(has_text=words).first.wait_for()
    exact = found.get_by_text(words, exact=True)
    (exact if exact.count() else found.filter(has_text=words)).first.click()


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
    expect(page.locator("[data-follows-certainty]")).to_have_text("Low")

    page.get_by_role("button", name="Sign").click()
    page.get_by_role("alert").get_by_text("it cannot be signed yet", exact=False).wait_for()
    expect(page.get_by_label("Sentence")).to_have_value("Curcumin cures osteoarthritis.")
    page.get_by_label("Sentence").fill("")
    page.get_by_role("button", name="Sign").click()
    page.get_by_text("Assessment 1 is signed: low certainty.", exact=False).wait_for()
    expect(page.get_by_text("Nothing: the results are those that assessment 1 looked at")).to_be_visible()

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
    expect(page.get_by_role("heading", name="curcumin", exact=False)).to_be_visible()
    page.get_by_role("button", name="Back to the form").click()
    expect(page.locator("#id_finding")).to_have_value("Symptoms were looked at once more.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Confirm and save").click()
    page.get_by_text("1 conclusion has drifted from the assessment in force", exact=False).wait_for()

    page.goto(site / f"{LIST}?drift=yes")
    row = page.locator("#result_list tbody tr", has_text="curcumin")
    expect(row.locator("td.field-drifted")).to_have_text("1 (1 new)")


def test_new_result_moves_a_page_until_it_is_assessed_and_published_again(site, open_page, sign_in):
    address = "/wellness-therapies/p6-acupressure-nausea/"
    public, curator = open_page(), sign_in("curator")
    public.goto(site / address)
    claim = public.locator("#nausea-after-an-operation")
    before = claim.text_content()
    expect(public.locator("#since")).to_have_count(0)

    curator.goto(site / f"{LIST}?q=p6-nausea")
    curator.locator("#result_list tbody th a").first.click()
    curator.locator(".standing li a").first.click()
    curator.get_by_role("link", name="Add result", exact=True).click()
    curator.locator("#id_key").fill("sick-on-the-second-day")
    pick(curator, "outcome", "Nausea")
    for field, place in (("sample", 1), ("arm", 1), ("comparator", 2)):
        curator.locator(f"#id_{field}").select_option(index=place)
    curator.locator("#id_measure").select_option("rr")
    curator.locator("#id_finding").fill("Some felt sick on the second day.")
    for field, number in (("arm_n", 30), ("arm_events", 9), ("comparator_n", 30), ("comparator_events", 12)):
        curator.locator(f"#id_{field}").fill(str(number))
    curator.get_by_role("button", name="Save", exact=True).click()
    curator.get_by_role("heading", name="What this touches").wait_for()
    curator.get_by_role("button", name="Confirm and save").click()
    curator.get_by_text("2 conclusions have drifted", exact=False).wait_for()

    public.reload()
    expect(public.locator("#changes")).to_contain_text("Nausea after an operation (not assessed)")
    assert claim.text_content() == before

    editor = sign_in("editor")
    again = editor.get_by_role("region", name="Conclusions to assess again")
    lines = again.get_by_role("listitem").filter(has_text="P6: Nausea")
    expect(lines.filter(has_text="1 new, Demo curator on")).to_have_count(2)
    again.get_by_role("link", name="P6: Nausea, everybody", exact=False).click()
    editor.get_by_label("Could change", exact=True).check()
    editor.get_by_label("Reason").fill("One result more, from the second day.")
    press(editor, "Triage")
    public.reload()
    expect(claim.get_by_role("link", name="New evidence could change this")).to_be_visible()
    for whom in ("everybody", "Having surgery"):
        editor.goto(site / "/admin/")
        again.get_by_role("link", name=f"P6: Nausea, {whom}", exact=False).click()
        editor.get_by_role("link", name="Assess again at once").click()
        editor.get_by_role("button", name="Sign").click()
        editor.get_by_text("Assessment 2 is signed", exact=False).wait_for()
    public.reload()
    expect(public.locator("#changes")).to_contain_text("(assessed again, for the next edition)")

    writer = sign_in("writer", "P6 and nausea")
    do(writer, "Hand in")
    open_topic(editor, site, "P6 and nausea")
    do(editor, "Submit for review")
    do(editor, "Sign off as editor")
    do(sign_in("reviewer", "P6 and nausea"), "Sign off as scientist")
    publisher = sign_in("publisher", "P6 and nausea")
    publisher.get_by_role("link", name="Publish", exact=True).click()
    publisher.get_by_label("A full edition", exact=False).check()
    publisher.get_by_label("Change note", exact=False).fill("One result more.")
    press(publisher, "Publish edition 2")

    public.reload()
    expect(public.get_by_text("One result more.")).to_be_visible()
    expect(public.locator("#since")).to_have_count(0)
    assert claim.text_content() != before
    public.goto(site / f"{address}editions/1/")
    assert claim.text_content() == before
