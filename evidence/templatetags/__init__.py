"""How evidence is put into words on pages."""
