-- Plain trigram search by word similarity (PostgreSQL manual, section F.35.4). %(text)s the query, %(limit)s products
-- wanted
select product_id
from peer_document
where %(text)s <%% everything
order by word_similarity(%(text)s, everything) desc, product_id
limit %(limit)s
