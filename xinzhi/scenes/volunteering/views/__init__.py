"""Pages: the office, the phone, and what everybody may ask."""
