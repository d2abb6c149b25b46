"""How an image gets from a camera onto a page."""

import io

from PIL import Image as Pillow
from PIL import ImageDraw
from playwright.sync_api import expect

from .admin import press, save

TOPIC = "St John’s wort"
ALT = "Yellow flowers with five petals, close up."


def photograph():
    """A file as a camera makes it: large, with a note of who took it, and one bright thing near a corner."""
    drawn = Pillow.new("RGB", (1600, 1200), "darkgreen")
    ImageDraw.Draw(drawn).ellipse((1200, 800, 1500, 1100), fill="gold")
    exif = Pillow.Exif()
    exif[0x013B] = "Somebody Private"
    buffer = io.BytesIO()
    drawn.save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def test_editor_uploads_an_image_says_what_must_stay_in_sight_and_shows_it_in_a_topic(site, sign_in):
    page = sign_in("editor")
    page.goto(site / "/admin/articles/image/add/")

    # Into the library
    file = {"name": "hypericum.jpg", "mimeType": "image/jpeg", "buffer": photograph()}
    page.get_by_label("Files:").set_input_files(file)
    press(page, "Add")
    expect(page.get_by_label("Title:")).to_have_value("hypericum")

    # What must stay in sight, and what it says
    picture = page.locator("[data-focal-point] img")
    box = picture.bounding_box()
    picture.click(position={"x": box["width"] * 0.84, "y": box["height"] * 0.79})
    expect(page.get_by_label("Focal point from the left")).to_have_value("84")
    expect(page.get_by_label("Focal point from the top")).to_have_value("79")
    page.get_by_label("Text alternative:").fill(ALT)
    page.get_by_label("Credit:").fill("Photograph of this journey")
    save(page)
    expect(page.get_by_label("Focal point from the left")).to_have_value("84")
    expect(page.get_by_text("Nowhere")).to_be_visible()
    image = page.url

    # Into a topic
    page.goto(site / "/admin/articles/topic/")
    page.get_by_role("link", name=TOPIC, exact=False).first.click()
    page.wait_for_load_state()
    topic = page.url
    page.locator(".order-machine-insert-target").nth(2).click()
    page.get_by_role("button", name="Figure").click()
    figure = page.locator("#articles_figure_set-0")
    figure.get_by_role("combobox").click()
    page.get_by_role("searchbox").last.fill("hypericum")
    page.get_by_role("option", name="hypericum").click()
    figure.locator("img.chosen-image").wait_for()
    save(page)

    # In the preview, in the words of the library
    page.get_by_role("link", name="Preview", exact=True).click()
    shown = page.frame_locator("iframe.phone").get_by_role("img", name=ALT)
    shown.scroll_into_view_if_needed()
    shown.evaluate("image => image.decode()")
    assert shown.evaluate("image => image.naturalWidth") > 300
    expect(page.frame_locator("iframe.phone").get_by_text("Photograph of this journey")).to_be_visible()

    # The library knows where it is shown, and no file of it knows who took the photograph.
    page.goto(image)
    page.get_by_role("link", name=f"{TOPIC}, working copy", exact=False).click()
    expect(page).to_have_url(topic)
    files = list((site.folder / "media" / "images").iterdir())
    assert [path.name for path in files if b"Somebody Private" in path.read_bytes()] == []
