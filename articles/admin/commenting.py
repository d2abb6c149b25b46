"""Comments on topics: beside the form, beside the preview, and on a page of their own."""

import uuid

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from .. import commenting, freezing, permissions, rendering
from ..models import Comment, Topic
from .checking import places_in_form
from .of_topic import OfTopicMixin

# Where a script shows threads: it gets them drawn for that place, and puts them there.
BESIDE = ("form", "preview")
PREVIEW_FRAME = "preview-of-comments"


class CommentForm(forms.Form):
    """A new comment: about what, on which words, and what it says."""

    about = forms.ChoiceField(label="About", initial="page")
    quote = forms.CharField(
        label="Words",
        required=False,
        help_text="Optional: the words that you mean, as they stand there.",
        widget=forms.TextInput(attrs={"class": "vTextField", "maxlength": commenting.LONGEST_QUOTE}),
    )
    text = forms.CharField(
        label="Comment",
        help_text="Tell somebody on the staff by @ and their user name.",
        widget=forms.Textarea(
            attrs={"class": "vLargeTextField", "rows": 4, "maxlength": commenting.LONGEST_TEXT}
        ),
    )

    def __init__(self, *args, content, **kwargs):
        super().__init__(*args, auto_id="id_comment_%s", label_suffix="", **kwargs)
        groups = commenting.places(content)
        self.places = {place.key: place for _, group in groups for place in group}
        self.fields["about"].choices = [
            (name, [(place.key, _in_group(place, name)) for place in group]) for name, group in groups
        ]

    def clean_about(self):
        return self.places[self.cleaned_data["about"]]


class AnswerForm(forms.Form):
    """What an answer, or a comment that is changed, says."""

    text = forms.CharField(label="Comment")


class OpenCommentsFilter(admin.SimpleListFilter):
    title = "comments"
    parameter_name = "comments"

    def lookups(self, request, model_admin):
        return [("open", "Open comments")]

    def queryset(self, request, queryset):
        if self.value() == "open":
            return queryset.filter(commenting.with_open_threads())
        return queryset


