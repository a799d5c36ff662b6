-- The planner knows nothing of tables that were just filled.
analyze staging_marts.search_term, staging_marts.search_suggestion, staging_marts.search_other_name,
staging_marts.search_vehicle_model
