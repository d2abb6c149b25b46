"""A model of the tests' own: search is the lowest layer and knows none of the project's."""

from django.db import models

import search


class Recipe(models.Model):
    """A title and a text. Its table comes with the test database: search has no migrations."""

    title = models.CharField(max_length=200)
    summary = models.TextField(blank=True)
    note = models.TextField(null=True, blank=True)
    is_public = models.BooleanField(default=True)

    text_index = search.TextIndex(
        name="recipe", table="search_recipe", columns={"title": "A", "summary": "B", "note": "D"}
    )

    class Meta:
        app_label = "search"

    def __str__(self):
        return self.title


search.register(Recipe.text_index)
