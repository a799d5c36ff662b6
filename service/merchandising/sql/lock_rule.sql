-- The kind of a rule that is about to be written anew. Grain: one row, or none if there is no such rule.
-- $1 rule id
select kind
from merchandising.rule
where rule_id = $1::bigint
for update
