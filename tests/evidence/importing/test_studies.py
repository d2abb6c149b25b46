"""Importing studies."""

import datetime

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from evidence.importing import Interrupted, import_studies, studies
from evidence.models import Appraisal, Arm, Intervention, Population, Report, Result, Sample, Study
from evidence.states import Given, given, states
from tests import factories

from .records import full_record, record


@pytest.fixture
def imported(vocabulary, now):
    """Call with records and options; returns the summary."""

    def run(*records, **options):
        return import_studies(records=list(records), at=now, **options)

    return run


def numbers(summary):
    return (summary.created, summary.updated, summary.unchanged, summary.rejected)


def reasons(summary):
    return [reason for rejection in summary.rejections for reason in rejection.reasons]


# Creating


def test_import_creates_every_row_of_a_study_with_its_history(imported, counts, now):
    summary = imported(full_record())

    assert numbers(summary) == (1, 0, 0, 0)
    assert summary.written is True
    assert counts() == {
        "Study": (1, 1),
        "Report": (2, 2),
        "Sample": (2, 2),
        "PopulationShare": (2, 2),
        "Arm": (2, 2),
        "Result": (2, 2),
        "Appraisal": (2, 2),
        "DomainJudgement": (2, 2),
    }
    history = Study.history.get()
    assert (history.history_type, history.history_date, history.history_change_reason) == (
        "+",
        now,
        "Imported",
    )


def test_import_fills_the_fields_and_links_the_rows(imported):
    imported(full_record())

    study = Study.objects.get()
    result = Result.objects.get(key="gait-speed")
    women = Sample.objects.get(label="Women")
    arm = Arm.objects.get(label="With weights")
    assert (study.slug, study.state, study.countries, study.interests_declared) == (
        "duclos-2014",
        "published",
        ["CA"],
        False,
    )
    assert (result.estimate, result.ci_low, result.yi, result.derivation) == (
        0.07,
        0.0,
        0.07,
        "estimate_and_interval",
    )
    assert (result.study, result.arm, result.comparator.label) == (study, arm, "Without")
    assert (result.report.doi, result.outcome.slug) == ("10.1234/abc.1", "gait-speed")
    assert Result.objects.get(key="before-after").report.nct == "NCT03630471"
    assert Result.objects.get(key="before-after").comparator is None
    assert women.parent.label == "All participants"
    assert [(share.population.slug, share.share) for share in women.shares.all()] == [("female", "all")]
    assert [term.slug for term in arm.interventions.all()] == ["ankle-weights"]
    assert Appraisal.objects.get(result=None).level == "some concerns"
    assert Appraisal.objects.get(result=result).is_demonstration is True


def test_import_gives_left_out_fields_the_defaults_of_the_model(imported):
    imported({"slug": "a", "label": "A", "design": "crossover trial"})

    study = Study.objects.get()
    assert (study.state, study.funding, study.year, study.caveats) == ("draft", "not reported", None, [])


def test_import_records_who_imported(imported, publisher):
    imported(record(), by=publisher, reason="Imported from a.json")

    history = Study.history.get()
    assert (history.history_user, history.history_change_reason) == (publisher, "Imported from a.json")


def test_import_of_no_record_writes_nothing(imported, counts):
    summary = imported()

    assert numbers(summary) == (0, 0, 0, 0)
    assert summary.written is True


def received(before):
    """What the arm with weights had received before a moment, by its history."""
    [state] = states(Arm, before).filter(label="With weights")
    return set(given(Arm.history.filter(pk=state.pk)).values_list("intervention__slug", flat=True))


def test_import_writes_what_arms_received_into_their_history(imported, now):
    day = datetime.timedelta(days=1)
    imported(full_record())
    other = full_record()
    other["arms"][0] |= {"interventions": [], "load": 2}

    import_studies(records=[other], at=now + day)

    assert received(now + day) == {"ankle-weights"}
    assert received(now + 2 * day) == set()
    assert Given.objects.filter(arm__label="Without").count() == 0


# Again


def test_import_again_changes_nothing(imported, counts):
    imported(full_record(), record())
    before = counts()
    changed_at = Study.objects.get(slug="duclos-2014").changed_at

    summary = imported(full_record(), record())

    assert numbers(summary) == (0, 0, 2, 0)
    assert counts() == before
    assert Study.objects.get(slug="duclos-2014").changed_at == changed_at


def test_import_again_writes_not_even_an_update(imported):
    imported(full_record())

    with CaptureQueriesContext(
        connection,
    ) as queries:
        imported(full_record())

    written = [
        query["sql"] for query in queries if not query["sql"].startswith(("SELECT", "SAVEPOINT", "RELEASE"))
    ]
    assert written == []


