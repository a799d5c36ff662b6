-- The version to go on from, and the oldest one the server can still tell the changes after (null: not tracked).
SELECT CHANGE_TRACKING_CURRENT_VERSION(), CHANGE_TRACKING_MIN_VALID_VERSION(OBJECT_ID(:table_name))
