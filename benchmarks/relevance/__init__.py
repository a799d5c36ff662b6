"""How good the answers are: judged queries over the demo catalogue, measures, comparison with other engines.

Read in this order: ``needs`` (what a query asks for), ``grading`` (how well a product serves it), ``catalogue`` (what
the demo's products truly are), ``slips`` and ``compose`` (how the queries came about), ``engines`` (who is asked),
``measures`` (how good the answers are), ``baseline`` (what may not get worse). What a person may want to review
is in ``data/``.
"""
