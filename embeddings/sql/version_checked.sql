-- How many products the mart has, if a version was compared with it lately; else no row.
select products from embeddings.model
where model_id = %(model)s and checked > now() - %(every)s::interval and products is not null;
