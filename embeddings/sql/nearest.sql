-- The similarities of the nearest vectors as the index gives them.
select 1 - (embedding <=> %(query)s::halfvec) from {vectors}
order by embedding <=> %(query)s::halfvec
limit %(limit)s;
