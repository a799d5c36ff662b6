"""What the adapter says no to. Pure.

Stage: service, HTTP. A part of a request that would change which products are found is refused by name, never ignored.
"""

from cordsearch.errors import CordSearchError


class RefusedRequestError(CordSearchError):
    """A request that cannot be answered as it was meant; the text names the part and what to send instead."""
