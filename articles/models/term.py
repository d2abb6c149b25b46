"""Words that a page may explain."""

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse

import search
from search.stored import ReadableJSON, is_list_of_texts


class TermQuerySet(models.QuerySet):
    def matching(self, query):
        """That hold the words of `query`, with the annotation `rank`."""
        return search.filter(self, Term.text_index, query)

    def a_to_z(self):
        return self.order_by(models.functions.Lower("name"))


class Term(models.Model):
    """A word of the glossary with its meaning in plain language."""

    name = models.CharField(max_length=80, unique=True)
    slug = models.SlugField(max_length=80, unique=True)
    definition = models.TextField(max_length=600, help_text="One or two plain sentences.")
    synonyms = models.JSONField(
        encoder=ReadableJSON, default=list, blank=True, help_text="Other words for the same, as a JSON list."
    )

    objects = TermQuerySet.as_manager()

    text_index = search.TextIndex(
        name="term", table="articles_term", columns={"name": "A", "synonyms": "A", "definition": "B"}
    )

    class Meta:
        verbose_name = "glossary term"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return f"{reverse('articles:term_list')}#{self.slug}"

    def clean(self):
        super().clean()
        if not is_list_of_texts(self.synonyms):
            raise ValidationError({"synonyms": "Give a JSON list of texts."})


search.register(Term.text_index)