def test_import_updates_only_the_row_that_differs(imported, counts, now):
    imported(full_record())
    before = counts()
    changed = full_record()
    changed["results"][0]["ci_high"] = 0.2

    summary = imported(changed)

    assert numbers(summary) == (0, 1, 0, 0)
    assert counts() == before | {"Result": (2, 3)}
    result = Result.objects.get(key="gait-speed")
    assert result.ci_high == 0.2
    assert result.history.first().vi == result.vi
    assert result.history.first().history_type == "~"


def test_import_updates_the_study_and_when_it_changed(imported, now):
    imported(full_record())
    before = Study.objects.get().changed_at

    imported(full_record(label="Duclos and others 2014"))

    study = Study.objects.get()
    assert study.label == "Duclos and others 2014"
    assert study.changed_at > before
    assert study.history.count() == 2


def test_import_takes_back_what_the_file_leaves_out_of_a_row(imported):
    imported(record(summary="Old words.", year=1987))

    summary = imported(record())

    study = Study.objects.get()
    assert numbers(summary) == (0, 1, 0, 0)
    assert (study.summary, study.year) == ("", None)


def test_import_keeps_nested_rows_that_the_file_does_not_have(imported, counts):
    imported(full_record())
    before = counts()
    less = full_record()
    for name in ("reports", "samples", "arms", "results", "appraisals"):
        del less[name]

    summary = imported(less)

    assert numbers(summary) == (0, 0, 1, 0)
    assert counts() == before


def test_import_may_add_a_result_to_rows_that_only_the_database_has(imported):
    imported(full_record())
    more = full_record()
    more["results"] = [more["results"][0] | {"key": "gait-speed-2"}]
    for name in ("reports", "samples", "arms", "appraisals"):
        del more[name]

    summary = imported(more)

    assert numbers(summary) == (0, 1, 0, 0)
    added = Result.objects.get(key="gait-speed-2")
    assert (added.arm.label, added.report.doi) == ("With weights", "10.1234/abc.1")


def test_import_sets_the_interventions_of_an_arm_to_those_of_the_file(imported, counts):
    imported(full_record())
    before = counts()
    other = full_record()
    other["arms"][0]["interventions"] = ["walking", "walking"]

    summary = imported(other)

    assert numbers(summary) == (0, 1, 0, 0)
    assert [term.slug for term in Arm.objects.get(label="With weights").interventions.all()] == ["walking"]
    assert counts() == before | {"Arm": (2, 3)}


def test_import_links_an_old_result_to_a_new_sample(imported):
    imported(full_record())
    other = full_record()
    other["samples"].append({"label": "Men", "parent": "All participants", "n": 6})
    other["results"][0]["sample"] = "Men"

    imported(other)

    assert Result.objects.get(key="gait-speed").sample.label == "Men"


# Reports


def test_import_finds_a_report_by_any_of_its_identifiers(imported):
    imported(record(reports=[{"doi": "10.1234/a", "pmid": "11"}]))

    imported(record(reports=[{"pmid": "11", "doi": "10.1234/b", "title": "New"}]))

    report = Report.objects.get()
    assert (report.doi, report.pmid, report.title) == ("10.1234/b", "11", "New")


def test_import_finds_the_main_report_without_identifiers(imported):
    imported(record(reports=[{"is_primary": True, "title": "Old"}]))

    imported(record(reports=[{"is_primary": True, "title": "New", "doi": "10.1234/a"}]))

    assert Report.objects.values_list("title", "doi").get() == ("New", "10.1234/a")


def test_import_finds_another_report_by_kind_title_and_year(imported):
    imported(record(reports=[{"title": "T", "year": 2000}, {"title": "T", "year": 2001}]))

    summary = imported(record(reports=[{"title": "T", "year": 2001, "journal": "J"}]))

    assert numbers(summary) == (0, 1, 0, 0)
    assert set(Report.objects.values_list("year", "journal")) == {(2000, ""), (2001, "J")}


def test_import_does_not_take_a_report_with_another_identifier_for_the_same(imported):
    imported(record(reports=[{"title": "T", "doi": "10.1234/a"}]))

    imported(record(reports=[{"title": "T", "doi": "10.1234/b"}]))

    assert sorted(Report.objects.values_list("doi", flat=True)) == ["10.1234/a", "10.1234/b"]


