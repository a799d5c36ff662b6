"""When data counts as stale: one rule for the command line, the service and its metrics. Pure."""


def past(age_seconds: float | None, limit_seconds: float) -> bool:
    """Whether an age is past its limit. An unknown age is not judged; a limit of 0 is none."""
    return age_seconds is not None and 0 < limit_seconds < age_seconds


def table_is_stale(look_age: float | None, unpublished_age: float | None, limit: float) -> bool:
    """Whether a table was not looked at, or its changes were not published, for longer than ``limit``; all in seconds.

    The age of its newest change says nothing: a table in which nothing changes is not stale.
    """
    return past(look_age, limit) or past(unpublished_age, limit)
