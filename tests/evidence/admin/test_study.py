import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse

from evidence.admin.study import in_normal_form
from evidence.models import Report, Study
from tests import factories

from .forms import errors, filled, said

LIST = reverse("admin:evidence_study_changelist")


def change(study):
    return reverse("admin:evidence_study_change", args=[study.pk])


def labels(response):
    return [study.label for study in response.context["cl"].result_list]


def act(client, action, *studies):
    return client.post(
        LIST, {"action": action, "_selected_action": [study.pk for study in studies]}, follow=True
    )


@pytest.mark.parametrize(
    ("action", "state", "text"),
    [
        ("publish", "published", "2 studies published. 1 study was so already."),
        ("retire", "retired", "3 studies retired."),
        ("back_to_draft", "draft", "1 study set back to draft. 2 studies were so already."),
    ],
)
def test_action_changes_the_state_and_counts(action, state, text, editor):
    studies = [factories.StudyFactory(state=old) for old in ("draft", "draft", "published")]
    other = factories.StudyFactory(state="draft")

    response = act(editor, action, *studies)

    assert said(response) == [text]
    assert {study.state for study in Study.objects.exclude(pk=other.pk)} == {state}
    other.refresh_from_db()
    assert other.state == "draft"


def test_action_leaves_a_trace_of_who_did_it(editor, publisher):
    study = factories.StudyFactory(state="draft")

    act(editor, "publish", study)

    newest = study.history.latest()
    assert (newest.state, newest.history_user) == ("published", publisher)
    assert LogEntry.objects.get().get_change_message() == "Published."


def test_action_needs_the_right_to_change(client, db):
    reader = factories.UserFactory(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_study"))
    client.force_login(reader)
    study = factories.StudyFactory(state="draft")

    act(client, "publish", study)

    study.refresh_from_db()
    assert study.state == "draft"


@pytest.mark.parametrize(
    "words",
    [
        "Miller",
        "ankle",
        "10.1136/bmj.d123",
        "https://doi.org/10.1136/BMJ.d123",
        "35742596",
        "PMID: 35742596",
        "nct03630471",
    ],
)
def test_search_finds_by_words_and_by_pasted_identifiers(words, editor):
    study = factories.StudyFactory(label="Miller 1987", title="Walking with ankle weights")
    factories.ReportFactory(study=study, doi="10.1136/bmj.d123", pmid="35742596", nct="NCT03630471")
    factories.ReportFactory(study__label="Skinner 1991")

    assert labels(editor.get(LIST, {"q": words})) == ["Miller 1987"]


def test_normal_form_leaves_words_alone():
    assert in_normal_form("ankle weights") == "ankle weights"


def test_list_counts_results_and_people(editor):
    study = factories.ResultFactory(study__n_enrolled=None, study__n_analysed=17).study
    factories.ResultFactory(study=study)
    factories.StudyFactory(n_enrolled=None)

    rows = {study.pk: study for study in editor.get(LIST).context["cl"].result_list}

    assert (rows[study.pk].people, rows[study.pk].n_results) == (17, 2)
    assert sorted(row.n_results for row in rows.values()) == [0, 2]


def test_list_is_filtered_by_design_population_outcome_and_intervention(editor):
    older = factories.PopulationFactory()
    oldest = factories.PopulationFactory(parent=older)
    weights = factories.InterventionFactory()
    result = factories.ResultFactory(study__label="Wanted", study__design="crossover trial")
    factories.PopulationShareFactory(sample=result.sample, population=oldest)
    result.arm.interventions.add(weights)
    factories.ResultFactory(study__label="Other", study__design="prospective cohort")

    for chosen in (
        {"group": "1"},
        {"population": older.pk},
        {"outcome": result.outcome.pk},
        {"intervention": weights.pk},
    ):
        assert labels(editor.get(LIST, chosen)) == ["Wanted"], chosen


def test_list_is_filtered_by_risk_of_bias(editor):
    factories.AppraisalFactory(study__label="High", judgement="high")
    factories.StudyFactory(label="Unknown")

    assert labels(editor.get(LIST, {"risk": "high"})) == ["High"]
    assert labels(editor.get(LIST, {"risk": "none"})) == ["Unknown"]


@pytest.mark.parametrize("name", ["group", "population", "outcome", "intervention", "risk"])
@pytest.mark.parametrize("value", ["x", "-1", "99", "9" * 40, "٣"])
def test_filters_ignore_nonsense(name, value, editor):
    factories.StudyFactory()

    assert editor.get(LIST, {name: value}).status_code == 200


def test_study_is_saved_with_its_report_sample_and_arm(editor):
    weights = factories.InterventionFactory()
    page = editor.get(reverse("admin:evidence_study_add"))
    data = filled(
        page,
        label="Miller 1987",
        slug="miller-1987",
        design="crossover trial",
        countries="NL\nDE",
        caveats="The dose is not stated.",
        **{
            "reports-TOTAL_FORMS": "1",
            "reports-0-kind": "article",
            "reports-0-is_primary": "on",
            "reports-0-authors": "Miller JF\nStamford BA",
            "reports-0-language": "en",
            "reports-0-bibliography": "verified",
            "reports-0-retraction": "none",
            "reports-0-doi": "https://doi.org/10.1136/BMJ.d123",
            "samples-TOTAL_FORMS": "1",
            "samples-0-label": "All participants",
            "samples-0-n": "30",
            "arms-TOTAL_FORMS": "1",
            "arms-0-label": "Weights",
            "arms-0-role": "experimental",
            "arms-0-interventions": [weights.pk],
        },
    )

    response = editor.post(reverse("admin:evidence_study_add"), data)

    assert response.status_code == 302
    study = Study.objects.get()
    assert (study.countries, study.caveats) == (["NL", "DE"], ["The dose is not stated."])
    assert study.state == "draft"
    assert study.reports.get().authors == ["Miller JF", "Stamford BA"]
    assert study.reports.get().doi == "10.1136/bmj.d123"
    assert study.samples.get().n == 30
    assert list(study.arms.get().interventions.all()) == [weights]


def test_saving_again_changes_nothing(editor):
    study = factories.ResultFactory(study__countries=["NL"]).study
    factories.ReportFactory(study=study, authors=["Miller JF"], is_primary=True)
    before = {model: list(model.objects.values()) for model in (Report,)}

    response = editor.post(change(study), filled(editor.get(change(study))), follow=True)

    assert response.redirect_chain != []
    assert {model: list(model.objects.values()) for model in (Report,)} == before
    assert LogEntry.objects.latest("pk").get_change_message() == "No fields changed."


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("countries", "NL\nGermany", "Line 2: “Germany” is not the code of a country; one is NL."),
        ("sources", "see the paper", "Line 1: An address starts with https:// and has no spaces."),
    ],
)
def test_lines_that_make_no_sense_are_refused_at_their_place(field, typed, message, editor):
    study = factories.StudyFactory()

    response = editor.post(change(study), filled(editor.get(change(study)), **{field: typed}))

    assert errors(response) == {field: [message]}


