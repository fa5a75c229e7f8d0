"""Tests of single modules: no process, no network, no real time."""
