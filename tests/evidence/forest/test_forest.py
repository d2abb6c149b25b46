"""What the results of a filter say together."""

import pytest

from evidence import forest
from evidence.browsing import Filter, Vocabulary
from evidence.forest import View, body_of, determine, fragility, kinds_of, relaxed_filters
from evidence.synthesis import Reason, subgroups
from tests.factories import (
    AppraisalFactory,
    InterventionFactory,
    OutcomeFactory,
    PopulationFactory,
    PopulationShareFactory,
    ResultFactory,
    SampleFactory,
)

from .worlds import trial

pytestmark = pytest.mark.django_db


def view_of(*values, **more):
    chosen = {name: more.pop(name) for name in list(more) if name in Filter.__dataclass_fields__}
    return View(Filter(Vocabulary.load(), values=frozenset(values), **chosen), **more)


def drawn(view):
    """The body of a view of which outcome and measure are determined."""
    found = determine(view)
    assert found.is_done
    return body_of(view, found.outcome, found.measure)


def labels(results):
    return [result.study.label for result in results]


# What is determined


def test_outcome_is_determined_where_all_results_are_in_one_branch():
    above = OutcomeFactory(slug="pressure")
    narrow = OutcomeFactory(slug="diastolic", parent=above)
    OutcomeFactory(slug="unused", parent=above)
    trial(narrow)

    assert determine(view_of()).outcome.slug == "diastolic"

    trial(above)

    assert determine(view_of()).outcome.slug == "pressure"


def test_outcomes_to_choose_come_with_their_studies():
    pressure = OutcomeFactory(slug="pressure")
    trial(OutcomeFactory(slug="diastolic", parent=pressure))
    trial(pressure)
    trial(OutcomeFactory(slug="falls"))
    trial(OutcomeFactory(slug="hidden"), state="draft")

    found = determine(view_of())

    assert not found.is_done
    assert [(c.n_studies, c.view.as_query()) for c in found.outcomes] == [
        (2, "outcome=pressure"),
        (1, "outcome=diastolic"),
        (1, "outcome=falls"),
    ]

    two = determine(view_of(("outcome", "falls"), ("outcome", "diastolic"), with_part=True))

    assert [c.view.as_query() for c in two.outcomes] == [
        "outcome=diastolic&part=yes",
        "outcome=falls&part=yes",
    ]


def test_measures_to_choose_are_those_that_can_be_pooled():
    outcome = OutcomeFactory(slug="o")
    ratio = {"measure": "rr", "estimate": 1.0, "ci_low": 0.5, "ci_high": 2.0}
    of_ratio = {f"result_{name}": value for name, value in ratio.items()}
    trial(outcome)
    both = trial(outcome, result_measure="change_md")
    ResultFactory(study=both.study, outcome=outcome)
    trial(outcome, **of_ratio)
    nothing = {"result_measure": "direction_only", "result_estimate": None}
    trial(outcome, **nothing, result_ci_low=None, result_ci_high=None)
    chosen = ("outcome", "o")

    found = determine(view_of(chosen))

    assert found.measure is None
    assert [(c.n_studies, c.view.measure) for c in found.measures] == [(2, "md"), (1, "rr")]
    assert determine(view_of(chosen, measure="rr")).measure.code == "rr"


def test_body_in_one_measure_drops_the_others_with_their_reason():
    outcome = OutcomeFactory(slug="o")
    kept = [trial(outcome), trial(outcome)]
    for _ in range(3):
        trial(outcome, result_measure="smd", result_unit="")

    summary = drawn(view_of(("outcome", "o"), measure="md")).summary

    assert summary.pool.k == len(kept)
    assert [dropped.reason for dropped in summary.selection.dropped] == [Reason.MEASURES] * 3


# Which results


def test_body_holds_results_that_satisfy_the_whole_filter_themselves():
    outcome, older = OutcomeFactory(slug="o"), PopulationFactory(slug="older")
    inside = trial(outcome, population=older)
    trial(outcome, population=older, state="draft")
    trial(outcome, population=older, result_state="planned", result_estimate=None)
    trial(outcome, population=older, year=1990)
    # Older adults, and the outcome, and never both.
    apart = trial(OutcomeFactory(), population=older)
    ResultFactory(
        study=apart.study,
        outcome=outcome,
        sample=SampleFactory(study=apart.study, label="Apart", parent=apart.sample),
    )
    PopulationShareFactory(
        sample=apart.study.results.get(outcome=outcome).sample, population=PopulationFactory()
    )
    partly = trial(outcome, population=older, share="part")
    values = [("outcome", "o"), ("age", "older")]

    for loosely in (False, True):
        assert drawn(view_of(*values, year_from=2000, loosely=loosely)).results == (inside,)

    with_part = drawn(view_of(*values, year_from=2000, with_part=True))

    assert set(with_part.results) == {inside, partly}
    assert with_part.partly == {partly.pk}


def test_body_is_never_larger_than_can_be_pooled(monkeypatch):
    monkeypatch.setattr(forest.body, "MOST_RESULTS", 2)
    outcome = OutcomeFactory(slug="o")
    trial(outcome), trial(outcome)
    view = view_of(("outcome", "o"))

    assert len(drawn(view).results) == 2

    trial(outcome)

    with pytest.raises(forest.TooManyResults):
        drawn(view)


