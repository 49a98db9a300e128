"""SQLite and PostgreSQL behind one interface: connections, transactions, migrations and one-line errors.

Used by the diary and by the hub; it knows nothing of their tables.
"""
