-- Products of a batch that are no longer dead letters of a version.
delete from embeddings.dead_letter as letter using incoming_document as incoming
where letter.model = %(model)s and letter.product_id = incoming.product_id;
