"""Archives of signed records: read, verified on all cores, and resumed."""
