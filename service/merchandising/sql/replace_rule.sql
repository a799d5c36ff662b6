-- A rule written anew. Grain: one row, or none if there is no such rule.
-- $1 rule id, $2 body
update merchandising.rule
set body = $2::jsonb, updated_at = clock_timestamp()
where rule_id = $1::bigint
returning rule_id, kind, body, created_at, updated_at
