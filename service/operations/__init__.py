"""What staff see of a running system: the numbers behind the page at ``/ops``.

Stage: service, on request of staff. Reads schemas ``freshness``, ``worker`` and ``embeddings`` and the service's own
counters; writes nothing.
"""
