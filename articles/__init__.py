"""Topic pages: the editors' working copy, the editions made of it, and the public pages."""
