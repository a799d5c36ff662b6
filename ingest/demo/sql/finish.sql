-- The ground truth is looked up by product.
alter table demo.product_truth add primary key (product_id);
analyze demo.product_truth;
