"""Studies, populations, interventions and outcomes: everything that a page may rest on."""
