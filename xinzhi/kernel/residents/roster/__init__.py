"""Import a roster (花名册): `columns` reads the header, `reading` the rows, `planning` compares with the register,
`importing` writes. Nothing is written before everything has been compared."""
