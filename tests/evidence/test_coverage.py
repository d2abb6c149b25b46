"""Coverage: whether the people behind a body of evidence include a group."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evidence.coverage import Coverage, coverage, effective_shares
from evidence.models import Population
from tests.factories import PopulationFactory, PopulationShareFactory, SampleFactory

OLDER, YOUNG, STROKE = 1, 2, 3


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        ([], Coverage.NONE),
        ([{OLDER: ("age", "all")}], Coverage.DIRECT),
        ([{OLDER: ("age", "most")}], Coverage.DIRECT),
        ([{OLDER: ("age", "part"), YOUNG: ("age", "part")}], Coverage.PART),
        ([{OLDER: ("age", "excluded")}], Coverage.OTHER),
        ([{YOUNG: ("age", "all")}], Coverage.OTHER),
        ([{STROKE: ("condition", "all")}], Coverage.NOT_ASSESSED),
        ([{YOUNG: ("age", "all")}, {STROKE: ("condition", "all")}], Coverage.NOT_ASSESSED),
        ([{OLDER: ("age", "all")}, {STROKE: ("condition", "all")}], Coverage.DIRECT),
        ([{}], Coverage.NOT_ASSESSED),
    ],
)
def test_coverage_of_a_group(samples, expected):
    assert coverage(group={OLDER}, axis="age", samples=samples) == expected


SHARES = st.dictionaries(
    st.sampled_from([OLDER, YOUNG]),
    st.tuples(st.just("age"), st.sampled_from(["all", "most", "part", "excluded"])),
)


@given(st.lists(SHARES, max_size=4), SHARES)
def test_a_further_sample_never_takes_direct_coverage_away(samples, further):
    before = coverage(group={OLDER}, axis="age", samples=samples)

    after = coverage(group={OLDER}, axis="age", samples=[*samples, further])

    assert before is not Coverage.DIRECT or after is Coverage.DIRECT


@pytest.mark.django_db
def test_a_subgroup_takes_over_the_axes_it_does_not_set():
    whole = SampleFactory()
    older, women = PopulationFactory(axis="age"), PopulationFactory(axis=Population.Axis.SEX)
    oldest = PopulationFactory(axis="age", parent=older)
    PopulationShareFactory(sample=whole, population=older)
    PopulationShareFactory(sample=whole, population=women, share="part")
    subgroup = SampleFactory(study=whole.study, parent=whole, label="Over 85")
    PopulationShareFactory(sample=subgroup, population=oldest)

    assert effective_shares(subgroup) == {oldest.pk: ("age", "all"), women.pk: ("sex", "part")}
