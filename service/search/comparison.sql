-- How near a product is to the query: parts of the statements that propose products, where the row of the product is at
-- hand (service.search.comparison puts them in). ${1}, ${2}: where the values are bound. {vectors} is the table of the
-- encoder's model, {words} the condition whose matches are scored.
-- part: score_by_words
-- The rank is divided by the length of the names alone: the function's own normalisation takes the whole document, and
-- put brake pads with synonyms behind the mounting kit of brake pads without.
        ts_rank('{0.05, 0.2, 0.4, 1.0}', product.search_vector, {words}::tsquery)
        / (1 + ln(greatest(length(ts_filter(product.search_vector, '{a}')), 1)))
-- part: score_by_meaning
-- The words match already; which of the products is meant, the vector says better (docs/adr/0030), and in half the time.
        case when product.embedding_model = ${2}::text then (1 - (product.embedding <=> ${1}::halfvec))::real end
-- part: similarity_is_score
,
    ranked.score as similarity
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
