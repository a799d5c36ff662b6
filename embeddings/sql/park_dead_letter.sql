-- Remember a text that could not be encoded.
insert into embeddings.dead_letter (model, product_id, text, error)
values (%(model)s, %(product)s, %(text)s, %(error)s)
on conflict (model, product_id) do update set text = excluded.text, error = excluded.error, failed = now();
