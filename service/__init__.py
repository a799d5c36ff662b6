"""Stage: VECTORS -> ANSWERS. Reads the marts; answers search and autocomplete over HTTP."""
