-- How near a product is to the query: parts of the statements that propose products, where the row of the product is at
-- hand (service.search.comparison puts them in). ${1} to ${5}: where the values are bound. {vectors} is the table of
-- the encoder's model.
-- part: similarity_in_mart
,
    case
        when product.embedding_model = ${2}::text then (1 - (product.embedding <=> ${1}::halfvec))::real
    end as similarity
-- part: similarity_in_table
,
    (
        select (1 - (stored.embedding <=> ${1}::halfvec))::real
        from embeddings.{vectors} as stored
        where stored.product_id = product.product_id
    ) as similarity
-- part: vehicle_conditions
vehicle as materialized (
    select condition::tsquery as condition
    from unnest(${1}::text[]) as given (condition)
),
-- part: vehicle
,
    (select count(*) from vehicle where product.search_vector @@ vehicle.condition) as vehicle_terms,
    cardinality(product.car_brand_names) > 0 as names_a_make,
    coalesce(product.search_vector @@ ${2}::tsquery, false) as names_another_model
