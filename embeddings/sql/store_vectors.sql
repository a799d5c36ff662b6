-- Keep new vectors; another job may have stored the same text meanwhile. In order, so that two jobs do not wait for each
-- other.
insert into embeddings.vector_store (content_hash, model, embedding)
select content_hash, %(model)s, embedding from incoming_vector order by content_hash
on conflict (content_hash, model) do nothing;
