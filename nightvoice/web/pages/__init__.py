"""The pages of one bed: one module per page, with handlers for the page and its forms."""
