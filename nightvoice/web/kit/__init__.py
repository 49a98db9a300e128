"""Parts shared by the page of one bed and the ward page: login, forms, templates, live updates, server."""
