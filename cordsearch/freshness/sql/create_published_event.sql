create temporary table published_event (commit_at timestamptz) on commit drop;
