"""The log of changes: no way of writing is unseen, and no version is passed over."""

import threading

import pytest
from django.db import connection, connections, transaction

from evidence import changes
from evidence.models import (
    Appraisal,
    Arm,
    Assessment,
    Outcome,
    PopulationShare,
    Report,
    Result,
    Sample,
    Stamp,
    Study,
)
from evidence.models.change import Change
from tests import factories

KIND = Change.Kind


def _told(do):
    """What the log says of this, by kind."""
    before = changes.now()
    do()
    after = changes.now()
    assert after.epoch == before.epoch
    return changes.since(before, most=100)


@pytest.fixture
def result(db):
    share = factories.PopulationShareFactory()
    study = share.sample.study
    factories.ReportFactory(study=study)
    factories.AppraisalFactory(study=study)
    arm = factories.ArmFactory(study=study, interventions=[factories.InterventionFactory()])
    return factories.ResultFactory(study=study, sample=share.sample, arm=arm)


def _raw(sql):
    def do(_):
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return do


def _bulk_create(result):
    report = Report(study=result.study, kind="protocol", title="P")
    Report.objects.bulk_create([report], ignore_conflicts=True)


def _bulk_update(result):
    result.weeks = 0
    Result.objects.bulk_update([result], ["weeks"])


OF_THE_STUDY = [
    lambda result: result.study.save(),
    lambda result: Study.objects.update(year=1999),
    lambda result: Study.objects.filter(pk=result.study_id).update(state="retired"),
    lambda result: factories.ReportFactory(study=result.study),
    lambda result: Report.objects.update(title="Another"),
    lambda result: Report.objects.all().delete(),
    lambda result: Sample.objects.update(n=7),
    lambda result: factories.PopulationShareFactory(sample=result.sample),
    lambda result: PopulationShare.objects.update(share="part"),
    lambda result: PopulationShare.objects.all().delete(),
    lambda result: Arm.objects.update(weeks=6),
    lambda result: result.arm.interventions.clear(),
    lambda result: result.arm.interventions.add(factories.InterventionFactory()),
    lambda result: Appraisal.objects.all().delete(),
    lambda result: factories.DomainJudgementFactory(appraisal=Appraisal.objects.get()),
    lambda result: result.delete(),
    lambda result: (result.delete(), result.study.delete()),
    _bulk_create,
    _bulk_update,
    _raw("UPDATE evidence_result SET weeks = 3"),
    _raw("DELETE FROM evidence_appraisal"),
]


@pytest.mark.parametrize("place", range(len(OF_THE_STUDY)))
def test_each_way_of_writing_about_a_study_tells_that_study(result, place):
    study = result.study_id

    told = _told(lambda: OF_THE_STUDY[place](result))

    assert study in told[KIND.STUDY]


def test_only_what_changed_is_told(result):
    other = factories.ResultFactory()

    told = _told(lambda: Result.objects.filter(pk=other.pk).update(weeks=2))

    assert told == {KIND.STUDY: {other.study_id}}


def test_moving_something_to_another_study_tells_both(result):
    other = factories.StudyFactory()
    report = Report.objects.get()

    told = _told(lambda: Report.objects.filter(pk=report.pk).update(study=other))

    assert told == {KIND.STUDY: {result.study_id, other.pk}}


def test_terms_tools_and_conclusions_are_told_by_their_kinds(db):
    conclusion = factories.ConclusionFactory()
    assessment = factories.AssessmentFactory(conclusion=conclusion)
    tool = factories.ToolFactory()

    assert _told(lambda: Outcome.objects.filter(pk=conclusion.outcome_id).update(position=9)) == {
        KIND.OUTCOME: {conclusion.outcome_id}
    }
    assert _told(lambda: Assessment.objects.filter(pk=assessment.pk).update(not_known="More.")) == {
        KIND.CONCLUSION: {conclusion.pk}
    }
    assert _told(lambda: factories.ToolDomainFactory(tool=tool)) == {KIND.TOOL: {tool.pk}}


def test_what_is_taken_back_is_not_told(result):
    before = changes.now()

    with transaction.atomic():
        Result.objects.update(weeks=5)
        changes.now()
        transaction.set_rollback(True)

    assert changes.now() == before
    assert changes.since(before, most=10) == {}


def test_changes_within_one_transaction_are_told_apart(result):
    first = changes.now()
    Result.objects.update(weeks=5)
    second = changes.now()
    other = factories.StudyFactory()
    third = changes.now()

    assert first.version < second.version < third.version
    assert changes.since(second, most=10) == {KIND.STUDY: {other.pk}}


def test_too_many_changes_are_not_listed(db):
    before = changes.now()
    factories.StudyFactory.create_batch(3)

    assert changes.now() != before
    assert len(changes.since(before, most=3)[KIND.STUDY]) == 3
    assert changes.since(before, most=2) is None


def test_a_new_epoch_begins_when_triggers_were_away(db):
    before = changes.now()
    changes.lift(using="default")
    factories.StudyFactory()
    assert changes.now() == before

    made = changes.enforce(using="default")

    assert "evidence_study_noted" in {name.removesuffix("_insert") for name in made}
    assert changes.now().epoch != before.epoch
    assert changes.enforce(using="default") == []


@pytest.mark.django_db(transaction=True)
def test_a_lost_stamp_begins_a_new_epoch():
    before = changes.now()
    Stamp.objects.all().delete()

    factories.StudyFactory()

    after = changes.now()
    assert after.epoch not in ("", before.epoch)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_readers_miss_nothing_of_concurrent_writers():
    studies = [study.pk for study in factories.StudyFactory.create_batch(4)]
    seen, wrong = changes.now(), []
    n_each, done = 25, threading.Event()

    def write(pk):
        try:
            for year in range(1900, 1900 + n_each):
                # The study is locked long before the version is taken.
                with transaction.atomic():
                    Study.objects.filter(pk=pk).update(year=year)
        finally:
            connections.close_all()

    def read():
        nonlocal seen
        known = {}
        try:
            while True:
                last_round = done.is_set()
                moment = changes.now()
                for pk in changes.since(seen, most=100).get(KIND.STUDY, ()):
                    known[pk] = Study.objects.values_list("year", flat=True).get(pk=pk)
                seen = moment
                if last_round:
                    break
            wrong.extend(pk for pk in studies if known.get(pk) != 1900 + n_each - 1)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(pk,)) for pk in studies]
    reader = threading.Thread(target=read)
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()

    assert wrong == []
