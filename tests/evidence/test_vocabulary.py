"""Loading the vocabularies."""

import io
import json
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evidence import vocabulary
from evidence.models import Intervention, Outcome, Population, Tool, ToolDomain
from tests import factories

NODES = {
    "populations": [
        {
            "slug": "older-adults",
            "name": "Older adults",
            "axis": "age",
            "age_min": 65,
            "children": [
                {"slug": "aged-75-84", "name": "75 to 84", "age_min": 75, "age_max": 84},
                {"slug": "aged-85", "name": "85 and over", "age_min": 85},
            ],
        },
        {
            "slug": "female",
            "name": "Women",
            "axis": "sex",
            "synonyms": ["women"],
            "identifiers": {"mesh": "D005260"},
        },
    ],
    "interventions": [{"slug": "walking", "name": "Walking", "kind": "exercise"}],
    "outcomes": [
        {
            "slug": "gait-speed",
            "name": "Gait speed",
            "better": "higher",
            "unit": "m/s",
            "important_difference": 0.05,
            "important_difference_source": "doi:10.1111/x",
            "comet_domain": 25,
        }
    ],
}
TOOL = {
    "slug": "rob-2",
    "name": "RoB 2",
    "version": "2019",
    "judgements": [{"code": "low", "label": "Low risk", "level": "low", "symbol": "+"}],
    "domains": [
        {"code": "D1", "name": "Randomisation"},
        {"code": "D2", "name": "Deviations", "is_critical": True},
    ],
}


@pytest.fixture
def folder(tmp_path):
    """Call with what differs from the small vocabularies above; returns the folder that holds them."""

    def write(**changes):
        for name in ("populations", "interventions", "outcomes"):
            content = {"vocabulary": name, "version": "1", "nodes": changes.get(name, NODES[name])}
            (tmp_path / f"{name}.json").write_text(json.dumps(content), encoding="utf-8")
        content = {"vocabulary": "tools", "version": "1", "tools": changes.get("tools", [TOOL])}
        (tmp_path / "tools.json").write_text(json.dumps(content), encoding="utf-8")
        return tmp_path

    return write


def counts(found):
    return {count.vocabulary: (count.created, count.updated, count.unchanged) for count in found}


def history():
    return [model.history.count() for model in (Population, Intervention, Outcome)]


@pytest.mark.django_db
def test_load_creates_terms_and_tools(folder):
    found = vocabulary.load(folder=folder())

    assert counts(found) == {
        "populations": (4, 0, 0),
        "interventions": (1, 0, 0),
        "outcomes": (1, 0, 0),
        "tools": (1, 0, 0),
    }
    assert list(
        Population.objects.in_tree_order().values_list("slug", "position", "axis", "parent__slug")
    ) == [
        ("older-adults", 10, "age", None),
        ("aged-75-84", 10, "age", "older-adults"),
        ("aged-85", 20, "age", "older-adults"),
        ("female", 20, "sex", None),
    ]
    assert Outcome.objects.get().important_difference == Decimal("0.05")
    assert Population.objects.get(slug="female").identifiers == {"mesh": "D005260"}
    assert list(ToolDomain.objects.order_by("position").values_list("code", "position", "is_critical")) == [
        ("D1", 1, False),
        ("D2", 2, True),
    ]
    assert history() == [4, 1, 1]


@pytest.mark.django_db
def test_load_again_changes_nothing(folder):
    vocabulary.load(folder=folder())
    before = history()

    found = vocabulary.load(folder=folder())

    assert counts(found) == {
        "populations": (0, 0, 4),
        "interventions": (0, 0, 1),
        "outcomes": (0, 0, 1),
        "tools": (0, 0, 1),
    }
    assert history() == before


