"""The demo source: a truck-parts catalogue that a dealer would find plausible, made from a seed."""
