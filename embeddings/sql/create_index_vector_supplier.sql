-- A supplier's vectors, all of which a search behind its filter compares (ADR 0029).
create index {index} on {vectors} (vendor_code collate "C");
