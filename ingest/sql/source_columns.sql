-- Columns the user can see in one schema; upper case because a case-sensitive SQL Server insists on it.
SELECT TABLE_NAME, COLUMN_NAME
FROM INFORMATION_SCHEMA.COLUMNS
WHERE TABLE_SCHEMA = :schema_name
