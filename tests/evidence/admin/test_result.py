import pytest
from django.urls import reverse

from evidence.models import Result
from tests import factories

from .forms import errors, filled, said

ADD = reverse("admin:evidence_result_add")


def change(result):
    return reverse("admin:evidence_result_change", args=[result.pk])


def choices(response, field):
    return [str(value) for value, _ in response.context["adminform"].form.fields[field].choices if value]


def numbers(study, **more):
    sample = factories.SampleFactory(study=study)
    arm, comparator = factories.ArmFactory.create_batch(2, study=study)
    return {
        "key": "gait-speed-4w",
        "position": "0",
        "outcome": factories.OutcomeFactory().pk,
        "sample": sample.pk,
        "arm": arm.pk,
        "comparator": comparator.pk,
        "analysis": "not stated",
        "state": "reported",
        "measure": "md",
        "ci_level": "95",
        **more,
    }


def test_study_is_asked_for_first(editor):
    page = editor.get(ADD).content.decode()

    assert 'id="choose-first"' in page
    assert 'name="study"' in page
    assert 'name="measure"' not in page


def test_answer_leads_to_the_form_of_that_study(editor):
    study = factories.StudyFactory(label="Miller 1987")

    response = editor.get(ADD, {"study": study.pk})

    assert response.context["title"] == "Add result to Miller 1987"
    assert 'name="study"' not in response.content.decode()


@pytest.mark.parametrize("number", ["0", "999999", "x", "9" * 30, "-1", "1 OR 1=1", "²"])
def test_study_that_is_not_there_is_asked_for_again(number, editor):
    response = editor.get(ADD, {"study": number})

    assert response.status_code == 200
    assert 'id="choose-first"' in response.content.decode()
    assert said(response) == ["There is no study with the number given in the address."]


def test_choices_are_those_of_the_study(editor):
    mine = factories.ResultFactory()
    report = factories.ReportFactory(study=mine.study)
    factories.ResultFactory(report=factories.ReportFactory())

    for page in (editor.get(change(mine)), editor.get(ADD, {"study": mine.study_id})):
        assert choices(page, "sample") == [str(mine.sample_id)]
        assert choices(page, "arm") == [str(mine.arm_id), str(mine.comparator_id)]
        assert choices(page, "comparator") == [str(mine.arm_id), str(mine.comparator_id)]
        assert choices(page, "report") == [str(report.pk)]


def test_numbers_become_an_effect_and_the_study_comes_back(editor):
    study = factories.StudyFactory()
    data = numbers(study, estimate="1", ci_low="0.5", ci_high="1.5")

    response = editor.post(f"{ADD}?study={study.pk}", data)

    assert response.headers["Location"] == reverse("admin:evidence_study_change", args=[study.pk])
    result = Result.objects.get()
    assert (result.study, result.yi, result.derivation) == (study, 1.0, "estimate_and_interval")


def test_zero_is_a_number(editor):
    study = factories.StudyFactory()

    editor.post(f"{ADD}?study={study.pk}", numbers(study, estimate="0", ci_low="-1", ci_high="1", weeks="0"))

    result = Result.objects.get()
    assert (result.estimate, result.yi, result.weeks) == (0.0, 0.0, 0.0)
    page = editor.get(change(result))
    assert page.context["adminform"].form["estimate"].value() == 0.0


def test_posted_study_is_not_believed(editor):
    study, other = factories.StudyFactory.create_batch(2)

    editor.post(f"{ADD}?study={study.pk}", numbers(study, estimate="1") | {"study": other.pk})

    assert Result.objects.get().study == study


def test_arm_of_another_study_is_refused(editor):
    study = factories.StudyFactory()
    stranger = factories.ArmFactory(label="Secret arm")

    response = editor.post(f"{ADD}?study={study.pk}", numbers(study, arm=stranger.pk))

    assert list(errors(response)) == ["arm"]
    assert "Secret arm" not in response.content.decode()


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"estimate": "1", "ci_low": "2", "ci_high": "3"}, ["ci_low"]),
        ({"arm_sd": "-1"}, ["arm_sd"]),
        ({"measure": "rr", "arm_events": "9", "arm_n": "5"}, ["arm_events"]),
        ({"measure": "rr", "estimate": "0"}, ["estimate"]),
        ({"arm_n": "0"}, ["arm_n"]),
        ({"estimate": "1e999"}, ["estimate"]),
        ({"arm_n": "9" * 40}, ["arm_n"]),
        ({"estimate": "nan"}, ["estimate"]),
        ({"measure": ""}, ["measure"]),
        ({"measure": "nonsense"}, ["measure"]),
        ({"ci_level": ""}, ["ci_level"]),
        ({"ci_level": "100"}, ["ci_level"]),
        ({"key": "no key"}, ["key"]),
        ({"sample": ""}, ["sample"]),
        ({"outcome": "x"}, ["outcome"]),
    ],
)
def test_impossible_input_is_refused_at_its_field(typed, fields, editor):
    study = factories.StudyFactory()

    response = editor.post(f"{ADD}?study={study.pk}", numbers(study, **typed))

    assert response.status_code == 200
    assert [name for name in errors(response) if name in fields] == fields
    assert not Result.objects.exists()


def test_second_result_of_the_same_key_is_refused(editor):
    result = factories.ResultFactory(key="gait")
    other = factories.ResultFactory(study=result.study, key="balance")

    response = editor.post(change(other), filled(editor.get(change(other)), key="gait"))

    assert errors(response) == {"__all__": ["This study has a result of that name already."]}


def test_what_should_be_looked_at_again_is_said(editor):
    study = factories.StudyFactory()

    response = editor.post(f"{ADD}?study={study.pk}", numbers(study, estimate="1", ci_low="0.5"), follow=True)

    assert "Interval to: Only one bound of the interval is given; it is not used." in said(response)


def test_saving_leads_back_to_where_one_came_from(editor):
    result = factories.ResultFactory()
    data = filled(editor.get(change(result)))

    from_study = editor.post(f"{change(result)}?study={result.study_id}", data)
    from_list = editor.post(change(result), data)

    assert from_study.headers["Location"] == reverse("admin:evidence_study_change", args=[result.study_id])
    assert from_list.headers["Location"] == reverse("admin:evidence_result_changelist")


def test_add_another_stays_with_the_study(editor):
    study = factories.StudyFactory()

    response = editor.post(f"{ADD}?study={study.pk}", numbers(study, _addanother="1"))

    assert response.headers["Location"] == f"{ADD}?study={study.pk}"


def test_earlier_state_can_be_looked_at(editor):
    result = factories.ResultFactory(finding="First words")
    result.finding = "Second words"
    result.save()
    version = result.history.earliest()

    page = editor.get(reverse("admin:evidence_result_simple_history", args=[result.pk, version.pk]))

    assert page.status_code == 200
    assert "First words" in page.content.decode()
