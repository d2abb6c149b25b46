"""Second factors in the admin: superusers see who has which, and remove them for who is locked out."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import admin

from . import factors

# The address of an account is the one of the account itself, and nothing here asks for a second one.
admin.site.unregister(EmailAddress)
# The form of django-allauth shows the secrets.
admin.site.unregister(Authenticator)


@admin.register(Authenticator)
class AuthenticatorAdmin(admin.ModelAdmin):
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    list_select_related = ["user"]
    search_fields = ["user__username", "user__email", "user__first_name", "user__last_name"]
    ordering = ["user__username", "type", "pk"]
    fields = readonly_fields = ["user", "type", "created_at", "last_used_at"]

    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_view_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_delete_permission(self, request, obj=None):
        return request.user.is_superuser

    def has_module_permission(self, request):
        return request.user.is_superuser

    def delete_model(self, request, obj):
        factors.remove(Authenticator.objects.filter(pk=obj.pk))

    def delete_queryset(self, request, queryset):
        factors.remove(queryset)
