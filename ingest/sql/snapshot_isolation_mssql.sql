-- 1: ALLOW_SNAPSHOT_ISOLATION is on
SELECT snapshot_isolation_state FROM sys.databases WHERE name = DB_NAME()
