"""What people say to each other about a page before it goes out."""

import re

from playwright.sync_api import expect

from .admin import save, send

TOPIC = "Walking and mood"


def test_reviewer_and_writer_settle_a_question_while_the_writer_types(sign_in):
    reviewer, writer = sign_in("reviewer", TOPIC), sign_in("writer", TOPIC)

    # On the preview, about words that are there.
    reviewer.get_by_role("link", name="Preview", exact=True).click()
    reviewer.get_by_role("link", name="Phone", exact=False).click()
    frame = reviewer.frame_locator(".preview-frames iframe")
    frame.locator(".standfirst").click(click_count=3)
    reviewer.get_by_role("button", name="Comment on these words").click()
    reviewer.keyboard.type("Which three, @writer?")
    send(reviewer, "Comment")
    expect(reviewer.locator(".comment-thread blockquote")).to_have_text(
        re.compile("^Many people feel better")
    )
    expect(frame.locator(".standfirst.has-comments")).to_have_count(1)

    # On the form, beside the field; what is typed there stays.
    writer.reload()
    title = writer.get_by_label("Title:", exact=True).first
    title.fill("Walking and low mood")
    writer.get_by_role("link", name="Demo reviewer: Which three, @writer?").click()
    thread = writer.locator(".comment-thread")
    thread.get_by_text("Answer", exact=True).first.click()
    thread.get_by_label("Answer to Demo reviewer").fill("Those of the list below.")
    send(writer, "Answer")
    expect(title).to_have_value("Walking and low mood")
    save(writer)
    assert writer.get_by_label("Title:", exact=True).first.input_value() == "Walking and low mood"

    # Back with the reviewer, who may not change the page.
    reviewer.get_by_role("link", name="Back to editing").click()
    reviewer.get_by_role("link", name="Comments: 1 open").click()
    expect(reviewer.locator(".comment.answer .comment-text")).to_have_text("Those of the list below.")
    send(reviewer, "Resolve")
    expect(reviewer.get_by_text("No comment is open.")).to_be_visible()
    expect(reviewer.get_by_role("link", name="Comments", exact=True)).to_be_visible()


def test_comments_work_without_script(sign_in):
    curator = sign_in("curator", TOPIC, script=False)

    curator.get_by_role("link", name="Comments", exact=False).first.click()
    curator.get_by_label("About").select_option(label="Teaser")
    curator.get_by_label("Words").fill("very uncertain")
    curator.get_by_label("Comment", exact=True).fill("Is that so?")
    curator.get_by_role("button", name="Comment", exact=True).click()

    thread = curator.locator(".comment-thread[data-field=teaser]")
    expect(thread.locator(".comment-text")).to_have_text("Is that so?")
    thread.get_by_role("button", name="Remove").click()
    expect(curator.get_by_text("The comment is removed.")).to_be_visible()
