"""PostgreSQL: a generated tsvector column on the searched table, with a GIN index.

The column is unknown to Django, which names the columns it reads and writes. It is stored, because
ranking would otherwise parse the text of every match again. The text search configuration `wellness`
is English stemming without stop words, accents removed where the extension `unaccent` may be used.
"""

# ruff: noqa: S608  table and column names are declared, never typed by people; everything else is bound

from collections.abc import Sequence

from django.db import DatabaseError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import truncate_name

from ..index import WEIGHTS, TextIndex
from ..query import Query, Term

COLUMN = "text_vector"

# PostgreSQL fails to save a text with too many different words (a tsvector holds 1 MB at most).
MAX_CHARACTERS = 100_000

# Its parser reads "omega-3" as a negative number and "knee/ankle" as a file name. With blanks in their
# place both are words, as in SQLite. Every mark becomes one blank: positions in the text stay the same.
_MARKS = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
_MARKS += "\u00a0¡¦§¨©«¬®¯°±´¶·¸»¿×÷‐‑‒–—―‘’‚‛“”„‟†‡•…‰′″‹›⁄™−≈≠≤≥\u2009\u202f"
_BLANKS = " " * len(_MARKS)

_COMMENT = "search: "


def existing(connection: BaseDatabaseWrapper) -> set[str]:
    """The tables that have a text index, also such as nobody declares any more."""
    return set(_comments(connection))


def is_current(connection: BaseDatabaseWrapper, index: TextIndex) -> bool:
    """Whether the column is there as `index` declares it, made with today's configuration, and indexed."""
    has_unaccent = _configure(connection)
    if _comments(connection).get(index.table) != _comment(index, has_unaccent):
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [f'"{_gin(index.table)}"'])
        return bool(cursor.fetchone()[0])


def build(connection: BaseDatabaseWrapper, index: TextIndex) -> None:
    """Make the column and its GIN index anew: PostgreSQL writes the whole table once."""
    has_unaccent = _configure(connection)
    remove(connection, index.table)
    with connection.cursor() as cursor:
        cursor.execute(
            f'ALTER TABLE "{index.table}" ADD COLUMN {COLUMN} tsvector'
            f" GENERATED ALWAYS AS ({_vector(index)}) STORED"
        )
        cursor.execute(f'CREATE INDEX "{_gin(index.table)}" ON "{index.table}" USING gin ({COLUMN})')
        # Without parameters, so that a % in the comment stays one.
        comment = _comment(index, has_unaccent).replace("'", "''")
        cursor.execute(f"COMMENT ON COLUMN \"{index.table}\".{COLUMN} IS '{comment}'")


def remove(connection: BaseDatabaseWrapper, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f'ALTER TABLE IF EXISTS "{table}" DROP COLUMN IF EXISTS {COLUMN}')


def stand_aside(connection: BaseDatabaseWrapper, table: str) -> None:
    """Drop what would hinder changes to the columns: the generated column. Search fails until it is back."""
    remove(connection, table)


def ids(index: TextIndex, query: Query) -> tuple[str, list[str]]:
    """SQL of the matching primary keys, with its parameters. `query` is not empty.

    Materialised, because the planner otherwise likes to walk the primary key for a rare word.
    What is looked for and what is excluded are two conditions: words that the parser drops, such as
    letters it does not know, then never leave a bare exclusion that matches everything else.
    """
    where, parameters = f"{COLUMN} @@ to_tsquery('wellness', %s)", [_all(query.required)]
    if query.excluded:
        where += f" AND NOT {COLUMN} @@ to_tsquery('wellness', %s)"
        parameters.append(_any(query.excluded))
    return (
        f'WITH matching AS MATERIALIZED (SELECT id FROM "{index.table}" WHERE {where})'
        f" SELECT id FROM matching",
        parameters,
    )


def rank(index: TextIndex, query: Query, key: str) -> tuple[str, list[str]]:
    """SQL of the weighted ts_rank of the row whose primary key is the SQL `key`; more is better.

    Divided by 1 + the logarithm of the length, because long texts hold every word. A float8, which comes
    back to the database as it left: ts_rank gives a float4, and none equals what Python makes of it.
    """
    weights = ", ".join(str(WEIGHTS[weight] / WEIGHTS["A"]) for weight in ("D", "C", "B", "A"))
    one = f"ts_rank('{{{weights}}}', ranked.{COLUMN}, to_tsquery('wellness', %s), 1)"
    # The finished word is ranked once more by itself, so that it comes above longer ones that begin with
    # it; ts_rank takes 'iron' | 'iron':* for one word.
    parameters = [_all(query.required), *(_phrase(term) for term in query.required if term.is_prefix)]
    return (
        f"SELECT ({' + '.join([one] * len(parameters))})::float8"
        f' FROM "{index.table}" ranked WHERE ranked.id = {key}',
        parameters,
    )


