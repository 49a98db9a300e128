"""Insights from the diary: summaries of nights, patterns, trends and reports."""
