-- The login of one Debezium connector: reads tables and change tables, writes signals, nothing else.
-- setup.sh fills in {database}, {login} and {password}. Safe to run again.
IF SUSER_ID(N'{login}') IS NULL
    CREATE LOGIN [{login}] WITH PASSWORD = N'{password}', CHECK_EXPIRATION = OFF;
ALTER LOGIN [{login}] WITH PASSWORD = N'{password}';
GO
-- The connector asks whether the Agent runs.
USE [master];
GRANT VIEW SERVER STATE TO [{login}];
GO
USE [{database}];
GO
IF USER_ID(N'{login}') IS NULL
    CREATE USER [{login}] FOR LOGIN [{login}];
GO
ALTER ROLE db_datareader ADD MEMBER [{login}];
GRANT INSERT, UPDATE, DELETE ON dbo.debezium_signal TO [{login}];
GO
