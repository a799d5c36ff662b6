-- Remember that so many products were added to the dictionary without a full build.
update embeddings.dictionary_build set changed_products = changed_products + %(products)s;
