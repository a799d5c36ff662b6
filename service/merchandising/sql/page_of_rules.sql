-- Rules in the order they were made. Grain: one row per rule.
-- $1 kind or null for all, $2 rule id after which the page begins, $3 limit
select rule_id, kind, body, created_at, updated_at
from merchandising.rule
where ($1::text is null or kind = $1::text) and rule_id > $2::bigint
order by rule_id
limit $3
