-- Changes, the newest first. Grain: one row per change of a rule.
-- $1 rule id or null for all, $2 audit id before which the page begins or null, $3 limit
select audit_id, changed_at, changed_by, rule_id, kind, before, after
from merchandising.audit
where ($1::bigint is null or rule_id = $1::bigint) and ($2::bigint is null or audit_id < $2::bigint)
order by audit_id desc
limit $3
