-- Texts that could not be encoded, the newest first.
select model, product_id, text, error, failed from embeddings.dead_letter
order by failed desc, model, product_id limit %(limit)s;
