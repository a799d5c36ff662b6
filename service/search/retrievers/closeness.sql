-- How near each proposed product is to the query, whoever proposed it. Grain: one row per product, in no order.
-- By primary key only: a few hundred rows. {vectors} is the table of the encoder's model.
-- $1 product ids, $2 query vector, $3 conditions (text of a tsquery), one per term that names the vehicle, $4 the
-- condition that another model is named, or null
with query as materialized (
    select $2::real[]::halfvec as vector
),

vehicle as materialized (
    select condition::tsquery as condition
    from unnest($3::text[]) as given (condition)
),

other_models as materialized (
    select $4::text::tsquery as condition
)

select
    stored.product_id,
    (1 - (stored.embedding <=> (select vector from query)))::real as similarity,
    (select count(*) from vehicle where product.search_vector @@ vehicle.condition) as vehicle_terms,
    cardinality(product.car_brand_names) > 0 as names_a_make,
    coalesce(product.search_vector @@ (select condition from other_models), false) as names_another_model
from unnest($1::bigint[]) as proposed (product_id)
inner join staging_marts.dim_product_search as product on product.product_id = proposed.product_id
inner join embeddings.{vectors} as stored on stored.product_id = proposed.product_id
