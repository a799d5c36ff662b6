-- First half of a switch: run in one transaction with activate_model.sql.
update embeddings.model set active = false, deactivated = now(), mart_copied = false
where active and model_id <> %(model_id)s;
