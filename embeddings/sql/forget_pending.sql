-- The queue of a collected version.
delete from embeddings.pending where model = %(model)s;
