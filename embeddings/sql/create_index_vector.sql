-- Approximate nearest neighbours by cosine (HNSW, Malkov and Yashunin 2018). A graph built with more care than pgvector's
-- default of 64 takes longer once and answers with fewer steps ever after (docs/adr/0034).
create index {index} on {vectors} using hnsw (embedding halfvec_cosine_ops) with (m = 16, ef_construction = 256);
