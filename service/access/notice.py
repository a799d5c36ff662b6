"""Says at the start who may ask, so that nobody finds out by surprise. Pure: settings in, a log line out.

Stage: service, at its start.
"""

import logging

from cordsearch.settings import Settings
from service.access.caller import LOOPBACK_NAMES

logger = logging.getLogger(__name__)


def say_who_may_ask(settings: Settings, *, has_keys: bool) -> None:
    """Log it; as a warning where the service answers nobody, or everybody."""
    is_private = settings.service_host in LOOPBACK_NAMES
    if settings.anonymous:
        logger.warning("searches need no API key (CORDSEARCH_ANONYMOUS=true); administration does")
    elif has_keys:
        logger.info("an API key is needed from everywhere")
    elif settings.anonymous is None and is_private:
        logger.info(
            "no API key is needed on this machine until the first is made (cordsearch keys create); behind a proxy on "
            "this machine set CORDSEARCH_ANONYMOUS=false"
        )
    else:
        logger.warning(
            "every request is refused: there is no API key; make one with `cordsearch keys create <name> --scope "
            "search`, or open searches to everybody with CORDSEARCH_ANONYMOUS=true"
        )
