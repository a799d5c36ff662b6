-- Record a trained model; registering the same version again keeps the first record.
insert into embeddings.model (name, version, model_id, dimensions, path, metrics)
values (%(name)s, %(version)s, %(model_id)s, %(dimensions)s, %(path)s, %(metrics)s)
on conflict (model_id) do nothing;
