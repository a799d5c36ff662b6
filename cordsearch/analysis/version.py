"""Which rules of analysis the stored lexemes were made by.

Stage: text analysis. Reads and writes nothing. Documents and dictionary hold lexemes; after a release that makes other
ones, a query would no longer meet them. The embedding job compares this number with the one in the warehouse and
writes everything anew when they differ. ``tests/unit/analysis/test_version.py`` fails when the lexemes change and the
number does not.
"""

from typing import Final

ANALYSIS_VERSION: Final = 3
"""Raise it whenever some text gets other lexemes, positions or weights than before."""
