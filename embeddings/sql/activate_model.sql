-- Second half of a switch: returns nothing when the model is not registered.
update embeddings.model set active = true, activated = now(), deactivated = null
where model_id = %(model_id)s and not active;
