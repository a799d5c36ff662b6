-- Grain: one row.
-- $1 kind or null for all
select count(*) as total
from merchandising.rule
where $1::text is null or kind = $1::text
