-- Second half of a switch: returns nothing when the model is not registered.
update embeddings.model set active = true where model_id = %(model_id)s returning model_id;
