"""What shoppers did: the query log, their clicks and purchases, and what the service learns from them.

Stage: service. Writes schema ``events``, always in the background; searches read only what is kept in memory.
"""
