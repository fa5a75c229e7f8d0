"""Contacts that people keep in files: one module a kind of file, and `contacts`, what a program calls."""
