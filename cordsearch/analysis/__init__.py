"""Text analysis shared by both sides of the search.

Stage: used while indexing (``embeddings``) and while understanding a query (``service``), so that both
sides see the same tokens and the same lexemes. Reads: text. Writes: nothing. Everything here is pure: no
I/O, no settings, no clock.
"""
