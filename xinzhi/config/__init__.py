"""The one place that sees everything: settings, URL roots, the API root, processes."""
