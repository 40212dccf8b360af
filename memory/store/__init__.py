"""All SQL: tables, session, and one file of queries per noun."""
