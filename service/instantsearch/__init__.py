"""The adapter for InstantSearch: the requests of the public ``algoliasearch`` client, answered by this service.

Stage: service, HTTP. A request is read (``asked``, ``conditions``), said in the words of the search (``narrowing``),
answered by the same search as everybody's, and its answer said in the words of the client (``answers``).
docs/instantsearch.md says what a shop must change and what is not supported.
"""
