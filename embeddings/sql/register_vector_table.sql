-- From here on the queue takes up this version's changes.
update embeddings.model set vector_table = %(vectors)s where model_id = %(model)s;
