"""What journeys through the admin do: log in, open a topic, save it, move it on, comment on it."""

TOPICS = "/admin/articles/topic/"


def log_in(page, name, password):
    """Fill in the form of the page, which asks who is there."""
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Log in", exact=True).click()


def open_topic(page, site, topic):
    """Choose a topic from the list by the beginning of its name."""
    page.goto(site / TOPICS)
    page.get_by_role("link", name=topic, exact=False).first.click()
    page.wait_for_load_state()


def press(page, button):
    """Take a button that sends the form, and wait for the whole page that says that it was done."""
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_load_state()
    page.locator(".messagelist .success").wait_for()


def save(page):
    press(page, "Save and continue editing")


def do(page, action, comment=""):
    """Take the button, then confirm on the page that says what will happen."""
    page.get_by_role("link", name=action, exact=True).click()
    if comment:
        page.get_by_label("Comment", exact=False).fill(comment)
    press(page, action)


def send(page, button):
    """Send one of the forms of the pane of comments, and wait until it says what was done."""
    page.get_by_role("button", name=button, exact=True).last.click()
    page.locator(".comments .said").wait_for()
