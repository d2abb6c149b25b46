"""The image library in the admin: adding, words, focal points, moving and deleting, and who may."""

import io

import pytest
from django.contrib.auth.models import Group
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image as Pillow

from articles import images
from articles.models import Figure, Folder, Image
from articles.permissions import Role
from tests import factories
from tests.evidence.admin.forms import errors, filled, said
from tests.signing import publish_signed

from .conftest import signed_in

LIST = reverse("admin:articles_image_changelist")
ADD = reverse("admin:articles_image_add")


def page(image, name="change"):
    return reverse(f"admin:articles_image_{name}", args=[image.pk])


def file(name="leg.png", colour="teal", size=(1300, 700)):
    buffer = io.BytesIO()
    Pillow.new("RGB", size, colour).save(buffer, "PNG")
    return SimpleUploadedFile(name, buffer.getvalue(), "image/png")


def in_role(role):
    client = Client()
    user = factories.UserFactory(is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)
    return client


@pytest.fixture
def image(db, now):
    return images.keep(file=file("secret.png"), by=None, at=now, title="Secret lever")


# Adding


def test_several_files_are_added_to_a_folder_at_once(editor):
    folder = factories.FolderFactory()

    response = editor.post(
        ADD, {"files": [file("leg.png"), file("arm.png", "red")], "folder": folder.pk}, follow=True
    )

    assert said(response) == ["2 images were added. Each needs a text alternative."]
    assert response.redirect_chain[0][0] == f"{LIST}?use=wordless"
    assert list(Image.objects.order_by("pk").values_list("title", "folder", "added_by")) == [
        ("leg", folder.pk, editor.user.pk),
        ("arm", folder.pk, editor.user.pk),
    ]


def test_one_file_leads_to_its_form(editor):
    response = editor.post(ADD, {"files": [file()], "folder": ""})

    assert response.headers["Location"] == page(Image.objects.get())


def test_file_added_from_the_form_of_a_topic_is_chosen_there(editor):
    response = editor.post(ADD, {"files": [file()], "folder": "", "_popup": "1"})

    assert response.status_code == 200
    assert response.templates[0].name == "admin/popup_response.html"
    assert f"&quot;value&quot;: &quot;{Image.objects.get().pk}&quot;" in response.content.decode()


def test_bad_files_are_named_and_the_good_ones_are_kept(editor, image):
    files = [file("new.png", "red"), file("again.png"), SimpleUploadedFile("<b>.svg", b"<svg/>")]

    response = editor.post(ADD, {"files": files, "folder": ""}, follow=True)

    assert said(response) == [
        f'“again.png” was not added. It is in the library already: <a href="{page(image)}">Secret lever</a>.',
        "“&lt;b&gt;.svg” was not added. It is not a JPEG, PNG, WebP, AVIF or GIF image.",
        "The image was added. Say what it shows, and what must stay in sight.",
    ]
    assert Image.objects.count() == 2


def test_only_bad_files_leave_the_form_with_their_reasons(editor):
    response = editor.post(ADD, {"files": [SimpleUploadedFile("a.png", b"no")], "folder": ""})

    assert response.context["form"].errors["files"] == [
        "“a.png”: It is not a JPEG, PNG, WebP, AVIF or GIF image."
    ]
    assert not Image.objects.exists()


@pytest.mark.parametrize("data", [{}, {"files": "x"}, {"files": [], "folder": "x"}, {"folder": "9" * 40}])
def test_form_without_files_is_no_error(data, editor):
    response = editor.post(ADD, data)

    assert response.status_code == 200
    assert response.context["form"].errors["files"]


# Words and focal points


def test_words_and_focal_point_are_saved_with_a_new_crop(editor, image):
    before = images.shared(image)

    response = editor.post(
        page(image), filled(editor.get(page(image)), alt=" A lever ", focal_x="90", focal_y="10"), follow=True
    )

    image = Image.objects.get()
    assert response.redirect_chain
    assert (image.alt, image.focal_point) == ("A lever", "90x10")
    assert images.shared(image) not in (None, before)


@pytest.mark.parametrize("value", ["101", "-1", "x", "", "9" * 30])
def test_focal_point_outside_is_refused(value, editor, image):
    response = editor.post(page(image), filled(editor.get(page(image)), focal_x=value))

    assert list(errors(response)) == ["focal_x"]


def test_words_that_figures_rely_on_are_not_taken_away(editor, image):
    Image.objects.update(alt="A lever")
    factories.FigureFactory(image=image, alt="", parent__short_title="Ankle weights")

    response = editor.post(page(image), filled(editor.get(page(image)), alt=""))

    assert errors(response) == {"alt": ["Figures rely on it: “Ankle weights”."]}


def test_form_says_where_the_image_is_shown(editor, image, now):
    topic = factories.TopicFactory(short_title="Ankle weights", image=image)
    factories.FigureFactory(parent=topic, image=image)
    publish_signed(topic=topic, by=None, at=now)
    other = factories.FigureFactory(image=image, parent__short_title="Stairs").parent

    content = editor.get(page(image)).content.decode()

    assert content.count("Ankle weights, working copy") == 1
    assert f'<a href="/{topic.path}/editions/1/">Ankle weights, edition 1</a>' in content
    assert reverse("admin:articles_topic_change", args=[other.pk]) in content


