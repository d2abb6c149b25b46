"""What people see of each other before a page goes out, and what readers of its old address see."""

import re

import pytest
from playwright.sync_api import expect

from .admin import do, press, save

TOPIC = "Turmeric and knee osteoarthritis"
OLD = "/herbs-supplements/curcumin-knee-osteoarthritis/"
NEW = "/herbs-supplements/turmeric-knees/"


@pytest.fixture
def sign_in(sign_in):
    """The same, once the form knows who else is there."""

    def on_the_form(name, topic):
        page = sign_in(name, topic)
        page.locator("[data-presence]").wait_for(state="attached")
        return page

    return on_the_form


def test_readers_of_the_old_address_are_announced_and_then_led_to_the_new_one(site, open_page, sign_in):
    writer, publisher = sign_in("writer", TOPIC), sign_in("publisher", TOPIC)
    before, after = open_page(), open_page()

    writer.get_by_role("textbox", name="Slug").fill("turmeric-knees")
    save(writer)
    publisher.get_by_role("link", name="Publish", exact=True).click()
    publisher.get_by_text(f"Readers of {OLD} will be led to {NEW}", exact=True).wait_for()
    before.goto(site / OLD)
    expect(before).to_have_url(site / OLD)

    publisher.get_by_label("A minor change", exact=False).check()
    publisher.get_by_label("Why it is minor").fill("A shorter address.")
    press(publisher, "Publish edition 2")
    # A browser of its own: one that was here remembers the page for a minute.
    after.goto(site / OLD)

    expect(after).to_have_url(site / NEW)
    expect(after.get_by_role("heading", level=1)).to_be_visible()


def test_two_people_at_one_form_see_each_other_and_what_the_other_saved(sign_in):
    writer, editor = sign_in("writer", TOPIC), sign_in("editor", TOPIC)

    editor.get_by_text(re.compile(r"has this page open since \d\d:\d\d\.$")).wait_for()
    writer.get_by_role("textbox", name="Subtitle").press_sequentially("More")
    editor.reload()
    editor.get_by_text(
        re.compile(r"has this page open since \d\d:\d\d and has unsaved changes\.$")
    ).wait_for()
    writer.get_by_text(re.compile("has this page open since")).wait_for(timeout=40_000)
    save(writer)
    editor.get_by_text(re.compile(r"Saved by .+ at \d\d:\d\d: your copy is older\.")).wait_for(timeout=40_000)
    editor.get_by_role("link", name="See what changed").click()

    expect(editor.get_by_text("More").first).to_be_visible()


def test_somebody_without_an_account_signs_off_exactly_what_the_link_shows(site, open_page, sign_in):
    editor = sign_in("editor", TOPIC)
    outside = open_page(width=420, script=False)
    editor.get_by_text("Review", exact=True).first.click()
    editor.get_by_label("Outside sign-off").check()
    save(editor)
    for action in ("Take up", "Submit for review"):
        if editor.get_by_role("link", name=action, exact=True).count():
            do(editor, action)
    editor.get_by_role("link", name="Share a preview").click()
    editor.get_by_label("For whom").fill("Dr Ada Byron")
    editor.get_by_label("May sign off").check()
    editor.get_by_role("button", name="Make the link").click()
    editor.wait_for_load_state()
    link = editor.get_by_label("Link", exact=True).first.input_value()

    outside.goto(link)
    outside.get_by_label("Your name, and what makes you an expert").fill("Dr Ada Byron, cardiologist")
    outside.get_by_label("I stand by exactly this text").check()
    outside.get_by_role("button", name="Sign off").click()

    outside.get_by_text("Thank you. This text is signed off.").wait_for()
    assert not outside.context.cookies()
    editor.reload()
    expect(editor.get_by_text("Signed off by Dr Ada Byron, cardiologist", exact=False)).to_be_visible()
    editor.goto(re.sub("share/$", "change/", editor.url))
    standing = editor.locator(".field-standing")
    expect(standing).to_contain_text("In review")
    expect(standing).to_contain_text("Outside sign-off (not required): Dr Ada Byron, cardiologist")
