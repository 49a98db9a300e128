"""The pages of one bed: a module for each, with the handlers of the page and of its forms."""
