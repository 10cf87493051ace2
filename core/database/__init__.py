"""Tables, transactions and what the database itself refuses."""
