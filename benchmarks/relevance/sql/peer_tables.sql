-- PostgreSQL as its manual sets it up: a weighted tsvector of the whole text with a GIN index (sections 12.3 and 12.9),
-- and a trigram GIN index on the same text (pg_trgm, section F.35). The Russian configuration stems Latin words as
-- English ones. The vectors are this project's own. Not logged, in a schema that goes with the comparison.
create unlogged table peer_document (
    product_id bigint primary key,
    names text not null,
    more text not null,
    groups text not null,
    codes text not null,
    embedding vector({dimensions}),
    everything text generated always as (names || ' ' || more || ' ' || groups || ' ' || codes) stored,
    search_vector tsvector generated always as (
        setweight(to_tsvector('russian', names), 'A')
        || setweight(to_tsvector('russian', more), 'B')
        || setweight(to_tsvector('russian', groups), 'C')
        || setweight(to_tsvector('simple', codes), 'A')
    ) stored
)
