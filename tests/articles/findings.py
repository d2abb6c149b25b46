"""A topic whose finding rests on signed assessments, for everybody and for one group."""

import datetime

from evidence.assessing import sign
from tests import factories
from tests.evidence.test_bodies import result_of

AT = datetime.datetime(2026, 11, 1, 12, tzinfo=datetime.UTC)


def assessed(conclusion, **fields):
    """The conclusion with a signed assessment, low as it stands."""
    fields.setdefault("threshold", "A difference of 1 unit.")
    draft = factories.AssessmentFactory(conclusion=conclusion, **fields)
    return sign(assessment=draft, by=factories.UserFactory(), at=AT)


def topic_with_finding(*, n=3, in_group=1, rated=True, **finding):
    """A topic for older adults; of the `n` studies behind its finding `in_group` are in them."""
    older = factories.PopulationFactory(name="Older adults (65 and over)", short_name="Older adults")
    outcome = factories.OutcomeFactory(unit="m/s", name="Walking speed")
    everybody = factories.ConclusionFactory(outcome=outcome)
    narrow = factories.ConclusionFactory(
        outcome=outcome, intervention=everybody.intervention, population=older
    )
    others = factories.PopulationFactory()
    results = [result_of(everybody, population=older if place < in_group else others) for place in range(n)]
    assessed(everybody, not_known="Whether it lasts.")
    if in_group and rated:
        assessed(narrow, seen="It was faster.", not_known="Whether falls change.", imprecision=2)
    topic = factories.TopicFactory(intervention=everybody.intervention)
    factories.TopicPopulationFactory(topic=topic, population=older)
    block = factories.FindingFactory(parent=topic, conclusion=everybody, **finding)
    return topic, block, results
