"""The admin as a whole: every page of it opens, counts its queries, and is shut to who has no right."""

import re
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.urls import reverse
from django_tasks_db.models import DBTaskResult
from taggit.models import Tag

from articles import models as articles
from evidence import immutability
from evidence import models as evidence
from tests import factories

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label_lower)
SECRET = "Zinc and the common cold"


def an_arm():
    return factories.ArmFactory(interventions=[factories.InterventionFactory()])


def a_sample():
    return factories.PopulationShareFactory().sample


def an_edition():
    return factories.EditionFactory(published_by=factories.UserFactory())


# What a list shows of other tables must be there, or the count of queries would prove nothing.
MAKE = {
    get_user_model(): factories.UserFactory,
    Group: lambda: Group.objects.create(name=f"Group {Group.objects.count()}"),
    Tag: lambda: Tag.objects.create(name=f"Tag {Tag.objects.count()}"),
    Authenticator: factories.AuthenticatorFactory,
    DBTaskResult: factories.TaskFactory,
    articles.Category: lambda: factories.TopicFactory().category,
    articles.Edition: an_edition,
    articles.Event: factories.EventFactory,
    articles.Folder: factories.FolderFactory,
    articles.Image: lambda: factories.FigureFactory(image__folder=factories.FolderFactory()).image,
    articles.Message: factories.MessageFactory,
    articles.MissedSearch: factories.MissedSearchFactory,
    articles.Term: factories.TermFactory,
    articles.Topic: lambda: an_edition().topic,
    evidence.Appraisal: lambda: factories.AppraisalFactory(),
    evidence.Arm: an_arm,
    evidence.Assessment: factories.SignedAssessmentFactory,
    evidence.Conclusion: lambda: factories.SignedAssessmentFactory().conclusion,
    evidence.Intervention: factories.InterventionFactory,
    evidence.Outcome: factories.OutcomeFactory,
    evidence.Population: factories.PopulationFactory,
    evidence.Report: factories.ReportFactory,
    evidence.Result: factories.ResultFactory,
    evidence.Sample: a_sample,
    evidence.Study: lambda: factories.ResultFactory().study,
    evidence.Tool: lambda: factories.ToolDomainFactory().tool,
}
each_model = pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label_lower)


def url(model, page, *args):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.fixture
def editor_in_chief(client, publisher):
    client.force_login(publisher)
    return client


@pytest.fixture
def stranger(client, db):
    """Somebody on the staff whom nobody has given any right yet."""
    client.force_login(factories.UserFactory(is_staff=True))
    return client


def test_every_noun_that_editors_work_on_is_in_the_admin():
    ours = {
        model
        for app in ("articles", "evidence")
        for model in apps.get_app_config(app).get_models()
        if not model.__name__.startswith("Historical")
    }

    inside_others = {
        *articles.BLOCK_MODELS,
        # Shown with the topic they belong to.
        articles.Checkpoint,
        articles.Comment,
        articles.Presence,
        # A page of its edition, as readers of one group see it, or as it goes out first.
        articles.EditionLens,
        articles.DrawnPage,
        # Shown with the image they belong to.
        articles.EditionImage,
        articles.Rendition,
        # A report of its own.
        articles.OutsideLink,
        # Each person's own.
        articles.Notice,
        articles.NoticeChoice,
        articles.PreviewGrant,
        articles.PreviewVisit,
        articles.SignOff,
        articles.TopicPopulation,
        # Shown with the conclusion or the assessment they belong to.
        evidence.Exclusion,
        evidence.AssessedResult,
        evidence.Touch,
        evidence.Triage,
        evidence.PopulationShare,
        evidence.DomainJudgement,
        evidence.ToolDomain,
        # Written by the database alone.
        evidence.Change,
        evidence.Stamp,
    }
    assert {model for model in ours if model not in REGISTERED} == inside_others
    assert set(REGISTERED) == set(MAKE)


@each_model
def test_list_takes_as_many_queries_for_thirty_rows_as_for_three(
    model, editor_in_chief, django_assert_num_queries, django_assert_max_num_queries
):
    for _ in range(3):
        MAKE[model]()
    editor_in_chief.get(url(model, "changelist"))

    with django_assert_max_num_queries(25) as three:
        editor_in_chief.get(url(model, "changelist"))
    for _ in range(27):
        MAKE[model]()
    with django_assert_num_queries(len(three.captured_queries)):
        response = editor_in_chief.get(url(model, "changelist"))

    assert response.context["cl"].result_count >= 30


