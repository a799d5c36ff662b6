-- Which dictionary there is: every rebuild puts a new table in its place, so the table's own id is the version.
-- One row.
select to_regclass('staging_marts.search_term')::oid::text as version