@pytest.mark.django_db
def test_load_updates_by_slug_and_moves_terms(folder):
    vocabulary.load(folder=folder())
    old, female = NODES["populations"]
    changed = [
        female,
        {**old, "name": "Older people", "children": [old["children"][1]]},
        {**old["children"][0], "axis": "age"},
    ]

    found = vocabulary.load(folder=folder(populations=changed))

    assert counts(found)["populations"] == (0, 4, 0)
    assert list(Population.objects.in_tree_order().values_list("slug", "name")) == [
        ("female", "Women"),
        ("older-adults", "Older people"),
        ("aged-85", "85 and over"),
        ("aged-75-84", "75 to 84"),
    ]


@pytest.mark.django_db
def test_load_keeps_what_is_in_no_file(folder):
    factories.PopulationFactory(slug="own-group", name="Own group")
    tool = factories.ToolFactory(slug="rob-2", name="RoB 2", version="2019")
    factories.ToolDomainFactory(tool=tool, code="D9")

    vocabulary.load(folder=folder())

    assert Population.objects.get(slug="own-group").name == "Own group"
    assert sorted(tool.domains.values_list("code", flat=True)) == ["D1", "D2", "D9"]


@pytest.mark.django_db
def test_load_leaves_terms_out_of_use_that_the_file_does_not_speak_of(folder):
    vocabulary.load(folder=folder())
    Population.objects.filter(slug="female").update(is_active=False)

    vocabulary.load(folder=folder())

    assert Population.objects.get(slug="female").is_active is False


@pytest.mark.django_db
def test_load_names_the_successor_of_a_term(folder):
    replaced = {
        "slug": "ladies",
        "name": "Ladies",
        "axis": "sex",
        "is_active": False,
        "replaced_by": "female",
    }

    vocabulary.load(folder=folder(populations=[replaced, NODES["populations"][1]]))

    assert Population.objects.get(slug="ladies").replaced_by.slug == "female"


@pytest.mark.django_db
def test_load_may_leave_existing_terms_as_they_are(folder):
    vocabulary.load(folder=folder())
    Population.objects.filter(slug="female").update(name="Edited")
    changed = [NODES["populations"][1], {"slug": "male", "name": "Men", "axis": "sex"}]

    found = vocabulary.load(folder=folder(populations=changed), keep_existing=True)

    assert counts(found)["populations"] == (1, 0, 1)
    assert Population.objects.get(slug="female").name == "Edited"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        (
            {"populations": [{"slug": "a", "name": "A", "axis": "shoe size"}]},
            ('populations.json: nodes[0] (slug "a") > axis', "Value 'shoe size' is not a valid choice."),
        ),
        (
            {
                "populations": [
                    {
                        "slug": "a",
                        "name": "A",
                        "axis": "sex",
                        "children": [{"slug": "b", "name": "B", "age_min": 3}],
                    }
                ]
            },
            (
                'populations.json: nodes[0] (slug "a") > children[0] (slug "b") > age_min',
                "Only terms on the axis of age have age bounds.",
            ),
        ),
        (
            {"populations": [{"slug": "a", "name": "A", "axis": "age", "age_min": 9, "age_max": 3}]},
            ('populations.json: nodes[0] (slug "a")', "The youngest age must not be above the oldest."),
        ),
        (
            {"interventions": [NODES["interventions"][0]] * 2},
            (
                'interventions.json: nodes[1] (slug "walking") > slug',
                "“walking” is given already in this file.",
            ),
        ),
        (
            {"interventions": [{"slug": "a", "name": "A"}]},
            ('interventions.json: nodes[0] (slug "a") > kind', "This field is missing."),
        ),
        (
            {"outcomes": [{"slug": "a", "name": "A", "comet_domain": 39}]},
            ('outcomes.json: nodes[0] (slug "a")', "The COMET taxonomy has the domains 1 to 38."),
        ),
        (
            {"outcomes": [{"slug": "a", "name": "A\x00"}]},
            (
                'outcomes.json: nodes[0] (slug "a") > name',
                "The text holds a NUL character, which cannot be stored.",
            ),
        ),
        (
            {"outcomes": [{"slug": "a", "name": "A", "replaced_by": "z"}]},
            ('outcomes.json: nodes[0] (slug "a") > replaced_by', "There is no other term “z”."),
        ),
        (
            {"tools": [TOOL | {"judgements": [TOOL["judgements"][0] | {"level": "fine"}]}]},
            (
                'tools.json: tools[0] (slug "rob-2") > judgements[0] (code "low") > level',
                "“fine” is not one of: low, some concerns, high, unclear.",
            ),
        ),
        (
            {"tools": [TOOL, TOOL | {"slug": "again"}]},
            ('tools.json: tools[1] (slug "again")', "“rob-2” has the same name, version and variant."),
        ),
        (
            {"tools": [TOOL | {"domains": [TOOL["domains"][0]] * 2}]},
            ('tools.json: tools[0] (slug "rob-2") > domains[1] (code "D1") > code', "“D1” is given already."),
        ),
        (
            {"tools": [TOOL | {"colour": "red"}]},
            ('tools.json: tools[0] (slug "rob-2") > colour', "Unknown field."),
        ),
    ],
)
def test_load_says_what_is_wrong_and_writes_nothing(folder, changes, problem):
    with pytest.raises(vocabulary.InvalidVocabulary) as error:
        vocabulary.load(folder=folder(**changes))

    assert error.value.problems == [problem]
    assert [model.objects.count() for model in (Population, Intervention, Outcome, Tool)] == [0, 0, 0, 0]
    assert history() == [0, 0, 0]


