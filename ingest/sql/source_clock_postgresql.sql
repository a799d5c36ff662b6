SELECT
    CAST(clock_timestamp() AT TIME ZONE 'utc' AS varchar(33)),
    CAST(clock_timestamp()::timestamp AS varchar(33))
