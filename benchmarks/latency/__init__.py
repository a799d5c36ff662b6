"""How fast answers come: over HTTP, from a real server process, on queries drawn from the catalogue it serves.

Read in this order: ``queries`` (what is asked), ``loops`` (who asks, and what is timed), ``processes`` (what it costs
the machine), ``figures`` (percentiles), ``service_part`` (one service measured, quiet), ``writes`` (beside changes),
``scale`` (sizes), ``peers`` (other engines), ``report``, ``plots`` and ``baseline`` (what comes of it).
"""
