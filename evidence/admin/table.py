"""Rows of fields under the heads of columns."""

from django.contrib import admin


class TableInline(admin.TabularInline):
    """A TabularInline whose fields carry their names for people who do not see the head of the column."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            field.widget.attrs.setdefault("aria-label", str(field.label))
        return field
