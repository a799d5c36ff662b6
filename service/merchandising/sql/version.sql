-- Whether the rules changed since they were read. Grain: one row.
select coalesce(max(version), 0) as version
from merchandising.version