def test_import_makes_another_report_the_main_one(imported):
    imported(record(reports=[{"doi": "10.1234/a", "is_primary": True}, {"doi": "10.1234/b"}]))

    summary = imported(record(reports=[{"doi": "10.1234/b", "is_primary": True}, {"doi": "10.1234/a"}]))

    assert numbers(summary) == (0, 1, 0, 0)
    assert Report.objects.get(is_primary=True).doi == "10.1234/b"


def test_import_refuses_a_second_main_report(imported):
    imported(record(reports=[{"doi": "10.1234/a", "title": "A", "is_primary": True}, {"doi": "10.1234/b"}]))

    summary = imported(record(reports=[{"doi": "10.1234/b", "is_primary": True}]))

    assert reasons(summary) == [
        (
            'studies[0] (slug "miller-1987") > reports[0] (doi "10.1234/b") > is_primary',
            "The study has the main report “A” already, which this file does not name.",
        )
    ]


def test_import_refuses_a_report_that_is_two(imported):
    imported(record(reports=[{"doi": "10.1234/a"}, {"pmid": "11"}]))

    summary = imported(record(reports=[{"doi": "10.1234/a", "pmid": "11"}]))

    assert [message for _, message in reasons(summary)] == [
        "The identifiers belong to several reports of this study."
    ]


def test_import_refuses_two_reports_that_are_one(imported):
    imported(record(reports=[{"doi": "10.1234/a", "pmid": "11", "title": "A"}]))

    summary = imported(record(reports=[{"doi": "10.1234/a"}, {"pmid": "11"}]))

    assert [message for _, message in reasons(summary)] == ["Another report of this record is “A” as well."]


# Rejecting

WHERE = 'studies[0] (slug "duclos-2014")'


def _with(name, number, **fields):
    changed = full_record()
    changed[name][number] |= fields
    return changed