class CommentingMixin(OfTopicMixin):
    """Adds comments to the admin of topics: whoever may look at a topic may comment on it."""

    def get_urls(self):
        view = self.admin_site.admin_view
        one = "<path:object_id>/comments/<int:comment>"
        return [
            path("<path:object_id>/comments/", view(self.comments_view), name="articles_topic_comments"),
            *(
                path(f"{one}/{what}/", view(require_POST(does)), name=f"articles_topic_comment_{what}")
                for what, does in (
                    ("answer", self.answer_view),
                    ("change", self.change_comment_view),
                    ("remove", self.remove_comment_view),
                    ("resolve", self.resolve_view),
                    ("reopen", self.reopen_view),
                )
            ),
            *super().get_urls(),
        ]

    def render_change_form(self, request, context, add=False, change=False, form_url="", obj=None):
        if obj is not None and permissions.may(request.user, "comment", obj):
            # A form with errors leaves half-filled fields behind: read the topic again.
            saved = Topic.objects.select_related("category", "intervention").get(pk=obj.pk)
            context["frozen"] = freezing.freeze(saved)
            context["commenting"] = self.comments_for(request, saved, context["frozen"], beside="form")
            context["commented_blocks"] = _blocks_in_form(context)
        return super().render_change_form(
            request, context, add=add, change=change, form_url=form_url, obj=obj
        )

    # Pages

    def comments_view(self, request, object_id):
        """All threads of the topic; on POST one more."""
        topic = self._topic(request, object_id, "comment")
        content = freezing.freeze(topic)
        if request.method != "POST":
            return self._comments(request, topic, content=content)
        form = CommentForm(request.POST, content=content)
        if form.is_valid():
            about = form.cleaned_data["about"]
            try:
                commenting.comment(
                    topic=topic,
                    by=request.user,
                    at=timezone.now(),
                    text=form.cleaned_data["text"],
                    block_uid=about.uid,
                    field=about.field,
                    quote=form.cleaned_data["quote"],
                )
            except commenting.NotCommentable as error:
                form.add_error(None, ValidationError(str(error)))
            else:
                return self._commented(request, topic, "The comment is kept.", content=content)
        return self._comments(request, topic, content=content, form=form, status=422)

    def answer_view(self, request, object_id, comment):
        def answer(thread, text):
            commenting.answer(thread=thread, by=request.user, at=timezone.now(), text=text)

        return self._say(request, object_id, comment, "answer", answer, "The answer is kept.")

    def change_comment_view(self, request, object_id, comment):
        def change(own, text):
            commenting.change(comment=own, by=request.user, at=timezone.now(), text=text)

        return self._say(request, object_id, comment, "change", change, "The comment is changed.")

    def remove_comment_view(self, request, object_id, comment):
        def remove(own):
            commenting.remove(comment=own, by=request.user)

        return self._do(request, object_id, comment, remove, "The comment is removed.")

    def resolve_view(self, request, object_id, comment):
        def resolve(thread):
            commenting.resolve(thread=thread, by=request.user, at=timezone.now())

        return self._do(request, object_id, comment, resolve, "The comment is resolved.", thread=True)

    def reopen_view(self, request, object_id, comment):
        def reopen(thread):
            commenting.reopen(thread=thread)

        return self._do(request, object_id, comment, reopen, "The comment is open again.", thread=True)

    # What they share

    def comments_for(self, request, topic, content, *, beside="", form=None, refused=None):
        """What `_comments.html` shows of the threads of a topic as they stand in its frozen content."""
        threads = commenting.threads(topic, content)
        places = (
            _places_in_preview(topic, content) if beside == "preview" else _places_in_form(topic, content)
        )
        for thread in threads:
            thread.comment.url = places.get(str(thread.place.uid or thread.place.field), "")
        return {
            "topic": topic,
            "beside": beside,
            "frame": PREVIEW_FRAME if beside == "preview" else "",
            "user": request.user,
            "form": form or CommentForm(content=content),
            "refused": refused,
            "open": [thread for thread in threads if thread.is_open],
            "resolved": [thread for thread in threads if not thread.is_open],
        }

    def _say(self, request, object_id, key, what, does, done):
        """Answer or change: like `_do`, with a text that is shown again if it was refused."""
        topic = self._topic(request, object_id, "comment")
        comment = _comment(topic, key, thread=what == "answer")
        if what == "change":
            commenting.require_own(comment=comment, by=request.user)
        form = AnswerForm(request.POST)
        error = " ".join(form.errors.get("text", []))
        if not error:
            try:
                does(comment, form.cleaned_data["text"])
            except commenting.NotCommentable as problem:
                error = str(problem)
            else:
                return self._commented(request, topic, done)
        typed = request.POST.get("text", "").replace("\0", "")
        refused = {"what": what, "key": comment.pk, "text": typed, "error": error}
        return self._comments(request, topic, refused=refused, status=422)

    def _do(self, request, object_id, key, does, done, *, thread=False):
        topic = self._topic(request, object_id, "comment")
        try:
            does(_comment(topic, key, thread=thread))
        except commenting.NotCommentable as error:
            return self._commented(request, topic, str(error), level=messages.WARNING)
        return self._commented(request, topic, done)

    def _commented(self, request, topic, said, *, level=messages.SUCCESS, content=None):
        """The way back after something was done: to a script the new threads, else the page with them."""
        if _asks_for_part(request):
            return self._comments(request, topic, content=content, said=said)
        messages.add_message(request, level, said)
        return HttpResponseRedirect(reverse("admin:articles_topic_comments", args=[topic.pk]))

    def _comments(self, request, topic, *, content=None, form=None, refused=None, said="", status=200):
        content = freezing.freeze(topic) if content is None else content
        is_part = _asks_for_part(request)
        beside = request.GET.get("beside", "") if is_part else ""
        context = {
            "title": "Comments",
            "said": said,
            "commenting": self.comments_for(
                request,
                topic,
                content,
                beside=beside if beside in BESIDE else "",
                form=form,
                refused=refused,
            ),
        }
        return self._page(request, topic, "_comments" if is_part else "comments", context, status=status)


def _asks_for_part(request):
    return request.headers.get("X-Requested-With") == "fetch"


def _comment(topic, key, *, thread):
    """A comment of this topic; those of any other are not found, nor are answers where a thread is meant."""
    rows = Comment.objects.threads() if thread else Comment.objects.all()
    found = rows.filter(topic=topic, pk=key).first() if key < 2**63 else None
    if found is None:
        raise Http404("There is no such comment.")
    return found


def _in_group(place, name):
    """The place as its group in a list of choices names it."""
    if place.uid is None:
        return place.label
    fields = place.label.removeprefix(f"{name}, ")
    return fields.capitalize() if place.field else "The whole block"


def _blocks_in_form(context):
    """The element of each saved block in the form: uid -> id."""
    return {
        str(row.instance.uid): row.prefix
        for inline in context.get("inline_admin_formsets", [])
        for row in inline.formset.forms
        if row.instance.pk is not None and isinstance(getattr(row.instance, "uid", None), uuid.UUID)
    }


def _places_in_form(topic, content):
    """Where each block (by uid) and each field (by name) stands in the form."""
    form = reverse("admin:articles_topic_change", args=[topic.pk])
    fields = {name: f"{form}#id_{name}" for name in commenting.PAGE_FIELDS}
    return fields | places_in_form(topic, content)


def _places_in_preview(topic, content):
    """Where each block (by uid) and some fields (by name) stand in the framed preview."""
    page = reverse("admin:articles_topic_preview_page", args=[topic.pk])
    places = {block["uid"]: f"{page}#{rendering.place_in_preview(block)}" for block in content["blocks"]}
    return places | {
        "key_points": f"{page}#glance",
        "not_known": f"{page}#unknown",
        "title": f"{page}#main",
        "subtitle": f"{page}#main",
        "standfirst": f"{page}#main",
    }
