-- Whether the documents are made, or queued to be made, by this version of the analysis.
select exists (select from embeddings.analysis where version = %(analysis)s);
