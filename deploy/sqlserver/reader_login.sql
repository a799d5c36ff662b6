-- The login of one Debezium connector: reads tables and change tables, writes signals, nothing else.
-- sqlcmd fills in $(CDC_DATABASE), $(CDC_LOGIN) and $(CDC_SECRET) from the environment (setup.sh). Safe to run again.
IF SUSER_ID(N'$(CDC_LOGIN)') IS NULL
    CREATE LOGIN [$(CDC_LOGIN)] WITH PASSWORD = N'$(CDC_SECRET)', CHECK_EXPIRATION = OFF;
ALTER LOGIN [$(CDC_LOGIN)] WITH PASSWORD = N'$(CDC_SECRET)';
GO
-- The connector asks whether the Agent runs.
USE [master];
GRANT VIEW SERVER STATE TO [$(CDC_LOGIN)];
GO
USE [$(CDC_DATABASE)];
GO
IF USER_ID(N'$(CDC_LOGIN)') IS NULL
    CREATE USER [$(CDC_LOGIN)] FOR LOGIN [$(CDC_LOGIN)];
GO
ALTER ROLE db_datareader ADD MEMBER [$(CDC_LOGIN)];
GRANT INSERT, UPDATE, DELETE ON dbo.debezium_signal TO [$(CDC_LOGIN)];
GO
