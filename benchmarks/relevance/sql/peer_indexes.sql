-- The indexes that the manual recommends for either search.
create index on peer_document using gin (search_vector);
create index on peer_document using gin (everything gin_trgm_ops);
analyze peer_document
