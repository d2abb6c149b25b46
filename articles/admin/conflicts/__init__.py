"""Nothing is overwritten silently: the change form of a topic knows what it was opened on."""

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import flatten_fieldsets, unquote
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from evidence.admin.autocomplete import is_key

from ... import conflicts
from ...models import Topic
from ...permissions import name_of
from ..of_topic import OfTopicMixin
from .asking import questions
from .merging import OPENED_ON, SEEN, TAKE, TAKE_ALL, choices, put_together
from .posting import Said, management, opened


class ConflictsMixin(OfTopicMixin):
    """Merges what two people changed in a topic, and asks about what both changed."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        if request.method != "POST" or object_id is None:
            return super().changeform_view(request, object_id, form_url, extra_context)
        with transaction.atomic():
            topic = self._locked(request, object_id)
            if topic is not None and self.has_change_permission(request, topic):
                question = self._reconcile(request, topic)
                if question is not None:
                    return question
            return super().changeform_view(request, object_id, form_url, extra_context)

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if change:
            context["opened_on"] = (
                request.POST.get(OPENED_ON, "")
                if request.method == "POST"
                else opened(context["adminform"].form, context["inline_admin_formsets"]).token(obj.pk)
            )
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    def _locked(self, request, object_id):
        """The topic, held until this save is over: nobody else saves or publishes it meanwhile."""
        key = unquote(object_id)
        if not is_key(key):
            return None
        Topic.objects.locked().filter(pk=key).first()
        return self.get_object(request, key)

    def _reconcile(self, request, topic):
        """Put what this person and others changed into `request` together, or return the page that asks."""
        form, formsets = self._unbound(request, topic)
        if not all(management(request.POST, formset.prefix).is_valid() for formset in formsets):
            return None  # the form itself complains
        theirs = Said.in_forms(form, formsets)
        now = theirs.version.token(topic.pk)
        if request.POST.get(OPENED_ON) == now:
            return None
        base = conflicts.Version.read(request.POST.get(OPENED_ON, ""), topic.pk)
        mine = Said.posted(form, formsets, request.POST)
        merge = conflicts.merge(base=base, mine=mine.version, theirs=theirs.version)
        asked = merge
        if request.POST.get(SEEN) == now:
            merge = merge.settled(choices(request.POST, merge))
        if not merge.is_settled:
            return self._ask(request, topic, asked, mine, theirs, now)
        put_together(request, merge, mine, theirs, token=now)
        if asked == merge and merge.takes_theirs:
            who = self._last_saved_by(request, topic)
            messages.info(
                request,
                f"{who} saved this topic while you had it open. Both what you and what they changed is kept.",
            )
        return None

    def _unbound(self, request, topic):
        """The form and the formsets of the topic as somebody who opens them now gets them."""
        fields = flatten_fieldsets(self.get_fieldsets(request, topic))
        form = self.get_form(request, topic, change=True, fields=fields)(instance=topic)
        formsets = [
            make(instance=topic, prefix=make.get_default_prefix(), queryset=inline.get_queryset(request))
            for make, inline in self.get_formsets_with_inlines(request, topic)
        ]
        return form, formsets

    def _last_saved_by(self, request, topic):
        entry = (
            LogEntry.objects.filter(
                content_type=ContentType.objects.get_for_model(Topic), object_id=str(topic.pk)
            )
            .select_related("user")
            .order_by("-action_time", "-pk")
            .first()
        )
        if entry is None:
            return "Somebody"
        if entry.user == request.user:
            return "You yourself, in another window,"
        return name_of(entry.user)

    def _ask(self, request, topic, merge, mine, theirs, now):
        asked = list(questions(request, merge, mine, theirs))
        context = {
            "title": "Somebody else saved this topic",
            "who": self._last_saved_by(request, topic),
            "questions": asked,
            "n_asked": sum(question.is_asked for question in asked),
            "typed": [
                (name, value)
                for name, values in request.POST.lists()
                if name not in ("csrfmiddlewaretoken", SEEN, TAKE_ALL) and not name.startswith(TAKE)
                for value in values
            ],
            "seen": now,
            "incomplete": SEEN in request.POST,
            "changed_again": SEEN in request.POST and request.POST[SEEN] != now,
        }
        return self._page(request, topic, "conflict", context)
