from django.urls import reverse

from evidence.models import Sample
from tests import factories

from .forms import errors, filled


def change(sample):
    return reverse("admin:evidence_sample_change", args=[sample.pk])


def test_sample_is_saved_with_its_populations(editor):
    study = factories.StudyFactory()
    older = factories.PopulationFactory()
    add = f"{reverse('admin:evidence_sample_add')}?study={study.pk}"
    data = filled(
        editor.get(add),
        label="Women",
        **{"shares-TOTAL_FORMS": "1", "shares-0-population": older.pk, "shares-0-share": "most"},
    )

    editor.post(add, data)

    sample = Sample.objects.get()
    assert (sample.study, sample.label) == (study, "Women")
    assert list(sample.shares.values_list("population", "share")) == [(older.pk, "most")]


def test_second_sample_of_the_same_name_is_refused(editor):
    whole = factories.SampleFactory()
    women = factories.SampleFactory(study=whole.study, parent=whole, label="Women")

    response = editor.post(change(women), filled(editor.get(change(women)), label=whole.label))

    assert errors(response) == {"__all__": ["This study has a sample of that name already."]}


def test_same_population_twice_is_refused(editor):
    share = factories.PopulationShareFactory()
    data = filled(
        editor.get(change(share.sample)),
        **{"shares-TOTAL_FORMS": "2", "shares-1-population": share.population_id, "shares-1-share": "part"},
    )

    response = editor.post(change(share.sample), data)

    assert response.status_code == 200
    assert share.sample.shares.count() == 1


def test_subgroup_belongs_to_the_whole_sample_of_its_study(editor):
    whole = factories.SampleFactory()
    women = factories.SampleFactory(study=whole.study, parent=whole, label="Women")
    factories.SampleFactory(label="Elsewhere")

    of_women = editor.get(change(women)).context["adminform"].form.fields["parent"].queryset
    of_whole = editor.get(change(whole)).context["adminform"].form.fields["parent"].queryset

    assert (list(of_women), list(of_whole)) == ([whole], [])
