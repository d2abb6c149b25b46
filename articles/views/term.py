"""The glossary."""

import string

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..models import Term


@require_safe
def term_list(request):
    letters = {letter: [] for letter in string.ascii_uppercase}
    others = []
    for term in Term.objects.a_to_z():
        letters.get(term.name[:1].upper(), others).append(term)
    filled = [letter for letter, found in letters.items() if found]
    return render(
        request, "articles/term_list.html", {"letters": letters, "filled": filled, "others": others}
    )