# List


def test_list_is_searched_and_filtered_by_folder_and_use(editor):
    outer = factories.FolderFactory(name="Body")
    inner = factories.FolderFactory(name="Legs", parent=outer)
    used = factories.ImageFactory(title="Used", folder=inner, alt="A leg")
    factories.FigureFactory(image=used)
    loose = factories.ImageFactory(title="Loose", credit="R. Ito")

    def found(**query):
        return {row.title for row in editor.get(LIST, query).context["cl"].result_list}

    assert found() == {"Used", "Loose"}
    assert found(**{"in": outer.pk}) == found(**{"in": inner.pk}) == {used.title}
    assert found(**{"in": "none"}) == found(use="unused") == found(use="wordless") == {loose.title}
    assert found(use="used") == found(q="legs") == {used.title}
    assert found(q="Ito") == {loose.title}
    assert found(**{"in": "x"}) == found(**{"in": "9" * 40}) == {"Used", "Loose"}


def test_images_are_moved_together(editor):
    folder = factories.FolderFactory(name="Legs")
    one, two, other = (factories.ImageFactory() for _ in range(3))
    chosen = {"action": "move", "_selected_action": [one.pk, two.pk]}

    response = editor.post(LIST, {**chosen, "folder": folder.pk}, follow=True)
    assert said(response) == ["2 images moved to “Legs”."]
    assert set(folder.images.all()) == {one, two}
    assert not folder.images.filter(pk=other.pk).exists()

    response = editor.post(LIST, {**chosen, "folder": ""}, follow=True)
    assert said(response) == ["2 images moved out of their folders."]
    assert not folder.images.exists()


@pytest.mark.parametrize("folder", ["x", "999999", "9" * 40])
def test_images_are_not_moved_to_a_folder_that_is_not_there(folder, editor):
    image = factories.ImageFactory(folder=factories.FolderFactory())

    response = editor.post(
        LIST, {"action": "move", "_selected_action": [image.pk], "folder": folder}, follow=True
    )

    assert response.status_code == 200
    assert Image.objects.get().folder == image.folder


# Deleting


def test_unused_image_is_deleted_with_its_files(editor, image, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        editor.post(page(image, "delete"), {"post": "yes"})

    assert not Image.objects.exists()
    assert default_storage.listdir("images")[1] == []


def test_image_in_use_is_not_deleted(editor, image, now, django_capture_on_commit_callbacks):
    figure = factories.FigureFactory(image=image)
    publish_signed(topic=figure.parent, by=None, at=now)
    Figure.objects.all().delete()
    before = default_storage.listdir("images")[1]
    unused = factories.ImageFactory()
    selected = {"action": "delete_selected", "_selected_action": [image.pk, unused.pk], "post": "yes"}

    with django_capture_on_commit_callbacks(execute=True):
        answers = [editor.post(page(image, "delete"), {"post": "yes"}), editor.post(LIST, selected)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert all("Ankle" not in answer.content.decode() for answer in answers)
    assert set(Image.objects.all()) == {image, unused}
    assert default_storage.listdir("images")[1] == before


def test_image_that_came_into_use_meanwhile_is_not_deleted(editor, image, monkeypatch):
    factories.FigureFactory(image=image)
    registered = type(editor.get(page(image)).context["adminform"].model_admin)
    # What the admin found a moment before.
    monkeypatch.setattr(registered, "get_deleted_objects", lambda *args: ([], {}, set(), []))

    response = editor.post(page(image, "delete"), {"post": "yes"}, follow=True)
    assert said(response) == ["Nothing was deleted: the image is in use now."]

    selected = {"action": "delete_selected", "_selected_action": [image.pk], "post": "yes"}
    response = editor.post(LIST, selected, follow=True)
    assert said(response) == ["Nothing was deleted: one of the images is in use now."]
    assert Image.objects.get() == image


def test_folder_is_deleted_only_when_it_is_empty(editor, image):
    folder = factories.FolderFactory()
    Image.objects.update(folder=folder)
    url = reverse("admin:articles_folder_delete", args=[folder.pk])

    assert editor.post(url, {"post": "yes"}).status_code == 200
    assert Folder.objects.get() == folder
    assert Image.objects.get() == image

    Image.objects.update(folder=None)
    editor.post(url, {"post": "yes"})
    assert not Folder.objects.exists()


def test_two_folders_of_one_name_do_not_stand_side_by_side(editor):
    outer = factories.FolderFactory(name="Body")
    factories.FolderFactory(name="Legs", parent=outer)
    url = reverse("admin:articles_folder_add")

    for parent, name in (("", "Body"), (outer.pk, "Legs")):
        response = editor.post(url, {"parent": parent, "name": name})
        assert "There is a folder of this name here already." in response.content.decode()
    assert editor.post(url, {"parent": "", "name": "Legs"}).status_code == 302


# Who may


@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.WRITER, {"view", "add", "change"}),
        (Role.EDITOR, {"view", "add", "change", "delete"}),
        (Role.REVIEWER, {"view"}),
        (Role.PUBLISHER, {"view"}),
        (Role.CURATOR, {"view"}),
    ],
)
def test_each_role_does_its_part_of_the_library(role, may, image):
    client = in_role(role)
    folder = factories.FolderFactory()

    def allowed(action, response):
        return (response.status_code != 403) == (action in may)

    assert b"Secret lever" in client.get(LIST).content
    assert allowed("add", client.get(ADD))
    assert allowed("add", client.post(ADD, {"files": [file("new.png", "red")], "folder": ""}))
    assert allowed("change", client.post(page(image), {"title": "Mine", "focal_x": "1", "focal_y": "1"}))
    assert allowed("delete", client.post(page(image, "delete"), {"post": "yes"}))
    assert allowed("delete", client.post(reverse("admin:articles_folder_delete", args=[folder.pk])))
    moved = {"action": "move", "_selected_action": list(Image.objects.values_list("pk", flat=True))}
    client.post(LIST, {**moved, "folder": folder.pk})
    assert Image.objects.filter(folder=folder).exists() == ("change" in may and Image.objects.exists())
    assert Image.objects.filter(title="Secret lever").exists() == (not {"change", "delete"} & may)


