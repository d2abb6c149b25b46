"""What editors do."""

import datetime

from playwright.sync_api import expect

from .admin import do, open_topic, press, save, send


def say(page, words):
    """Comment on the page as a whole."""
    page.get_by_role("link", name="Comments", exact=False).first.click()
    page.get_by_label("Comment", exact=True).last.fill(words)
    send(page, "Comment")


def answer(page, words):
    """Answer the first comment."""
    page.get_by_role("link", name="Comments: 1 open").click()
    thread = page.locator(".comment-thread").first
    thread.get_by_text("Answer", exact=True).first.click()
    thread.get_by_label("Answer to", exact=False).fill(words)
    send(page, "Answer")


def write(page, words):
    """Add words at the end of the last text, and save."""
    editor = page.locator(".ProseMirror").last
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(f" {words}")
    save(page)


def test_page_goes_from_its_writer_to_the_public_through_those_who_sign_it(site, open_page, sign_in):
    """Written, commented by who may not edit, sent back, signed, scheduled; it appears by time alone."""
    words = "Forty people is not a crowd."
    address = "/vitamins-minerals/magnesium-sleep/"
    public = open_page()
    writer, editor, reviewer, publisher = (
        sign_in(name, "Magnesium and sleep") for name in ("writer", "editor", "reviewer", "publisher")
    )

    write(writer, words)
    do(writer, "Hand in")
    editor.reload()
    do(editor, "Submit for review")

    # The reviewer may not change the page, and says what is wrong with it.
    reviewer.reload()
    expect(reviewer.get_by_role("button", name="Save and continue editing")).to_have_count(0)
    say(reviewer, "@writer: which forty?")
    do(reviewer, "Send back", "See my comment.")
    writer.goto(site / "/admin/")
    writer.get_by_role("link", name="Notices", exact=False).first.click()
    expect(writer.get_by_text("which forty?", exact=False).first).to_be_visible()
    open_topic(writer, site, "Magnesium and sleep")
    answer(writer, "Those of the largest trial.")
    write(writer, "They took part in the largest trial.")
    editor.reload()
    do(editor, "Submit for review", "Answered.")

    reviewer.reload()
    reviewer.get_by_role("link", name="Comments: 1 open").click()
    expect(reviewer.get_by_text("Those of the largest trial.").first).to_be_visible()
    reviewer.reload()
    do(reviewer, "Sign off as scientist")
    editor.reload()
    do(editor, "Sign off as editor")

    # Tomorrow, by time alone.
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    publisher.get_by_role("link", name="Publish", exact=True).click()
    publisher.get_by_label("A full edition", exact=False).check()
    publisher.get_by_label("Change note", exact=False).fill("One sentence more.")
    publisher.locator("[name=go_live_at]").fill(tomorrow.strftime("%Y-%m-%dT%H:%M"))
    press(publisher, "Publish edition 2")
    public.goto(site / address)
    assert words not in public.content()

    with site.later(datetime.timedelta(days=1, minutes=1)) as later:
        public.goto(later / address)
        assert words in public.content()
        expect(public.get_by_text("Edition 2", exact=False).first).to_be_visible()
        expect(public.get_by_text("One sentence more.")).to_be_visible()
    public.goto(site / address)
    assert words not in public.content()


def test_edit_after_the_sign_off_stops_publishing_until_it_is_signed_again(site, open_page, sign_in):
    words = "Most trials lasted a few weeks."
    public = open_page()
    writer, editor, publisher = (
        sign_in(name, "Meditation and blood pressure") for name in ("writer", "editor", "publisher")
    )
    do(writer, "Hand in")
    editor.reload()
    do(editor, "Submit for review")
    do(editor, "Sign off as editor")

    writer.reload()
    write(writer, words)
    publisher.get_by_role("link", name="Publish", exact=True).click()
    publisher.get_by_text("void, the text changed since", exact=False).wait_for()
    publisher.get_by_label("A full edition", exact=False).check()
    publisher.get_by_label("Change note", exact=False).fill("One sentence more.")
    publisher.get_by_role("button", name="Publish edition 2").click()
    publisher.get_by_role("alert").get_by_text("the editorial sign-off", exact=False).wait_for()
    public.goto(site / "/lifestyle-relationships/meditation-blood-pressure/")
    assert words not in public.content()

    editor.reload()
    do(editor, "Sign off as editor")
    publisher.get_by_role("link", name="Back to editing").click()
    publisher.get_by_role("link", name="Publish", exact=True).click()
    publisher.get_by_label("A full edition", exact=False).check()
    publisher.get_by_label("Change note", exact=False).fill("One sentence more.")
    press(publisher, "Publish edition 2")
    public.reload()

    assert words in public.content()


def test_minor_change_goes_out_at_once_and_is_no_news(site, open_page, sign_in):
    words = "The doses differ from trial to trial."
    public = open_page()
    writer, publisher = (sign_in(name, "Potassium and blood pressure") for name in ("writer", "publisher"))
    reviewed = publisher.locator(".fieldBox.field-reviewed_on .readonly").text_content()
    write(writer, words)

    publisher.get_by_role("link", name="Publish", exact=True).click()
    publisher.get_by_label("A minor change", exact=False).check()
    publisher.get_by_label("Why it is minor").fill("Says again what the table says.")
    press(publisher, "Publish edition 2")
    open_topic(publisher, site, "Potassium and blood pressure")
    assert publisher.locator(".fieldBox.field-reviewed_on .readonly").text_content() == reviewed != "-"
    public.goto(site / "/nutrition-foods/potassium-blood-pressure/")

    assert words in public.content()
    public.goto(site / "/")
    expect(public.get_by_text("Potassium and blood pressure, edition 2", exact=False)).to_have_count(0)
