"""Merchandising: what staff decide about searches, in force on every process as soon as it is saved.

Stage: service. Writes and reads the schema ``merchandising``. ``models`` is what staff may write, ``store`` keeps it,
``live`` holds it in memory, ``rules``, ``boosts`` and ``placement`` are what a search does with it (pure).
"""