def test_stranger_learns_nothing(stranger, image):
    addresses = [
        LIST,
        ADD,
        page(image),
        page(image, "delete"),
        page(image, "history"),
        page(image, "thumbnail"),
    ]

    for client in (stranger, signed_in("view_topic", "change_term")):
        for address in addresses:
            response = client.get(address)
            assert response.status_code == 403
            assert b"Secret" not in response.content
            assert image.file.name.encode() not in response.content
        choices = {"app_label": "articles", "model_name": "figure", "field_name": "image"}
        assert client.get(reverse("admin:autocomplete"), choices).status_code == 403


def test_thumbnail_leads_to_the_smallest_file(editor, image):
    smallest = image.renditions.get(width=480, type="image/webp")

    assert editor.get(page(image, "thumbnail")).headers["Location"] == smallest.file.url
    for key in (0, 999999, 10**30):
        assert editor.get(reverse("admin:articles_image_thumbnail", args=[key])).status_code == 404


# In topics


def test_topic_chooses_an_image_for_a_figure_and_for_shared_links(editor, image):
    topic = factories.TopicFactory()
    url = reverse("admin:articles_topic_change", args=[topic.pk])
    form = filled(
        editor.get(url),
        image=image.pk,
        **{
            "articles_figure_set-TOTAL_FORMS": "1",
            "articles_figure_set-0-image": image.pk,
            "articles_figure_set-0-alt": "A lever",
            "articles_figure_set-0-region": "main",
            "articles_figure_set-0-ordering": "10",
        },
    )

    editor.post(url, form)

    topic.refresh_from_db()
    assert topic.image == image
    assert Figure.objects.values_list("parent", "image", "alt").get() == (topic.pk, image.pk, "A lever")


@pytest.mark.parametrize(
    ("values", "alt", "error"),
    [
        ({"alt": ""}, "", "alt"),
        ({"alt": "A leg", "is_decorative": "on"}, "", "alt"),
        ({"alt": "A leg", "image": "999999"}, "", "image"),
        ({"alt": "A leg", "image": ""}, "", "image"),
        ({"alt": "A leg", "image": "x"}, "", "image"),
        ({"alt": ""}, "In the library", None),
        ({"alt": "", "is_decorative": "on"}, "", None),
    ],
)
def test_figure_needs_an_image_and_words_or_the_word_that_it_has_none(values, alt, error, editor):
    topic = factories.TopicFactory()
    image = factories.ImageFactory(alt=alt)
    url = reverse("admin:articles_topic_change", args=[topic.pk])
    row = {"image": image.pk, "region": "main", "ordering": "10", **values}
    rows = {f"articles_figure_set-0-{name}": value for name, value in row.items()}

    response = editor.post(url, filled(editor.get(url), **{"articles_figure_set-TOTAL_FORMS": "1"}, **rows))

    if error is None:
        assert response.status_code == 302
        assert Figure.objects.exists()
    else:
        assert list(errors(response)) == [f"articles_figure_set-0-{error}"]
        assert not Figure.objects.exists()


def test_image_too_small_to_be_shared_is_refused(editor):
    topic, small = factories.TopicFactory(), factories.ImageFactory(width=1000, height=300)
    url = reverse("admin:articles_topic_change", args=[topic.pk])

    response = editor.post(url, filled(editor.get(url), image=small.pk))

    assert errors(response) == {
        "image": ["The image is too small for shared links: its crop must be 600 pixels wide."]
    }


def test_list_counts_topics_and_editions_apart(editor, image, now):
    figure = factories.FigureFactory(image=image)
    factories.FigureFactory(image=image, parent=figure.parent)
    publish_signed(topic=figure.parent, by=None, at=now)
    factories.FigureFactory(image=image)

    (row,) = editor.get(LIST).context["cl"].result_list

    assert (row.count_of_topics, row.count_of_editions) == (2, 1)
