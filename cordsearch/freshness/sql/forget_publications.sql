delete from freshness.publication
where published_at < now() - make_interval(secs => %(keep_seconds)s);
