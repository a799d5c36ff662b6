-- Approximate nearest neighbours by cosine (HNSW, Malkov and Yashunin 2018; pgvector's defaults, measured in the design).
create index {index} on {vectors} using hnsw (embedding halfvec_cosine_ops) with (m = 16, ef_construction = 64);
