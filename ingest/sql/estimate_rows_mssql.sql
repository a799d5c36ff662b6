-- rows of the heap (0) or the clustered index (1), kept by the server
SELECT SUM(p.rows)
FROM sys.partitions AS p
INNER JOIN sys.tables AS t ON t.object_id = p.object_id
INNER JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE s.name = :schema_name AND t.name = :table_name AND p.index_id IN (0, 1)
