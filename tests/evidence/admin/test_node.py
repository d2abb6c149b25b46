import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from evidence.models import Outcome, Population
from tests import factories

from .forms import filled, said

LIST = reverse("admin:evidence_outcome_changelist")
MOVE = f"{LIST}move-node/"


def names(response):
    return [str(node) for node in response.context["cl"].result_list]


@pytest.fixture
def tree(db):
    gait = factories.OutcomeFactory(name="Gait")
    speed = factories.OutcomeFactory(name="Speed", parent=gait)
    step = factories.OutcomeFactory(name="Step", parent=gait)
    pain = factories.OutcomeFactory(name="Pain")
    return {"gait": gait, "speed": speed, "step": step, "pain": pain}


def move(client, node, position, relative_to, address=MOVE):
    return client.post(address, {"move": node.pk, "position": position, "relative_to": relative_to.pk})


def test_list_stands_in_the_order_of_the_tree(editor, tree):
    assert names(editor.get(LIST)) == ["Gait", "Speed", "Step", "Pain"]


def test_node_moves_below_another(editor, tree):
    answer = move(editor, tree["speed"], "first-child", tree["pain"])

    assert answer.content == b"ok"
    assert names(editor.get(LIST)) == ["Gait", "Step", "Pain", "Speed"]


def test_node_moves_before_its_sister(editor, tree):
    move(editor, tree["step"], "before", tree["speed"])

    assert names(editor.get(LIST)) == ["Gait", "Step", "Speed", "Pain"]


def test_move_is_in_the_history(editor, tree, publisher):
    move(editor, tree["speed"], "first-child", tree["pain"])

    newest = tree["speed"].history.latest()
    assert (newest.parent, newest.history_user) == (tree["pain"], publisher)


def test_node_does_not_move_below_itself(editor, tree):
    answer = move(editor, tree["gait"], "first-child", tree["speed"])

    assert answer.content == b"error"
    assert "A node cannot be made a descendant of itself." in said(editor.get(LIST))
    assert Outcome.objects.get(pk=tree["gait"].pk).parent is None


def test_population_does_not_move_to_another_axis(editor):
    older = factories.PopulationFactory(name="Older", axis="age")
    female = factories.PopulationFactory(name="Female", axis="sex")
    address = reverse("admin:evidence_population_changelist")

    answer = move(editor, older, "first-child", female, f"{address}move-node/")

    assert answer.content == b"error"
    assert "The broader term is on the axis “Sex”." in said(editor.get(address))
    assert Population.objects.get(pk=older.pk).parent is None


@pytest.mark.parametrize("rights", [[], ["view_outcome"]])
def test_moving_needs_the_right_to_change(rights, client, tree):
    reader = factories.UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename__in=rights))
    client.force_login(reader)

    answer = move(client, tree["speed"], "first-child", tree["pain"])

    assert answer.status_code == 403
    assert Outcome.objects.get(pk=tree["speed"].pk).parent == tree["gait"]


def test_readers_see_no_controls_for_moving(client, tree):
    reader = factories.UserFactory(is_staff=True)
    reader.user_permissions.set(Permission.objects.filter(codename="view_outcome"))
    client.force_login(reader)

    assert "move-controls" not in client.get(LIST).content.decode()


@pytest.mark.parametrize("data", [{}, {"move": "x"}, {"move": "999999", "position": "root"}])
def test_move_that_makes_no_sense_is_answered_with_a_message(data, editor, tree):
    answer = editor.post(MOVE, data)

    assert answer.content == b"error"
    assert "Invalid node move request." in said(editor.get(LIST))


def test_moving_is_not_a_page(editor, tree):
    assert editor.get(MOVE).status_code == 405


def test_search_finds_other_words(editor, tree):
    Outcome.objects.filter(pk=tree["pain"].pk).update(synonyms=["soreness"])

    assert names(editor.get(LIST, {"q": "soreness"})) == ["Pain"]


def test_tree_without_rows_has_no_script(editor, tree):
    assert "tree_admin.js" in editor.get(LIST).content.decode()
    assert "tree_admin.js" not in editor.get(LIST, {"q": "zzz"}).content.decode()


def test_terms_out_of_use_are_not_offered(editor, tree):
    Outcome.objects.filter(pk=tree["pain"].pk).update(is_active=False)
    asked = {"app_label": "evidence", "model_name": "result", "field_name": "outcome"}

    found = editor.get(reverse("admin:autocomplete"), asked).json()["results"]

    assert sorted(row["text"] for row in found) == ["Gait", "Speed", "Step"]


def test_synonyms_and_codes_are_typed_as_lines(editor, tree):
    page = reverse("admin:evidence_outcome_change", args=[tree["pain"].pk])

    response = editor.post(
        page, filled(editor.get(page), synonyms="ache\nsoreness", identifiers="mesh: D010146")
    )

    assert response.status_code == 302
    pain = Outcome.objects.get(pk=tree["pain"].pk)
    assert (pain.synonyms, pain.identifiers) == (["ache", "soreness"], {"mesh": "D010146"})
