"""How setups went: counted in SQL, shaped with pandas."""
