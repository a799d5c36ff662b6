-- Readers see the old tables or the new ones. The indexes have no given names: PostgreSQL finds free ones at every build.
drop table if exists staging_marts.search_term;
drop table if exists staging_marts.search_suggestion;
alter table staging_marts.search_term_new rename to search_term;
alter table staging_marts.search_suggestion_new rename to search_suggestion;
drop table if exists staging_marts.search_other_name;
alter table staging_marts.search_other_name_new rename to search_other_name;
drop table if exists staging_marts.search_vehicle_model;
alter table staging_marts.search_vehicle_model_new rename to search_vehicle_model;
