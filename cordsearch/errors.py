"""What a person reads when something fails.

Every error a stage raises on purpose derives from :class:`CordSearchError`. Its message names
what failed, where, and what to do. The command line prints it without a stack trace.
"""


class CordSearchError(Exception):
    """A failure with a cause a person can act on."""


class SettingsError(CordSearchError):
    """A setting is missing or does not make sense."""


class DatabaseUnavailableError(CordSearchError):
    """PostgreSQL cannot be reached, refuses the login, or cannot be started."""


class ExtensionMissingError(CordSearchError):
    """The PostgreSQL server lacks pgvector or pg_trgm, or has a version that is too old."""
