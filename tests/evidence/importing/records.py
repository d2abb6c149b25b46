"""Records of an import file for tests: the least that is valid, and one with everything."""

import json


def record(slug="miller-1987", **fields):
    """A small valid study."""
    return {"slug": slug, "label": "Miller 1987", "design": "crossover trial", "state": "published", **fields}


def full_record(slug="duclos-2014", **fields):
    """A study with a row of every kind."""
    return {
        "slug": slug,
        "label": "Duclos 2014",
        "title": "Ankle weights on the weaker leg",
        "design": "crossover trial",
        "state": "published",
        "year": 2014,
        "countries": ["CA"],
        "n_enrolled": 10,
        "n_analysed": 10,
        "interests_declared": False,
        "summary": "Ten people walked with and without a weight.",
        "caveats": ["Read in the abstract only."],
        "sources": ["https://example.org/duclos"],
        "reports": [
            {
                "is_primary": True,
                "title": "Ankle weights on the weaker leg",
                "authors": ["Duclos NC"],
                "doi": "https://doi.org/10.1234/ABC.1",
                "pmid": "123456",
            },
            {"kind": "registration", "nct": "NCT03630471", "retraction_checked_on": "2026-11-01"},
        ],
        "samples": [
            {"n": 10, "populations": [{"population": "older-adults", "share": "most"}]},
            {
                "label": "Women",
                "parent": "All participants",
                "n": 4,
                "percent_female": 100,
                "populations": [{"population": "female"}],
            },
        ],
        "arms": [
            {"label": "With weights", "interventions": ["ankle-weights"], "load": 1.36, "load_unit": "kg"},
            {"label": "Without", "role": "same without"},
        ],
        "results": [
            {
                "key": "gait-speed",
                "sample": "All participants",
                "arm": "With weights",
                "comparator": "Without",
                "outcome": "gait-speed",
                "measure": "md",
                "unit": "m/s",
                "estimate": 0.07,
                "ci_low": 0.0,
                "ci_high": 0.14,
            },
            {
                "key": "before-after",
                "sample": "Women",
                "arm": "With weights",
                "outcome": "gait-speed",
                "measure": "narrative",
                "finding": "Speed rose.",
                "report": "NCT03630471",
            },
        ],
        "appraisals": [
            {
                "tool": "rob-2",
                "judgement": "some",
                "appraised_on": "2026-11-22",
                "domains": [{"domain": "D1", "judgement": "low"}, {"domain": "D2", "judgement": "high"}],
            },
            {"tool": "rob-2", "result": "gait-speed", "judgement": "high", "is_demonstration": True},
        ],
        **fields,
    }


def file_of(*studies, **fields):
    """The bytes of an import file."""
    root = {"format": "wellness-evidence", "version": 1, "studies": list(studies), **fields}
    return json.dumps(root).encode()
