"""The acts of courtyards: adopt the sheet, keep the route, open and close rounds, take in visits, grade."""
