-- Columns with their types; upper case because a case-sensitive SQL Server insists on it.
SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, NUMERIC_SCALE
FROM INFORMATION_SCHEMA.COLUMNS
WHERE TABLE_SCHEMA = :schema_name
ORDER BY TABLE_NAME, ORDINAL_POSITION
