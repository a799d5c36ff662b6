-- Whether Updated is local time or UTC is not known, so both are asked for.
SELECT CAST(SYSUTCDATETIME() AS VARCHAR(33)), CAST(SYSDATETIME() AS VARCHAR(33))
