-- {table} comes from the registry: rows of a topic that was deleted and made anew keep their place in history.
update bronze.{table}
set topic = topic || %(suffix)s
where topic = %(topic)s;
