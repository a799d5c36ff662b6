-- Every rule, for the memory of the service. Grain: one row per rule.
select rule_id, kind, body
from merchandising.rule
order by rule_id