def mark(
    connection: BaseDatabaseWrapper, texts: Sequence[str], query: Query, *, opening: str, closing: str
) -> list[str]:
    """`texts` with the words of `query` between `opening` and `closing`, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ts_headline('wellness', translate(body, %s, %s), to_tsquery('wellness', %s), %s)"
            " FROM unnest(%s::text[]) WITH ORDINALITY AS page (body, place) ORDER BY place",
            [
                _MARKS,
                _BLANKS,
                _any(query.required),
                f'HighlightAll=true, StartSel="{opening}", StopSel="{closing}"',
                [text.replace("\0", " ") for text in texts],
            ],
        )
        headlines = [headline for (headline,) in cursor.fetchall()]
    return [
        _restored(text, headline, opening=opening, closing=closing)
        for text, headline in zip(texts, headlines, strict=True)
    ]


def _restored(text: str, headline: str, *, opening: str, closing: str) -> str:
    """The marks of `headline`, which is `text` with blanks for punctuation, set into `text` itself."""
    if len(headline.replace(opening, "").replace(closing, "")) != len(text):
        return text  # PostgreSQL leaves out words of more than 2 KB: better no marks than wrong ones
    restored = []
    place = 0
    for character in headline:
        if character in (opening, closing):
            restored.append(character)
        else:
            restored.append(text[place])
            place += 1
    return "".join(restored)


def _all(terms: Sequence[Term]) -> str:
    return " & ".join(_term(term) for term in terms)


def _any(terms: Sequence[Term]) -> str:
    return " | ".join(_term(term) for term in terms)


def _term(term: Term) -> str:
    return f"({_phrase(term)}:*)" if term.is_prefix else f"({_phrase(term)})"


def _phrase(term: Term) -> str:
    # Words are letters and digits only, so that nothing can end the quoted string.
    return " <-> ".join(f"'{word}'" for word in term.words)


def _vector(index: TextIndex) -> str:
    marks = _MARKS.replace("'", "''")
    return " || ".join(
        f"setweight(to_tsvector('wellness',"
        f" translate(left(coalesce(\"{column}\"::text, ''), {MAX_CHARACTERS}), '{marks}', '{_BLANKS}')"
        f"), '{weight}')"
        for column, weight in index.columns.items()
    )


def _gin(table: str) -> str:
    return truncate_name(f"{table}_text", 63)


def _comment(index: TextIndex, has_unaccent: bool) -> str:
    """What the column was made from, kept with it: PostgreSQL's own wording of the expression varies."""
    return f"{_COMMENT}{'unaccent' if has_unaccent else 'plain'} {_vector(index)}"


def _comments(connection: BaseDatabaseWrapper) -> dict[str, str]:
    """Table -> comment of its text column."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, coalesce(col_description(c.oid, a.attnum), '')"
            " FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE a.attname = %s AND NOT a.attisdropped AND c.relkind = 'r' AND pg_table_is_visible(c.oid)",
            [COLUMN],
        )
        return {table: comment for table, comment in cursor.fetchall() if comment.startswith(_COMMENT)}


def _configure(connection: BaseDatabaseWrapper) -> bool:
    """Make the text search configuration if it is missing. Returns whether it removes accents."""
    unaccent = _unaccent(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT obj_description(oid, 'pg_ts_config') FROM pg_ts_config"
            " WHERE cfgname = 'wellness' AND pg_ts_config_is_visible(oid)"
        )
        found = cursor.fetchone()
        if found is None:
            # Without a file of stop words, unlike PostgreSQL's own english_stem.
            cursor.execute(
                "CREATE TEXT SEARCH DICTIONARY wellness_stem"
                " (TEMPLATE = pg_catalog.snowball, Language = english)"
            )
            cursor.execute("CREATE TEXT SEARCH CONFIGURATION wellness (COPY = pg_catalog.english)")
        wanted = f"{_COMMENT}{'unaccent' if unaccent else 'plain'}"
        if found is None or found[0] != wanted:
            change = "ALTER TEXT SEARCH CONFIGURATION wellness ALTER MAPPING FOR"
            words = "asciiword, asciihword, hword_asciipart, word, hword, hword_part"
            fold = f"{unaccent}, " if unaccent else ""
            cursor.execute(f"{change} {words} WITH {fold}wellness_stem")
            cursor.execute(f"{change} numword WITH {fold}pg_catalog.simple")
            cursor.execute(f"COMMENT ON TEXT SEARCH CONFIGURATION wellness IS '{wanted}'")
    return unaccent is not None


def _unaccent(connection: BaseDatabaseWrapper) -> str | None:
    """The quoted name of the dictionary `unaccent`, installed if that is allowed; None if it is not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_extension WHERE extname = 'unaccent'")
        if cursor.fetchone() is None:
            try:
                with transaction.atomic(using=connection.alias):
                    cursor.execute("CREATE EXTENSION IF NOT EXISTS unaccent")
            except DatabaseError:
                return None
        cursor.execute(
            "SELECT quote_ident(n.nspname) || '.unaccent' FROM pg_ts_dict d"
            " JOIN pg_namespace n ON n.oid = d.dictnamespace WHERE d.dictname = 'unaccent'"
        )
        found = cursor.fetchone()
    return found[0] if found else None
