select table_name, event_id
from freshness.published_position;