@pytest.mark.django_db
def test_load_says_which_file_is_missing_or_no_json(folder):
    path = folder()
    (path / "populations.json").unlink()
    (path / "outcomes.json").write_bytes(b"{")

    with pytest.raises(vocabulary.InvalidVocabulary) as error:
        vocabulary.load(folder=path)

    assert error.value.problems == [
        ("populations.json: the file", "It cannot be read: No such file or directory."),
        (
            "outcomes.json: the file",
            "The file is not JSON: Expecting property name enclosed in double quotes in line 1, column 2.",
        ),
    ]
    assert Intervention.objects.count() == 0


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    node=st.dictionaries(
        st.sampled_from(
            ["slug", "name", "axis", "age_min", "age_max", "synonyms", "identifiers", "children"]
        ),
        st.recursive(
            st.none() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(["age", 10**400]),
            lambda inner: (
                st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2)
            ),
            max_leaves=4,
        ),
    )
)
def test_load_refuses_garbage_in_its_own_words(folder, node):
    path = folder(populations=[{"slug": "a", "name": "A", "axis": "age", **node}])

    try:
        found = counts(vocabulary.load(folder=path))
    except vocabulary.InvalidVocabulary as error:
        found = error.problems

    assert found


@pytest.mark.django_db
def test_load_vocabularies_prints_what_it_did(folder):
    out = io.StringIO()

    call_command("load_vocabularies", folder=folder(), stdout=out)

    assert out.getvalue() == (
        "populations: created 4 / updated 0 / unchanged 0\n"
        "interventions: created 1 / updated 0 / unchanged 0\n"
        "outcomes: created 1 / updated 0 / unchanged 0\n"
        "tools: created 1 / updated 0 / unchanged 0\n"
    )


@pytest.mark.django_db
def test_load_vocabularies_fails_with_the_place(folder):
    path = folder(interventions=[{"slug": "a", "name": "A", "kind": "magic"}])

    with pytest.raises(CommandError) as error:
        call_command("load_vocabularies", folder=path)

    assert str(error.value) == (
        "Nothing was loaded.\n"
        "interventions.json: nodes[0] (slug \"a\") > kind: Value 'magic' is not a valid choice."
    )


@pytest.mark.django_db
def test_load_loads_the_vocabularies_of_the_project_once():
    first = vocabulary.load()
    before = history()

    second = vocabulary.load()

    assert all(count.created > 0 and count.updated == 0 for count in first)
    assert all((count.created, count.updated) == (0, 0) for count in second)
    assert [count.unchanged for count in second] == [count.created for count in first]
    assert history() == before
