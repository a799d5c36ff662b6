-- Grain: one row, or none if there is no such rule.
-- $1 rule id
select rule_id, kind, body, created_at, updated_at
from merchandising.rule
where rule_id = $1::bigint
