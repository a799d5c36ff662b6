-- Full-text and nearest vectors merged by reciprocal rank in one statement, as pgvector's example of hybrid search does
-- (github.com/pgvector/pgvector-python, examples/hybrid_search/rrf.py), with its constant of 60.
-- %(text)s the query, %(embedding)s its vector, %(limit)s products wanted
with semantic_search as (
    select
        product_id,
        rank() over (order by embedding <=> %(embedding)s::vector) as place
    from peer_document
    order by embedding <=> %(embedding)s::vector
    limit %(limit)s
),

keyword_search as (
    select
        product_id,
        rank() over (order by ts_rank_cd(search_vector, query) desc) as place
    from peer_document, plainto_tsquery('russian', %(text)s) as query
    where search_vector @@ query
    order by ts_rank_cd(search_vector, query) desc
    limit %(limit)s
)

select coalesce(semantic_search.product_id, keyword_search.product_id) as product_id
from semantic_search
full outer join keyword_search on semantic_search.product_id = keyword_search.product_id
order by
    coalesce(1.0 / (60 + semantic_search.place), 0.0) + coalesce(1.0 / (60 + keyword_search.place), 0.0) desc,
    product_id
limit %(limit)s
