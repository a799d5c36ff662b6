-- The record of a collected version.
delete from embeddings.model where model_id = %(model)s and not active;
