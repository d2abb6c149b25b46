"""The glossary."""

from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..alphabet import by_letter
from ..models import Term


@require_safe
def term_list(request):
    letters = by_letter(Term.objects.a_to_z(), lambda term: term.name)
    return render(request, "articles/term_list.html", {"letters": letters})
