-- The weights of a signal sum to 1, or the signal would leave the range 0..1.
select
    weights.signal,
    weights.total
from (
    values
    ('data_quality', {{ var('data_quality_weights').values() | sum }}),
    ('static_quality', {{ var('static_quality_weights').values() | sum }})
) as weights (signal, total)
where abs(weights.total - 1) > 0.000001
