-- {table}, {key}, {version} and {page_size} come from the registry and from numbers, never from input.
SELECT TOP ({page_size}) ct.{key}
FROM CHANGETABLE(CHANGES {table}, {version}) AS ct
WHERE ct.{key} >= {first_key}
ORDER BY ct.{key}
