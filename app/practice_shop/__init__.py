"""A stand-in for a WooCommerce shop: admin pages and REST API as observed on the real one, with faults to switch on."""
