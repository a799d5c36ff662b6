-- A new rule. Grain: one row.
-- $1 kind, $2 body
insert into merchandising.rule (kind, body)
values ($1::text, $2::jsonb)
returning rule_id, kind, body, created_at, updated_at