# Subgroups


def test_kinds_are_told_apart_below_what_is_chosen_and_hold_each_study_once():
    outcome = OutcomeFactory(slug="o")
    adults = PopulationFactory(slug="adults", name="Adults")
    older = PopulationFactory(name="Older", parent=adults)
    oldest = PopulationFactory(name="Oldest", parent=older)
    young = PopulationFactory(name="Young", parent=adults)
    for estimate in (1.0, 1.4):
        trial(outcome, estimate, population=oldest)
        trial(outcome, estimate + 2, population=young)
    both = trial(outcome, 2.0, population=older)
    PopulationShareFactory(sample=both.sample, population=young)
    trial(outcome, 3.0)

    def kinds(*values):
        body = drawn(view_of(("outcome", "o"), *values, by="age"))
        return body, kinds_of(body, body.summary.pool)

    body, found = kinds(("age", "adults"))

    assert [(kind.name, kind.k, kind.display) for kind in found.kinds] == [
        ("Older", 2, "1.20 (0.81 to 1.59) mm Hg"),
        ("Older and Young", 1, "2.0 (1.5 to 2.5) mm Hg"),
        ("Young", 2, "3.20 (2.81 to 3.59) mm Hg"),
    ]
    names = {both.study.slug: "b"} | {
        result.study.slug: "a" if result.yi < 2 else "c" for result in body.results if result != both
    }
    expected = subgroups(body.summary.selection.kept, lambda effect: names[effect.study])
    assert (found.q, found.df, found.p) == (expected.q, 2, expected.p)

    _, everyone = kinds()

    assert [(kind.name, kind.k) for kind in everyone.kinds] == [("Adults", 5), ("Not reported, or mixed", 1)]


def test_kinds_by_risk_of_bias_take_the_judgement_of_the_study():
    outcome = OutcomeFactory(slug="o")
    judged = [trial(outcome, estimate) for estimate in (1.0, 2.0, 3.0)]
    for result, judgement in zip(judged, ("low", "high", "high"), strict=True):
        AppraisalFactory(study=result.study, judgement=judgement)
    body = drawn(view_of(("outcome", "o"), by="bias"))

    found = kinds_of(body, body.summary.pool)

    assert [(kind.name, kind.k) for kind in found.kinds] == [("High", 2), ("Low", 1)]


def test_kinds_of_one_kind_are_refused_in_words():
    outcome = OutcomeFactory(slug="o")
    trial(outcome), trial(outcome)
    body = drawn(view_of(("outcome", "o"), by="design"))

    assert kinds_of(body, body.summary.pool).refusal == (
        "All studies are of one kind; there are no subgroups to compare."
    )


# Fragility


def test_filter_is_relaxed_by_one_step_at_a_time():
    above = OutcomeFactory(slug="above", name="Above")
    OutcomeFactory(slug="below", name="Below", parent=above)
    PopulationFactory(slug="old", name="Old", parent=PopulationFactory(slug="adult", name="Adult"))
    PopulationFactory(slug="child", name="Child")
    InterventionFactory(slug="weights", name="Weights")
    view = view_of(
        *[("outcome", "below"), ("age", "old"), ("age", "child"), ("intervention", "weights")],
        year_from=1990,
        year_to=2000,
        excluded=frozenset({("design", "case-series")}),
        q="walking",
    )

    before = set(view.strict.parameters())
    steps = {
        words: (before - set(wider.parameters()), set(wider.parameters()) - before)
        for words, wider in relaxed_filters(view.strict)
    }

    old, child = ("population", "old"), ("population", "child")
    first, last = ("year_from", "1990"), ("year_to", "2000")
    assert steps == {
        "Without the words “walking”": ({("q", "walking")}, set()),
        "Adult instead of Old": ({old}, {("population", "adult")}),
        "Without “Age: Old or Child”": ({old, child}, set()),
        "Without “Intervention: Weights”": ({("intervention", "weights")}, set()),
        "Above instead of Below": ({("outcome", "below")}, {("outcome", "above")}),
        "With Case series again": ({("not_design", "case-series")}, set()),
        "Year also below 1990": ({first}, set()),
        "Year also above 2000": ({last}, set()),
        "Without “Year 1990 to 2000”": ({first, last}, set()),
        "Mixed groups too": (set(), {("part", "yes")}),
    }


def test_fragility_pools_each_relaxed_filter_without_the_studies_left_out():
    outcome, older = OutcomeFactory(slug="o"), PopulationFactory(slug="older", name="Older")
    out = trial(outcome, 9.0, population=older)
    for estimate in (1.0, 2.0):
        trial(outcome, estimate, population=older)
    trial(outcome, 6.0)
    trial(OutcomeFactory())
    view = view_of(("outcome", "o"), ("age", "older"), left=frozenset({out.study.slug}))
    found = determine(view)

    steps, n_more = fragility(view, found.outcome, found.measure)

    assert n_more == 0
    wider = drawn(View(view.chosen.without("age"), measure="md", left=view.left))
    assert [(step.words, step.k, step.display) for step in steps] == [
        ("Without “Age: Older”", 3, wider.summary.pool.display),
        ("Mixed groups too", 2, drawn(view).summary.pool.display),
    ]
    assert steps[0].view.as_query() == f"outcome=o&measure=md&leave={out.study.slug}"
