-- How many products of a version are queued.
select count(*) from embeddings.pending where model = %(model)s;
