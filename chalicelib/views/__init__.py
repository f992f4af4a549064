"""The answers of routes: types that list each field that may leave the server, made from the rooms' records."""
