"""WooCommerce: make an API key no wider than the consent, prove it, and bring the products over."""
