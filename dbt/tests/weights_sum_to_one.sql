-- The weights of a signal sum to 1, or the signal would leave the range 0..1.
select
    weights.signal,
    weights.total
from (
    values
    ('data_quality', {{ total_weight(var('data_quality_weights')) }}),
    ('static_quality', {{ total_weight(var('static_quality_weights')) }})
) as weights (signal, total)
where abs(weights.total - 1) > 0.000001
