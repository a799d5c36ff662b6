"""What an answer is made of: selected fields, marked texts, one product in full, and how it travels over HTTP."""