def test_two_main_reports_are_refused_with_a_sentence(editor):
    study = factories.StudyFactory()
    factories.ReportFactory.create_batch(2, study=study)

    data = filled(editor.get(change(study)), **{"reports-0-is_primary": "on", "reports-1-is_primary": "on"})
    response = editor.post(change(study), data)

    assert errors(response) == {"reports": ["Only one report can be the main report of a study."]}


def test_the_main_report_can_change_in_one_go(editor):
    study = factories.StudyFactory()
    old = factories.ReportFactory(study=study, is_primary=True)
    new = factories.ReportFactory(study=study)
    data = filled(editor.get(change(study)))
    del data["reports-0-is_primary"]

    response = editor.post(change(study), data | {"reports-1-is_primary": "on"})

    assert response.status_code == 302
    assert list(Report.objects.filter(is_primary=True)) == [new]
    assert old != new


def test_two_whole_samples_are_refused_with_a_sentence(editor):
    study = factories.SampleFactory().study
    data = filled(editor.get(change(study)), **{"samples-TOTAL_FORMS": "2", "samples-1-label": "Women"})

    response = editor.post(change(study), data)

    assert errors(response) == {
        "samples": ["A study has one whole sample: say of the others that they are subgroups of it."]
    }


def test_results_are_listed_with_links_that_lead_back_to_the_study(editor):
    result = factories.ResultFactory(outcome__name="Gait speed", unit="m/s")

    page = editor.get(change(result.study)).content.decode()

    link = f"{reverse('admin:evidence_result_change', args=[result.pk])}?study={result.study_id}"
    assert f'<a href="{link}">Gait speed</a>' in page
    assert "1.0 (0.5 to 1.5) m/s" in page
    assert f'{reverse("admin:evidence_result_add")}?study={result.study_id}"' in page


def test_study_page_takes_as_many_queries_for_twenty_results_as_for_two(
    editor, django_assert_num_queries, django_assert_max_num_queries
):
    study = factories.StudyFactory()
    factories.ResultFactory.create_batch(
        2, study=study, arm=factories.ArmFactory(study=study), comparator=None
    )
    editor.get(change(study))

    with django_assert_max_num_queries(60) as two:
        editor.get(change(study))
    arm = study.arms.get()
    factories.ResultFactory.create_batch(18, study=study, arm=arm, comparator=None)
    with django_assert_num_queries(len(two.captured_queries)):
        editor.get(change(study))


def test_study_whose_results_rest_on_its_samples_is_not_deleted(editor):
    result = factories.ResultFactory()

    response = editor.post(reverse("admin:evidence_study_delete", args=[result.study_id]), {"post": "yes"})

    assert response.status_code == 200
    assert "would require deleting the following protected related objects" in response.content.decode()
    assert Study.objects.filter(pk=result.study_id).exists()


def test_only_published_studies_link_to_the_site(editor):
    published = factories.StudyFactory()
    draft = factories.StudyFactory(state="draft")

    assert "View on site" in editor.get(change(published)).content.decode()
    assert "View on site" not in editor.get(change(draft)).content.decode()
