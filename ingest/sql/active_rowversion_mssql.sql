-- Every smaller rowversion belongs to a transaction that has ended, so none of them appears late.
SELECT MIN_ACTIVE_ROWVERSION()
