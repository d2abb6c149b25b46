"""Notices in the admin: each person's own, nobody else's, and how they want to hear of things."""

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from .. import notices, permissions
from ..models import Notice, NoticeChoice

PER_PAGE = 50


class ChoicesForm(forms.Form):
    """One choice for each kind of notice."""

    def __init__(self, *args, chosen, **kwargs):
        super().__init__(*args, **kwargs)
        for kind, delivery in chosen.items():
            self.fields[kind.name.lower()] = forms.ChoiceField(
                label=kind.label,
                choices=NoticeChoice.Delivery.choices,
                initial=delivery.value,
                widget=forms.RadioSelect,
            )

    @property
    def deliveries(self):
        return {
            kind: NoticeChoice.Delivery(self.cleaned_data[kind.name.lower()])
            for kind in Notice.Kind
            if kind.name.lower() in self.cleaned_data
        }


def urls(site):
    """The addresses of the notices in the admin `site`."""

    def page(view):
        def with_site(request, **kwargs):
            permissions.require(request.user, "view")
            return view(request, site=site, **kwargs)

        return site.admin_view(with_site)

    return [
        path("notices/", page(require_safe(notice_list)), name="notices"),
        path("notices/choices/", page(notice_choices), name="notice_choices"),
        path("notices/read/", page(require_POST(notices_read)), name="notices_read"),
        path("notices/<int:pk>/", page(require_safe(notice_open)), name="notice_open"),
        path("notices/<int:pk>/read/", page(require_POST(notice_read)), name="notice_read"),
    ]


def notice_list(request, *, site):
    rows = _own(request).select_related("topic", "event", "comment").newest_first()
    context = {
        **site.each_context(request),
        "title": "Notices",
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
    }
    return TemplateResponse(request, "admin/notices/list.html", context)


def notice_open(request, *, site, pk):
    """To what the notice is about. Opening it is reading it; doing so twice changes nothing."""
    notice = get_object_or_404(_own(request).select_related("comment"), pk=pk)
    notices.read(notices=_own(request).filter(pk=pk), at=timezone.now())
    return HttpResponseRedirect(_about(notice))


def notice_read(request, *, site, pk):
    get_object_or_404(_own(request), pk=pk)
    notices.read(notices=_own(request).filter(pk=pk), at=timezone.now())
    return HttpResponseRedirect(reverse("admin:notices"))


def notices_read(request, *, site):
    n_read = notices.read(notices=_own(request), at=timezone.now())
    if n_read:
        messages.success(request, f"{n_read} {'notice' if n_read == 1 else 'notices'} marked as read.")
    return HttpResponseRedirect(reverse("admin:notices"))


def notice_choices(request, *, site):
    chosen = notices.choices_of(request.user)
    form = ChoicesForm(request.POST if request.method == "POST" else None, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        notices.choose(user=request.user, deliveries=form.deliveries)
        messages.success(request, "Your choices are saved.")
        return HttpResponseRedirect(reverse("admin:notice_choices"))
    context = {**site.each_context(request), "title": "How I hear of things", "form": form}
    return TemplateResponse(
        request, "admin/notices/choices.html", context, status=400 if form.errors else 200
    )


def _about(notice):
    comment = notice.comment
    if comment is None:
        return reverse("admin:articles_topic_change", args=[notice.topic_id])
    thread = comment.pk if comment.thread_id is None else comment.thread_id
    return f"{reverse('admin:articles_topic_comments', args=[notice.topic_id])}#comment-{thread}"


def _own(request):
    return Notice.objects.filter(to=request.user)
