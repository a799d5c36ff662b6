-- Tables with Change Tracking, where the database has it switched on.
SELECT s.name, t.name
FROM sys.change_tracking_tables AS c
INNER JOIN sys.tables AS t ON t.object_id = c.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE EXISTS (SELECT 1 FROM sys.change_tracking_databases AS d WHERE d.database_id = DB_ID())
