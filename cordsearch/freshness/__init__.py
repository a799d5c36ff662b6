"""Freshness as numbers. Reads the bookkeeping of every stage; writes schema ``freshness``, which the service reads.

What each number means is in docs/freshness.md.
"""

from cordsearch.freshness.observation import FreshnessError, observe, observed

__all__ = ["FreshnessError", "observe", "observed"]
