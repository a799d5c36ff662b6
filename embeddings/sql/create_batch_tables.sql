-- Where a batch arrives by COPY before it is written in one statement per table.
create temporary table if not exists incoming_vector (
    content_hash text not null,
    embedding halfvec not null
) on commit delete rows;
create temporary table if not exists incoming_document (
    product_id bigint not null,
    touch integer not null, -- of the queue row when it was claimed
    content_hash text, -- of the product when it was read
    vendor_code text,
    text_hash text, -- of the encoded text; null when the product has no vector
    search_vector tsvector -- null when the version is not the active one
) on commit delete rows;
