select table_name, finished_at
from freshness.look;
