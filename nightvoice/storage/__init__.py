"""SQLite and PostgreSQL behind one interface: connections, transactions, migrations and one-line errors.

Used by the diary and the hub; independent of their tables.
"""
