"""Admin of messages: read, answered by e-mail, marked as answered."""

from django.contrib import admin, messages
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import Truncator

from ..models import Message


class AnsweredFilter(admin.SimpleListFilter):
    title = "answered"
    parameter_name = "answered"

    def lookups(self, request, model_admin):
        return [("no", "Waiting for an answer"), ("yes", "Answered")]

    def queryset(self, request, queryset):
        if self.value() == "no":
            return queryset.unanswered()
        if self.value() == "yes":
            return queryset.filter(answered_at__isnull=False)
        return queryset


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin):
    list_display = ("excerpt", "subject", "name", "sent_at", "answered_at")
    list_filter = (AnsweredFilter, "subject")
    list_select_related = ()
    list_per_page = 50
    ordering = ("-sent_at", "-pk")
    search_fields = ("text", "name", "email", "page")
    fields = ("subject", "sent_at", "sender", "reply_to", "about", "text", "answered_at")
    readonly_fields = fields
    actions = ("mark_answered",)

    # What a reader wrote is never rewritten; answering is the one change.

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return super().has_view_permission(request, obj) or self.has_answer_permission(request)

    def has_answer_permission(self, request):
        return request.user.has_perm("articles.change_message")

    @admin.action(description="Mark the selected messages as answered", permissions=["answer"])
    def mark_answered(self, request, queryset):
        count = queryset.unanswered().update(answered_at=timezone.now())
        self.message_user(
            request,
            f"{count} {'message' if count == 1 else 'messages'} marked as answered.",
            messages.SUCCESS if count else messages.WARNING,
        )

    @admin.display(description="message")
    def excerpt(self, message):
        return Truncator(message.text).words(12)

    @admin.display(description="from")
    def sender(self, message):
        return message.name or "No name given"

    @admin.display(description="reply to")
    def reply_to(self, message):
        if not message.email:
            return "No address given: no answer is expected."
        return format_html('<a href="mailto:{0}">{0}</a>', message.email)

    @admin.display(description="about the page")
    def about(self, message):
        return message.page or "–"
