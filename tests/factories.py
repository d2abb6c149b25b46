"""One factory for each model: the least that is valid; tests say what matters to them."""

import datetime

import factory
from allauth.mfa.models import Authenticator
from django.contrib.auth import get_user_model
from django_tasks_db.models import DBTaskResult
from factory.django import DjangoModelFactory

from articles import models as articles
from evidence import models as evidence
from evidence.models.study import Design


class UserFactory(DjangoModelFactory):
    class Meta:
        model = get_user_model()
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"user{n}")
    email = factory.LazyAttribute(lambda user: f"{user.username}@example.org")


class AuthenticatorFactory(DjangoModelFactory):
    """An authenticator app: its key is that of RFC 6238."""

    class Meta:
        model = Authenticator

    user = factory.SubFactory(UserFactory)
    type = Authenticator.Type.TOTP
    data = factory.LazyFunction(lambda: {"secret": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"})


class PopulationFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Population

    name = factory.Sequence(lambda n: f"Population {n}")
    slug = factory.Sequence(lambda n: f"population-{n}")
    axis = evidence.Population.Axis.AGE


class InterventionFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Intervention

    name = factory.Sequence(lambda n: f"Intervention {n}")
    slug = factory.Sequence(lambda n: f"intervention-{n}")
    kind = evidence.Intervention.Kind.EXERCISE


class OutcomeFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Outcome

    name = factory.Sequence(lambda n: f"Outcome {n}")
    slug = factory.Sequence(lambda n: f"outcome-{n}")
    better = evidence.Outcome.Direction.HIGHER


class StudyFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Study

    label = factory.Sequence(lambda n: f"Author {n}")
    slug = factory.Sequence(lambda n: f"study-{n}")
    design = Design.PARALLEL
    state = evidence.Study.State.PUBLISHED
    year = 2020
    n_enrolled = 40


class ReportFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Report

    study = factory.SubFactory(StudyFactory)
    title = factory.Sequence(lambda n: f"Report {n}")
    year = 2020


class SampleFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Sample

    study = factory.SubFactory(StudyFactory)


class PopulationShareFactory(DjangoModelFactory):
    class Meta:
        model = evidence.PopulationShare

    sample = factory.SubFactory(SampleFactory)
    population = factory.SubFactory(PopulationFactory)


class ArmFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Arm
        skip_postgeneration_save = True

    study = factory.SubFactory(StudyFactory)
    label = factory.Sequence(lambda n: f"Arm {n}")

    @factory.post_generation
    def interventions(self, create, extracted, **kwargs):
        if extracted:
            self.interventions.set(extracted)


class ResultFactory(DjangoModelFactory):
    """A mean difference of 1 (0.5 to 1.5) in a published study."""

    class Meta:
        model = evidence.Result

    study = factory.SubFactory(StudyFactory)
    key = factory.Sequence(lambda n: f"result-{n}")
    sample = factory.LazyAttribute(
        lambda result: result.study.samples.filter(parent=None).first() or SampleFactory(study=result.study)
    )
    arm = factory.SubFactory(ArmFactory, study=factory.SelfAttribute("..study"))
    comparator = factory.SubFactory(
        ArmFactory, study=factory.SelfAttribute("..study"), role=evidence.Arm.Role.USUAL_CARE
    )
    outcome = factory.SubFactory(OutcomeFactory)
    measure = "md"
    estimate = 1.0
    ci_low = 0.5
    ci_high = 1.5

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        result = model_class(*args, **kwargs)
        result.derive()
        result.save()
        return result


class ToolFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Tool

    slug = factory.Sequence(lambda n: f"tool-{n}")
    name = factory.Sequence(lambda n: f"Tool {n}")
    judgements = [
        {"code": "low", "label": "Low", "level": "low", "symbol": "+"},
        {"code": "some", "label": "Some concerns", "level": "some concerns", "symbol": "!"},
        {"code": "high", "label": "High", "level": "high", "symbol": "-"},
    ]


class ToolDomainFactory(DjangoModelFactory):
    class Meta:
        model = evidence.ToolDomain

    tool = factory.SubFactory(ToolFactory)
    code = factory.Sequence(lambda n: f"D{n}")
    name = factory.Sequence(lambda n: f"Domain {n}")
    position = factory.Sequence(lambda n: n)


class AppraisalFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Appraisal

    study = factory.SubFactory(StudyFactory)
    tool = factory.SubFactory(ToolFactory)
    judgement = "low"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        appraisal = model_class(*args, **kwargs)
        appraisal.derive()
        appraisal.save()
        return appraisal


class DomainJudgementFactory(DjangoModelFactory):
    class Meta:
        model = evidence.DomainJudgement

    appraisal = factory.SubFactory(AppraisalFactory)
    domain = factory.SubFactory(ToolDomainFactory, tool=factory.SelfAttribute("..appraisal.tool"))
    judgement = "low"


class ConclusionFactory(DjangoModelFactory):
    """A question for everybody, against any comparator."""

    class Meta:
        model = evidence.Conclusion

    slug = factory.Sequence(lambda n: f"conclusion-{n}")
    intervention = factory.SubFactory(InterventionFactory)
    outcome = factory.SubFactory(OutcomeFactory)


class ExclusionFactory(DjangoModelFactory):
    class Meta:
        model = evidence.Exclusion

    conclusion = factory.SubFactory(ConclusionFactory)
    study = factory.SubFactory(StudyFactory)
    reason = "The same people are counted elsewhere."


class AssessmentFactory(DjangoModelFactory):
    """A draft that starts high and is lowered to low."""

    class Meta:
        model = evidence.Assessment

    conclusion = factory.SubFactory(ConclusionFactory)
    start = "high"
    risk_of_bias = 1
    risk_of_bias_reason = "Nobody was masked."
    imprecision = 1
    imprecision_reason = "Few people."
    size = "small important"
    direction = "increases"
    by = factory.SubFactory(UserFactory)
    next_due = datetime.date(2027, 6, 1)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        assessment = model_class(*args, **kwargs)
        assessment.derive()
        assessment.save()
        return assessment


class SignedAssessmentFactory(AssessmentFactory):
    """A signed one as a row: for tests of lists and rights. Real ones come from `assessing.sign`."""

    number = 1
    sentence = "It may increase slightly."
    signed_at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class CategoryFactory(DjangoModelFactory):
    class Meta:
        model = articles.Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class TopicFactory(DjangoModelFactory):
    class Meta:
        model = articles.Topic

    category = factory.LazyAttribute(
        lambda topic: topic.parent.category if getattr(topic, "parent", None) else CategoryFactory()
    )
    parent = None
    title = factory.Sequence(lambda n: f"Topic {n}: what the research shows")
    short_title = factory.Sequence(lambda n: f"Topic {n}")
    slug = factory.Sequence(lambda n: f"topic-{n}")
    standfirst = "What it is and how sure anyone can be."
    teaser = "What the studies say."
    intervention = factory.SubFactory(InterventionFactory)


class TopicPopulationFactory(DjangoModelFactory):
    class Meta:
        model = articles.TopicPopulation

    topic = factory.SubFactory(TopicFactory)
    population = factory.SubFactory(PopulationFactory)


class _BlockFactory(DjangoModelFactory):
    class Meta:
        abstract = True

    parent = factory.SubFactory(TopicFactory)
    region = "main"
    ordering = factory.Sequence(lambda n: n * 10)


class HeadingFactory(_BlockFactory):
    class Meta:
        model = articles.Heading

    text = factory.Sequence(lambda n: f"Section {n}")
    anchor = factory.Sequence(lambda n: f"section-{n}")


class RichTextFactory(_BlockFactory):
    class Meta:
        model = articles.RichText

    text = "<p>It may help.</p>"


class KeyVariablesFactory(_BlockFactory):
    class Meta:
        model = articles.KeyVariables

    caption = "Key variables"
    rows = factory.LazyFunction(lambda: [{"variable": "Age", "why": "It may matter.", "evidence": ""}])


class EvidenceTableFactory(_BlockFactory):
    class Meta:
        model = articles.EvidenceTable

    title = "Walking and gait"
    outcome = factory.SubFactory(OutcomeFactory)


class FindingFactory(_BlockFactory):
    class Meta:
        model = articles.Finding

    name = "Walking speed"
    anchor = factory.Sequence(lambda n: f"finding-{n}")
    conclusion = factory.SubFactory(ConclusionFactory)
    text = "<p>People walked on a track.</p>"


class CalloutFactory(_BlockFactory):
    class Meta:
        model = articles.Callout

    text = "<p>Ask a clinician first.</p>"


class FolderFactory(DjangoModelFactory):
    class Meta:
        model = articles.Folder

    name = factory.Sequence(lambda n: f"Folder {n}")


class ImageFactory(DjangoModelFactory):
    """An image as a row, without files. Real ones come from `images.keep`."""

    class Meta:
        model = articles.Image

    title = factory.Sequence(lambda n: f"Image {n}")
    file = factory.Sequence(lambda n: f"images/{n:032x}.png")
    width = 4
    height = 3
    size = 100
    added_at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class FigureFactory(_BlockFactory):
    class Meta:
        model = articles.Figure

    image = factory.SubFactory(ImageFactory)
    alt = "A leg as a lever"


class TermFactory(DjangoModelFactory):
    class Meta:
        model = articles.Term

    name = factory.Sequence(lambda n: f"Term {n}")
    slug = factory.Sequence(lambda n: f"term-{n}")
    definition = "What it means in plain words."


class EditionFactory(DjangoModelFactory):
    """An edition as a row: for tests of lists and times. Real ones come from `publishing.publish`."""

    class Meta:
        model = articles.Edition

    topic = factory.SubFactory(TopicFactory)
    number = 1
    schema = 1
    content = factory.LazyFunction(dict)
    digest = "0" * 64
    body_html = "<p>It may help.</p>"
    category = factory.LazyAttribute(lambda edition: edition.topic.category)
    path = factory.LazyAttribute(lambda edition: edition.topic.path)
    title = factory.LazyAttribute(lambda edition: edition.topic.title)
    short_title = factory.LazyAttribute(lambda edition: edition.topic.short_title)
    teaser = factory.LazyAttribute(lambda edition: edition.topic.teaser)
    published_at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)
    go_live_at = factory.SelfAttribute("published_at")


class MessageFactory(DjangoModelFactory):
    class Meta:
        model = articles.Message

    subject = articles.Message.Subject.OTHER
    text = "I have a question."
    sent_at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class SignOffFactory(DjangoModelFactory):
    class Meta:
        model = articles.SignOff

    topic = factory.SubFactory(TopicFactory)
    kind = articles.SignOff.Kind.EDITORIAL
    digest = "0" * 64
    by = factory.SubFactory(UserFactory)
    at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class EventFactory(DjangoModelFactory):
    class Meta:
        model = articles.Event

    topic = factory.SubFactory(TopicFactory)
    action = "hand in"
    from_state = articles.Topic.State.DRAFTING
    to_state = articles.Topic.State.EDITING
    by = factory.SubFactory(UserFactory)
    at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class PreviewGrantFactory(DjangoModelFactory):
    """A link that works for a week from 22 November 2026 on."""

    class Meta:
        model = articles.PreviewGrant

    topic = factory.SubFactory(TopicFactory)
    for_whom = "A clinician"
    made_by = factory.SubFactory(UserFactory)
    made_at = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)
    expires_at = factory.LazyAttribute(lambda grant: grant.made_at + datetime.timedelta(days=7))


