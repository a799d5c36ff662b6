-- What the workers share beside procrastinate's jobs. Safe to run again.
create table if not exists applied_migration (
    name text primary key,
    applied_at timestamptz not null default now()
);

-- Grain: one row per duty of the workers. Says when it is due, and how it went the last time.
create table if not exists duty (
    name text primary key,
    -- a duty that is done at intervals is not begun before
    next_at timestamptz not null default now(),
    finished_at timestamptz,
    seconds double precision,
    -- what the last run that did something did; an error as long as the last run failed
    outcome text,
    outcome_at timestamptz,
    error text,
    failures integer not null default 0
) with (fillfactor = 50);

-- Grain: one row per source table that could not be followed. It is left out until next_at.
create table if not exists table_problem (
    source_name text not null,
    table_name text not null,
    reason text not null,
    failures integer not null default 1,
    first_at timestamptz not null default now(),
    last_at timestamptz not null default now(),
    next_at timestamptz not null,
    primary key (source_name, table_name)
);
