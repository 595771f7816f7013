"""The processes of one machine: an embedded PostgreSQL, the web server, the worker, and who looks after them."""
