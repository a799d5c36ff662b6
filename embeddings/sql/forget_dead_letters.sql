-- The dead letters of a collected version.
delete from embeddings.dead_letter where model = %(model)s;
