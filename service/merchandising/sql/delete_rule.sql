-- Grain: one row, or none if there is no such rule.
-- $1 rule id
delete from merchandising.rule
where rule_id = $1::bigint
returning rule_id
