"""What editors do."""


def sign_in(page, site, name):
    page.goto(site / "/admin/")
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill(site.logins[name])
    page.get_by_role("button", name="Log in").click()


def test_editor_changes_a_block_and_the_public_sees_it_only_once_published(site, open_page):
    words = "Forty people is not a crowd."
    public = open_page()
    page = open_page()
    sign_in(page, site, "editor")
    page.goto(site / "/admin/articles/topic/")
    page.get_by_role("link", name="Magnesium and sleep", exact=False).first.click()

    editor = page.locator(".ProseMirror").last
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(f" {words}")
    page.get_by_role("button", name="Save and continue editing").click()
    public.goto(site / "/vitamins-minerals/magnesium-sleep/")
    assert words not in public.content()

    page.get_by_role("link", name="Publish").first.click()
    page.get_by_label("Change note", exact=False).fill("One sentence more.")
    page.get_by_role("button", name="Publish", exact=False).click()
    public.reload()

    assert words in public.content()
    assert public.get_by_text("Edition 2", exact=False).first.is_visible()
    assert public.get_by_text("One sentence more.").is_visible()
