-- Record a model; registering the same version again keeps the first record.
insert into embeddings.model (name, version, model_id, dimensions, path, metrics, options)
values (%(name)s, %(version)s, %(model_id)s, %(dimensions)s, %(path)s, %(metrics)s, %(options)s)
on conflict (model_id) do nothing;
