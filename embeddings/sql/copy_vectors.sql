copy (select embedding from {vectors} where embedding is not null) to stdout (format binary);
