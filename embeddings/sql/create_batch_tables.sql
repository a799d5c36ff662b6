-- Where a batch arrives by COPY before it is written in one statement per table.
create temporary table if not exists incoming_vector (
    content_hash text not null,
    embedding halfvec not null
) on commit delete rows;
create temporary table if not exists incoming_document (
    product_id bigint not null,
    content_hash text, -- of the product when it was read
    text_hash text, -- of the encoded text; null when the product has no text to encode
    search_vector tsvector not null
) on commit delete rows;
