"""Branches of trees against a plain walk."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence import trees
from evidence.trees import Tree
from tests.factories import OutcomeFactory


@st.composite
def parents(draw):
    """A random forest: each node hangs under an earlier one, or nowhere."""
    size = draw(st.integers(1, 12))
    return {pk: draw(st.sampled_from([None, *range(1, pk)])) for pk in range(1, size + 1)}


@given(parents(), st.data())
def test_branch_is_every_node_whose_path_passes_through(shape, data):
    tree = Tree(shape)
    chosen = data.draw(st.sets(st.sampled_from(sorted(shape))))

    branch = tree.branch(chosen)

    assert branch == {pk for pk in shape if set(tree.path(pk)) & chosen}


@pytest.mark.django_db
def test_branch_of_a_node_holds_it_and_all_below(django_assert_num_queries):
    gait = OutcomeFactory()
    speed = OutcomeFactory(parent=gait)
    fast = OutcomeFactory(parent=speed)
    OutcomeFactory()

    with django_assert_num_queries(1):
        branch = trees.branch(gait)

    assert branch == {gait.pk, speed.pk, fast.pk}


@pytest.mark.django_db
def test_branch_of_nothing_is_empty(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert trees.branch([]) == frozenset()
