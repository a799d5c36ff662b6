-- Whether a dictionary was ever built here.
select to_regclass('staging_marts.search_term') is not null
    and to_regclass('staging_marts.search_suggestion') is not null;
