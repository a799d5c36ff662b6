update bronze.dead_letter
set topic = topic || %(suffix)s
where topic = %(topic)s;
