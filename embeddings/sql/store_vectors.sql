-- Keep new vectors; another job may have stored the same text meanwhile.
insert into embeddings.vector_store (content_hash, model, embedding)
select content_hash, %(model)s, embedding from incoming_vector
on conflict (content_hash, model) do nothing;
