-- Whether the rules changed since they were read. Grain: one row.
select version
from merchandising.version
