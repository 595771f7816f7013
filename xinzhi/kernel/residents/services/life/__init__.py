"""What happens to households and persons (户籍变动): each act dated, on a basis, in one transaction, never by deleting."""
