-- Plain full-text search (PostgreSQL manual, section 12.3). %(text)s the query, %(limit)s products wanted
select product_id
from peer_document, websearch_to_tsquery('russian', %(text)s) as query
where search_vector @@ query
order by ts_rank(search_vector, query) desc, product_id
limit %(limit)s
