-- Lay a supplier's vectors side by side: comparing all of them then reads 600 pages instead of 7,000. Only before the
-- HNSW index is built, because a rewrite builds every index of the table anew; rows that change later go where there is
-- room.
cluster {vectors} using {index};
