"""What the diary tells: nights, summaries."""