@pytest.mark.parametrize(
    ("bad", "place", "message"),
    [
        ("nonsense", "studies[0]", "Expected an object."),
        (full_record(design="poem"), f"{WHERE} > design", None),
        (full_record(slug="not a slug"), 'studies[0] (slug "not a slug") > slug', None),
        (full_record(year=1500), WHERE, "Give a year between 1800 and 2100."),
        (full_record(n_analysed=11), WHERE, "No more people can be analysed than entered."),
        (full_record(title="x" * 501), f"{WHERE} > title", None),
        (
            full_record(title="a\x00"),
            f"{WHERE} > title",
            "The text holds a NUL character, which cannot be stored.",
        ),
        (
            full_record(sources=["ftp://x"]),
            f"{WHERE} > sources[0]",
            "Expected an address that starts with http:// or https://, or words.",
        ),
        (
            _with("results", 0, ci_low=0.1),
            f'{WHERE} > results[0] (key "gait-speed") > ci_low',
            "The interval does not enclose its estimate: the lower bound is above it.",
        ),
        (
            _with("results", 0, outcome="none"),
            f'{WHERE} > results[0] (key "gait-speed") > outcome',
            "There is no outcome “none” in the vocabulary.",
        ),
        (
            _with("results", 0, sample="Men"),
            f'{WHERE} > results[0] (key "gait-speed") > sample',
            "This study has no sample “Men”; it has: “All participants”, “Women”.",
        ),
        (
            _with("results", 0, arm="X"),
            f'{WHERE} > results[0] (key "gait-speed") > arm',
            "This study has no arm “X”; it has: “With weights”, “Without”.",
        ),
        (
            _with("results", 0, comparator="X"),
            f'{WHERE} > results[0] (key "gait-speed") > comparator',
            "This study has no arm “X”; it has: “With weights”, “Without”.",
        ),
        (
            _with("results", 0, comparator="With weights"),
            f'{WHERE} > results[0] (key "gait-speed") > comparator',
            "An arm is not compared with itself.",
        ),
        (
            _with("results", 0, report="10.1/none"),
            f'{WHERE} > results[0] (key "gait-speed") > report',
            "No report of this study has the identifier or title “10.1/none”.",
        ),
        (
            _with("results", 1, key="gait-speed"),
            f'{WHERE} > results[1] (key "gait-speed") > key',
            "“gait-speed” is given already at results[0].",
        ),
        (_with("samples", 1, n=0), f'{WHERE} > samples[1] (label "Women") > n', None),
        (_with("samples", 1, parent="Men"), f'{WHERE} > samples[1] (label "Women") > parent', None),
        (_with("samples", 1, parent="Women"), f'{WHERE} > samples[1] (label "Women") > parent', None),
        (
            _with("samples", 1, parent=None),
            f'{WHERE} > samples[1] (label "Women")',
            "A study has one whole sample, and this one has “All participants” already.",
        ),
        (
            _with("samples", 0, populations=[{"population": "nobody"}]),
            f'{WHERE} > samples[0] > populations[0] (population "nobody") > population',
            "There is no population “nobody” in the vocabulary.",
        ),
        (
            _with("samples", 0, populations=[{"population": "female", "share": "half"}]),
            f'{WHERE} > samples[0] > populations[0] (population "female") > share',
            "“half” is not one of: all, most, part, excluded.",
        ),
        (
            _with("samples", 0, populations=[{"population": "female"}] * 2),
            f'{WHERE} > samples[0] > populations[1] (population "female") > population',
            "“female” is given already.",
        ),
        (
            _with("arms", 0, interventions=["magic"]),
            f'{WHERE} > arms[0] (label "With weights") > interventions[0]',
            "There is no intervention “magic” in the vocabulary.",
        ),
        (
            _with("arms", 0, load_unit=""),
            f'{WHERE} > arms[0] (label "With weights")',
            "A load or dose needs its unit.",
        ),
        (
            _with("arms", 1, label="With weights"),
            f'{WHERE} > arms[1] (label "With weights") > label',
            "“With weights” is given already at arms[0].",
        ),
        (
            _with("reports", 0, pmid="abc"),
            f'{WHERE} > reports[0] (doi "https://doi.org/10.1234/ABC.1") > pmid',
            None,
        ),
        (
            _with("reports", 1, is_primary=True),
            f'{WHERE} > reports[1] (nct "NCT03630471") > is_primary',
            "A study has one main report.",
        ),
        (
            _with("reports", 1, doi="10.1234/abc.1"),
            f'{WHERE} > reports[1] (doi "10.1234/abc.1") > doi',
            f"“10.1234/abc.1” is given already at {WHERE} > reports[0].",
        ),
        (
            _with("appraisals", 0, tool="other"),
            f'{WHERE} > appraisals[0] (tool "other") > tool',
            "There is no tool “other”.",
        ),
        (
            _with("appraisals", 0, judgement="fine"),
            f'{WHERE} > appraisals[0] (tool "rob-2") > judgement',
            "RoB 2 knows these judgements: low, some, high.",
        ),
        (
            _with("appraisals", 1, result=None),
            f'{WHERE} > appraisals[1] (tool "rob-2")',
            "The same is appraised with the same tool already at appraisals[0].",
        ),
        (
            _with("appraisals", 1, result="none"),
            f'{WHERE} > appraisals[1] (tool "rob-2") > result',
            "This study has no result “none”; it has: “gait-speed”, “before-after”.",
        ),
        (
            _with("appraisals", 0, domains=[{"domain": "D9", "judgement": "low"}]),
            f'{WHERE} > appraisals[0] (tool "rob-2") > domains[0] (domain "D9") > domain',
            "RoB 2 has no domain “D9”; it has: D1, D2.",
        ),
        (
            _with("appraisals", 0, domains=[{"domain": "D1", "judgement": "fine"}]),
            f'{WHERE} > appraisals[0] (tool "rob-2") > domains[0] (domain "D1") > judgement',
            "RoB 2 knows these judgements: low, some, high.",
        ),
    ],
)
def test_import_rejects_a_record_with_the_place_and_the_reason(imported, counts, bad, place, message):
    before = counts()

    summary = imported(bad)

    assert numbers(summary) == (0, 0, 0, 1)
    assert summary.written is False
    found = dict(reasons(summary))
    assert next(iter(found)) == place
    assert message is None or found[place] == message
    assert counts() == before


def test_import_lists_everything_that_is_wrong_with_a_record(imported):
    bad = _with("results", 0, ci_low=0.1, outcome="none")
    bad["arms"][1]["role"] = "audience"

    summary = imported(bad)

    assert [place.rpartition(" > ")[2] for place, _ in reasons(summary)] == ["role", "outcome"]
    assert summary.rejected == 1


def test_import_says_what_to_use_instead_of_an_inactive_term(imported):
    Intervention.objects.filter(slug="ankle-weights").update(
        is_active=False, replaced_by=Intervention.objects.get(slug="walking")
    )

    summary = imported(full_record())

    assert [message for _, message in reasons(summary)] == [
        "The intervention “ankle-weights” is no longer in use; use “walking”."
    ]


def test_import_rejects_an_identifier_of_another_study(imported):
    factories.ReportFactory(study=factories.StudyFactory(slug="other"), doi="10.1234/abc.1")

    summary = imported(full_record())

    assert [message for _, message in reasons(summary)] == [
        "“10.1234/abc.1” belongs already to the study “other”."
    ]


