-- The indexes that the manuals of PostgreSQL and pgvector recommend for each search.
create index on peer_document using gin (search_vector);
create index on peer_document using gin (everything gin_trgm_ops);
create index on peer_document using hnsw (embedding vector_cosine_ops);
analyze peer_document
