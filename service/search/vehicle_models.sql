-- Models of each make, as the catalogue's names say. Grain: one row per make and lexeme of a model.
select
    make,
    model
from staging_marts.search_vehicle_model
