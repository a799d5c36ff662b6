"""Health check of the worker's container: has a worker said in the last half minute that it lives?

Reads the heartbeats that procrastinate keeps in the warehouse (schema worker), at DATABASE_URL; writes nothing. Exit
code 1 with the reason when there is none. With several workers it answers for all of them together.
"""

import os
import sys

import psycopg

_SILENCE_SECONDS = 30
_ALIVE = "select count(*) from worker.procrastinate_workers where last_heartbeat > now() - make_interval(secs => %s)"


def main() -> int:
    """Return the exit code."""
    try:
        with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=3) as connection:
            row = connection.execute(_ALIVE, [_SILENCE_SECONDS]).fetchone()
    except psycopg.Error as error:
        sys.stderr.write(f"the warehouse cannot be asked: {error}\n")
        return 1
    if row is None or not row[0]:
        sys.stderr.write(f"no worker has been heard of for {_SILENCE_SECONDS} seconds\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
