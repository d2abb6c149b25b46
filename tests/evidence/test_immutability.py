"""A signed judgement stays as it was signed, whatever asks the database to change it."""

import pytest
from django.db import IntegrityError, connection, transaction

from evidence import assessing, immutability
from evidence.models import AssessedResult, Assessment
from tests.factories import AssessmentFactory, ConclusionFactory, ResultFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(db):
    conclusion = ConclusionFactory()
    result = ResultFactory(outcome=conclusion.outcome)
    result.arm.interventions.set([conclusion.intervention])
    return AssessmentFactory(conclusion=conclusion, threshold="Half a standard deviation.")


@pytest.fixture
def signed(draft, now):
    return assessing.sign(assessment=draft, by=UserFactory(), at=now)


def refused(action, message):
    """The database itself refuses it."""
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        action()


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


@pytest.mark.parametrize(
    "name", sorted(field.name for field in Assessment._meta.concrete_fields if not field.primary_key)
)
def test_no_column_of_a_signed_assessment_changes(name, signed):
    rows = Assessment.objects.filter(pk=signed.pk)
    before = rows.values().get()
    column = Assessment._meta.get_field(name).column

    refused(lambda: run(f'UPDATE evidence_assessment SET "{column}" = "{column}"'), "never changes")  # noqa: S608

    assert rows.values().get() == before


def test_signed_assessment_changes_by_no_other_way(signed):
    signed.seen = "Changed"

    refused(signed.save, "A signed assessment never changes.")
    refused(lambda: Assessment.objects.update(seen="Changed"), "A signed assessment never changes.")
    refused(lambda: Assessment.objects.bulk_update([signed], ["seen"]), "A signed assessment never changes.")
    refused(lambda: Assessment.objects.update(signed_at=None, number=None), "A signed assessment")

    assert Assessment.objects.get().seen == ""


def test_signed_assessment_and_what_it_looked_at_are_not_deleted(signed):
    refused(signed.delete, "is never deleted.")
    refused(
        lambda: Assessment.objects.filter(pk=signed.pk)._raw_delete("default"),
        "A signed assessment is never deleted.",
    )
    refused(AssessedResult.objects.all().delete, "An assessed result is never deleted.")
    refused(lambda: run("DELETE FROM evidence_assessedresult"), "An assessed result is never deleted.")

    assert signed.looked_at.count() == 1


def test_what_was_looked_at_never_changes(signed):
    rows = AssessedResult.objects.all()

    refused(lambda: rows.update(digest="0" * 64), "An assessed result never changes.")
    refused(lambda: rows.update(was_retracted=True), "An assessed result never changes.")

    assert not rows.get().was_retracted


def test_nothing_is_added_to_what_was_looked_at(signed):
    more = AssessedResult.objects.get()
    more.pk, more.result_id = None, 987

    refused(more.save, "An assessed result is never added later.")
    refused(lambda: AssessedResult.objects.bulk_create([more]), "An assessed result is never added later.")

    assert signed.looked_at.count() == 1


def test_study_that_was_looked_at_may_go_and_stays_on_record(signed):
    looked_at = signed.looked_at.get()

    looked_at.result.delete()
    looked_at.study.samples.all().delete()
    looked_at.study.arms.all().delete()
    looked_at.study.delete()

    assert AssessedResult.objects.values_list("label", flat=True).get() == looked_at.label


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
def test_signed_assessment_is_not_replaced(signed):
    names = ", ".join(f'"{field.column}"' for field in Assessment._meta.concrete_fields)

    refused(
        lambda: run(
            f"INSERT OR REPLACE INTO evidence_assessment ({names}) SELECT {names} FROM evidence_assessment"  # noqa: S608
        ),
        "A signed assessment is never replaced.",
    )


@pytest.mark.skipif(connection.vendor != "postgresql", reason="PostgreSQL's own statement")
@pytest.mark.django_db(transaction=True)
def test_signed_assessment_is_not_truncated(signed):
    refused(lambda: run("TRUNCATE evidence_assessment CASCADE"), "is never deleted.")


def test_draft_changes_and_goes(draft):
    Assessment.objects.update(seen="What the studies saw.")
    assert Assessment.objects.get().seen == "What the studies saw."

    draft.delete()

    assert not Assessment.objects.exists()


def test_all_that_is_registered_is_enforced(db):
    assert {frozen.model for frozen in immutability.FROZEN} >= {Assessment, AssessedResult}
    assert immutability.enforce(using="default") == []