def test_import_rejects_what_an_earlier_record_of_the_file_has(imported):
    summary = imported(
        record("a", reports=[{"pmid": "7"}]), record("a"), record("b", reports=[{"pmid": "PMID: 007"}])
    )

    assert reasons(summary) == [
        ('studies[1] (slug "a") > slug', "“a” is given already at studies[0]."),
        (
            'studies[2] (slug "b") > reports[0] (pmid "PMID: 007") > pmid',
            '“7” is given already at studies[0] (slug "a") > reports[0].',
        ),
    ]


def test_import_refuses_another_whole_sample_than_the_stored_one(imported):
    imported(full_record())
    other = full_record()
    other["samples"][0]["label"] = "Everybody"
    other["samples"][1]["parent"] = "Everybody"
    del other["results"]
    del other["appraisals"]

    summary = imported(other)

    assert [message for _, message in reasons(summary)] == [
        "A study has one whole sample, and this one has “All participants” already."
    ]


# All or nothing


def test_import_writes_nothing_when_one_record_is_rejected(imported, counts):
    imported(record("old", summary="Before."))
    before = counts()

    summary = imported(record("old", summary="After."), full_record(), record("bad", year=1500))

    assert numbers(summary) == (1, 1, 0, 1)
    assert summary.written is False
    assert counts() == before
    assert Study.objects.get().summary == "Before."


def test_import_skips_invalid_records_and_writes_the_others_whole(imported, counts):
    bad = full_record("bad", reports=[])
    bad["results"][1]["measure"] = "guess"

    summary = imported(bad, full_record(), "nonsense", skip_invalid=True)

    assert numbers(summary) == (1, 0, 0, 2)
    assert summary.written is True
    assert [study.slug for study in Study.objects.all()] == ["duclos-2014"]
    assert counts()["Result"] == (2, 2)
    assert counts()["Arm"] == (2, 2)


@pytest.mark.parametrize("skip_invalid", [False, True])
def test_import_dry_run_counts_the_same_and_writes_nothing(imported, counts, skip_invalid):
    imported(record("old", summary="Before."), record("same"))
    before = counts()
    records = [record("old", summary="After."), record("same"), full_record(), record("bad", year=1500)]

    dry = imported(*records, dry_run=True, skip_invalid=skip_invalid)

    assert dry.written is False
    assert counts() == before
    assert Study.objects.get(slug="old").summary == "Before."
    real = imported(*records, skip_invalid=skip_invalid)
    assert numbers(dry) == numbers(real) == (1, 1, 1, 1)
    assert dry.rejections == real.rejections


def test_import_leaves_nothing_behind_when_the_database_refuses(imported, counts, monkeypatch):
    before = counts()
    write = studies.write

    def write_and_fail(*args, **kwargs):
        write(*args, **kwargs)
        raise IntegrityError("somebody was faster")

    monkeypatch.setattr(studies, "write", write_and_fail)

    with pytest.raises(Interrupted, match="nothing was written: somebody was faster"):
        imported(full_record())

    assert counts() == before


# Many


def test_import_tells_its_progress(imported, monkeypatch):
    monkeypatch.setattr(studies, "CHUNK", 2)
    told = []

    imported(*(record(f"s{number}") for number in range(5)), progress=lambda *step: told.append(step))

    assert told == [
        ("checked", 2, 5),
        ("checked", 4, 5),
        ("checked", 5, 5),
        ("written", 2, 5),
        ("written", 4, 5),
        ("written", 5, 5),
    ]


def test_import_reads_as_often_for_forty_studies_as_for_four(imported):
    def queries_for(names):
        records = [
            full_record(name, reports=[{"is_primary": True, "doi": f"10.1234/{name}"}]) for name in names
        ]
        for entry in records:
            del entry["results"][1]["report"]
        with CaptureQueriesContext(connection) as queries:
            assert imported(*records).created == len(records)
        return sum(query["sql"].startswith("SELECT") for query in queries)

    few = queries_for([f"few-{number}" for number in range(4)])
    many = queries_for([f"many-{number}" for number in range(40)])

    assert many == few


def test_import_looks_up_terms_once(imported):
    slug = Population.objects.get(slug="female").slug

    with CaptureQueriesContext(connection) as queries:
        imported(*(full_record(f"s{number}", reports=[], results=[], appraisals=[]) for number in range(20)))

    assert (
        sum(
            "evidence_population" in query["sql"]
            and slug not in query["sql"]
            and 'FROM "evidence_population"' in query["sql"]
            for query in queries
        )
        == 1
    )
