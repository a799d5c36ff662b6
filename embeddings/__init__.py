"""Stage: MARTS -> VECTORS. Reads dim_product_search; writes its vectors and search documents."""
