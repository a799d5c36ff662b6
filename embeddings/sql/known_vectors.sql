-- Which of these texts have a vector of this model already.
select content_hash from embeddings.vector_store
where content_hash = any(%(hashes)s) and model = %(model)s;
