"""What of a query may be kept, and what may be shown to others. Pure.

Stage: service, the query log. Reads a query; writes nothing. People paste their e-mail address or telephone number into
a search box. Part numbers have as many digits as telephone numbers, so two questions have two answers: certainly
personal text is not kept at all; text that merely may be is kept for the reports, and never offered to anybody else.
"""

import re

from cordsearch.analysis.normalise import fold_text

LONGEST_TEXT = 200
_MOST_DIGITS_OFFERED = 6  # "309x242", "daf xf 105": yes; "81432206012", which could be a telephone: no

_BETWEEN = r"[\s().-]*"
_CONTACT = re.compile(
    r"\S@\S"  # an e-mail address
    rf"|\+(?:{_BETWEEN}\d){{9,15}}(?!\d)"  # with a plus: international
    rf"|(?<!\d)(?:00)?380(?:{_BETWEEN}\d){{9}}(?!\d)"  # the same of Ukraine, without one
    r"|(?<!\d)\d{4}([ -]?)\d{4}\1\d{4}\1\d{4}(?!\d)"  # a payment card
    # A Ukrainian mobile, grouped as they are. By the codes of the operators, since Mercedes groups its numbers so too.
    r"|(?<!\d)\(?0(?:39|50|6[3678]|7[357]|9[1-9])\)?[\s-]\s*\d{3}[\s-]\d{2}[\s-]?\d{2}(?!\d)"
)


def text_to_keep(query: str) -> str | None:
    """Return ``query`` as the log has it: folded, single blanks, 200 characters; None if it must not be kept.

    >>> text_to_keep("  Тормозні   КОЛОДКИ ")
    'тормозні колодки'
    >>> text_to_keep("mail me: someone@example.com") is None
    True
    """
    text = " ".join(fold_text(query).split())[:LONGEST_TEXT].rstrip()
    return None if not text or _CONTACT.search(text) else text


def may_be_offered(text: str) -> bool:
    """Tell whether a kept text may be shown to other people: too few digits for a telephone or a card number."""
    return sum(map(str.isdigit, text)) <= _MOST_DIGITS_OFFERED