@each_model
def test_add_page_opens_or_is_refused_to_everybody(model, editor_in_chief):
    response = editor_in_chief.get(url(model, "add"))

    closed = {
        Authenticator,
        DBTaskResult,
        articles.Edition,
        articles.Event,
        articles.Message,
        articles.MissedSearch,
        evidence.Assessment,
        evidence.Tool,
    }
    assert response.status_code == (403 if model in closed else 200)


@each_model
@pytest.mark.parametrize("value", ["x", "0", "9" * 40, "\x00", "²"])
def test_add_page_takes_any_start_values(value, model, editor_in_chief):
    names = {field.name for field in model._meta.get_fields()} - {"study", "tool"}

    response = editor_in_chief.get(url(model, "add"), dict.fromkeys(names, value))

    assert response.status_code in (200, 403)


@each_model
@pytest.mark.parametrize("page", ["change", "delete", "history"])
def test_pages_of_one_row_open(page, model, editor_in_chief):
    row = MAKE[model]()

    response = editor_in_chief.get(url(model, page, row.pk))

    closed = {
        ("delete", DBTaskResult),
        ("delete", articles.Edition),
        ("delete", articles.Event),
        ("delete", evidence.Assessment),
        ("delete", evidence.Tool),
    }
    assert response.status_code == (403 if (page, model) in closed else 200)


@each_model
def test_row_that_is_not_there_leads_back(model, editor_in_chief):
    response = editor_in_chief.get(url(model, "change", 987654321))

    assert (response.status_code, response.headers["Location"]) == (302, reverse("admin:index"))


@each_model
@pytest.mark.parametrize("words", ["a", "10.1136/bmj.1", '"', "\x00", "é ✓", "x" * 3000, "_p", "__"])
def test_search_takes_any_words(words, model, editor_in_chief):
    MAKE[model]()

    response = editor_in_chief.get(url(model, "changelist"), {"q": words})

    assert response.status_code == 200


