"""The only place that knows how facts lie on disk; it knows neither engines nor the web."""
