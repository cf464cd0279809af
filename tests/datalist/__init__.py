"""Tests of bundle.datalist."""