@each_model
def test_staff_without_rights_sees_nothing(model, stranger):
    row = MAKE[model]()
    columns = {field.name for field in model._meta.fields}
    immutability.lift(using="default")
    for name in columns & {"title", "short_title", "label", "name", "username"}:
        model.objects.filter(pk=row.pk).update(**{name: SECRET})

    answers = [
        stranger.get(url(model, "changelist")),
        stranger.get(url(model, "add")),
        *(stranger.get(url(model, page, row.pk)) for page in ("change", "delete", "history")),
        stranger.post(url(model, "change", row.pk), {"title": "x"}),
        stranger.post(url(model, "delete", row.pk), {"post": "yes"}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 7
    if model is not articles.Category:  # the menu of every public page, this one too, names the categories
        assert not any(SECRET in answer.content.decode() for answer in answers)
    assert model.objects.filter(pk=row.pk).exists()


def test_staff_without_rights_gets_an_empty_index(stranger):
    factories.TopicFactory(title=SECRET)

    page = stranger.get(reverse("admin:index")).content.decode()

    assert "You don’t have permission to view or edit anything." in page
    assert SECRET not in page


def test_people_who_are_not_signed_in_are_sent_to_sign_in(client, db):
    response = client.get(url(articles.Topic, "changelist"))

    assert (response.status_code, response.headers["Location"]) == (
        302,
        f"{reverse('admin:login')}?next={url(articles.Topic, 'changelist')}",
    )


def test_index_groups_lists_by_job(editor_in_chief):
    response = editor_in_chief.get(reverse("admin:index"))

    assert [
        (job["name"], [model["name"] for model in job["models"]]) for job in response.context["app_list"]
    ] == [
        (
            "Pages",
            [
                "Topics",
                "Categories",
                "Glossary terms",
                "Images",
                "Folders",
                "Messages",
                "Missed searches",
                "Editions",
                "Events",
            ],
        ),
        (
            "Evidence",
            ["Studies", "Reports", "Samples", "Arms", "Results", "Appraisals", "Conclusions", "Assessments"],
        ),
        ("Vocabularies", ["Populations", "Interventions", "Outcomes", "Tools"]),
        ("People", ["Users", "Groups", "Authenticators"]),
        ("Plumbing", ["Tags", "Task Results"]),
    ]


def test_plumbing_is_hidden_from_those_who_are_not_superusers(client, db):
    from django.contrib.auth.models import Permission

    editor = factories.UserFactory(is_staff=True)
    editor.user_permissions.set(Permission.objects.all())
    client.force_login(editor)

    response = client.get(reverse("admin:index"))

    assert [job["name"] for job in response.context["app_list"]] == [
        "Pages",
        "Evidence",
        "Vocabularies",
        "People",
    ]


def test_admin_carries_the_name_of_the_site(editor_in_chief, settings):
    settings.SITE_NAME = "Sound Evidence"

    page = editor_in_chief.get(reverse("admin:index")).content.decode()

    assert "Sound Evidence editors" in page


def policy(response):
    parts = (part.strip().split(" ", 1) for part in response.headers["Content-Security-Policy"].split(";"))
    return dict(parts)


def test_admin_has_a_policy_of_its_own(editor_in_chief):
    rules = policy(editor_in_chief.get(reverse("admin:index")))

    assert rules["script-src"] == "'self'"
    assert rules["style-src"] == "'self' 'unsafe-inline'"
    assert rules["img-src"] == "'self' data: blob:"
    assert rules["connect-src"] == "'self'"
    assert rules["default-src"] == "'none'"


def test_log_in_page_has_the_policy_of_public_pages_and_may_ask_for_passkeys(client, db):
    rules = policy(client.get(reverse("account_login")))

    assert rules["script-src"] == rules["style-src"] == rules["connect-src"] == "'self'"


def test_inline_scripts_of_the_topic_page_carry_the_nonce_of_the_policy(editor_in_chief):
    topic = factories.RichTextFactory().parent

    response = editor_in_chief.get(url(articles.Topic, "change", topic.pk))

    nonce = re.search(r"'nonce-([^']+)'", policy(response)["script-src"]).group(1)
    scripts = re.findall(r"<script\b[^>]*>", response.content.decode())
    inline = [tag for tag in scripts if " src=" not in tag and "application/json" not in tag]
    assert inline
    assert [tag for tag in inline if f'nonce="{nonce}"' not in tag] == []


# Colours


def colours():
    css = (Path(settings.BASE_DIR) / "static/wellness-admin/admin.css").read_text()
    return [
        dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6})", block))
        for block in re.findall(r"\{([^{}]*--primary:[^{}]*)\}", css)
    ]


def luminance(colour):
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_colours_are_chosen_once_for_light_and_once_for_dark():
    light, dark_by_system, dark_by_choice = colours()

    assert dark_by_system == dark_by_choice
    assert light.keys() == dark_by_choice.keys()


@pytest.mark.parametrize(
    ("ink", "paper", "least"),
    [
        ("body-fg", "body-bg", 7),
        ("body-quiet-color", "darkened-bg", 7),
        ("link-fg", "body-bg", 7),
        ("link-fg", "selected-bg", 4.5),
        ("header-color", "header-bg", 4.5),
        ("breadcrumbs-fg", "breadcrumbs-bg", 4.5),
        ("breadcrumbs-link-fg", "breadcrumbs-bg", 4.5),
        ("error-fg", "body-bg", 4.5),
        ("error-fg", "message-error-bg", 4.5),
        ("body-fg", "message-success-bg", 4.5),
        ("body-fg", "message-warning-bg", 4.5),
        ("body-fg", "message-info-bg", 4.5),
        ("button-fg", "button-bg", 4.5),
        ("button-fg", "button-hover-bg", 4.5),
        ("button-fg", "close-button-bg", 4.5),
        ("button-fg", "delete-button-bg", 4.5),
        ("button-fg", "delete-button-hover-bg", 4.5),
        ("object-tools-fg", "object-tools-bg", 4.5),
        ("object-tools-fg", "object-tools-hover-bg", 4.5),
        ("border-color", "body-bg", 3),
        ("border-color", "darkened-bg", 3),
    ],
)
def test_colours_reach_their_contrast(ink, paper, least):
    assert [contrast(theme[ink], theme[paper]) >= least for theme in colours()] == [True] * 3
