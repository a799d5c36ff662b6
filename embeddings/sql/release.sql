-- Give back what a worker claimed and could not write: somebody else was writing those products.
update embeddings.pending set claimed_by = null, claimed_until = null
where model = %(model)s and claimed_by = %(worker)s;
