-- The stored vectors of a collected version.
delete from embeddings.vector_store where model = %(model)s;
