-- Take what was written off the queue.
delete from embeddings.pending as pending
using incoming_document as incoming
where pending.model = %(model)s and pending.product_id = incoming.product_id;