class PreviewVisitFactory(DjangoModelFactory):
    class Meta:
        model = articles.PreviewVisit

    grant = factory.SubFactory(PreviewGrantFactory)
    at = factory.SelfAttribute("grant.made_at")
    digest = "0" * 64


class OutsideLinkFactory(DjangoModelFactory):
    """A link that the edition `on` names, not asked for yet."""

    class Meta:
        model = articles.OutsideLink
        skip_postgeneration_save = True

    url = factory.Sequence(lambda n: f"https://site{n}.example.org/page")

    @factory.post_generation
    def on(self, create, extracted, **kwargs):
        if extracted is not None:
            self.editions.add(extracted)


class MissedSearchFactory(DjangoModelFactory):
    class Meta:
        model = articles.MissedSearch

    place = articles.MissedSearch.Place.SITE
    words = factory.Sequence(lambda n: f"word {n}")
    first_on = datetime.date(2026, 11, 1)
    last_on = datetime.date(2026, 11, 1)


class CheckpointFactory(DjangoModelFactory):
    """A checkpoint as a row: for tests of lists and times. Real ones come from `checkpoints.keep`."""

    class Meta:
        model = articles.Checkpoint

    topic = factory.SubFactory(TopicFactory)
    schema = 1
    content = factory.LazyFunction(dict)
    digest = factory.Sequence(lambda n: f"{n:064x}")
    by = factory.SubFactory(UserFactory)
    at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class CommentFactory(DjangoModelFactory):
    class Meta:
        model = articles.Comment

    topic = factory.SubFactory(TopicFactory)
    text = "Is this so?"
    by = factory.SubFactory(UserFactory)
    at = datetime.datetime(2026, 11, 1, 12, 0, tzinfo=datetime.UTC)


class NoticeFactory(DjangoModelFactory):
    """A notice of a move, not read and not sent yet."""

    class Meta:
        model = articles.Notice

    to = factory.SubFactory(UserFactory)
    kind = articles.Notice.Kind.MOVE
    topic = factory.SubFactory(TopicFactory)
    text = factory.LazyAttribute(lambda notice: f"“{notice.topic}” was handed in by writer.")
    at = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)


class TaskFactory(DjangoModelFactory):
    """A task that was done."""

    class Meta:
        model = DBTaskResult

    status = "SUCCESSFUL"
    task_path = "articles.tasks.mail_message"
    args_kwargs = factory.LazyFunction(lambda: {"args": [1], "kwargs": {}})
    backend_name = "default"
