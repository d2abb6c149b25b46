"""What people hear of each other's work."""

import re

from playwright.sync_api import expect

from .admin import do, open_topic


def test_writer_hears_what_came_back_by_mail_and_under_notices(site, sign_in):
    why = "Say who was studied."
    editor, writer = sign_in("editor"), sign_in("writer", width=420)
    open_topic(editor, site, "Vitamin D")
    do(editor, "Take up")
    do(editor, "Return to writer", why)

    # The worker of `make demo` does this by itself.
    site.manage("db_worker", "--batch", "--no-startup-delay")
    mail = next(mail for mail in site.mail if why in mail.get_content())
    assert mail["To"] == "writer@demo.invalid"
    assert "returned to its writer by Demo editor" in mail["Subject"]
    assert f"{site.address}/admin/notices/" in mail.get_content()

    writer.reload()
    writer.get_by_role("link", name=re.compile(r"^Notices \d+ unread$")).click()
    notice = writer.locator(".notice-list li").filter(has_text=why)
    expect(notice.get_by_text("Unread", exact=True)).to_be_visible()
    notice.get_by_role("link").click()
    writer.get_by_role("link", name="Hand in", exact=True).wait_for()
    writer.get_by_role("link", name="Notices", exact=False).click()
    writer.wait_for_load_state()
    expect(notice).to_be_visible()
    expect(notice.get_by_text("Unread")).to_have_count(0)

    writer.get_by_role("link", name="How I hear of things").click()
    writer.get_by_role("group", name="A topic moved on").get_by_label("In one e-mail a day").check()
    writer.get_by_role("button", name="Save").click()
    writer.get_by_text("Your choices are saved.").wait_for()
    expect(
        writer.get_by_role("group", name="A topic moved on").get_by_label("In one e-mail a day")
    ).to_be_checked()
