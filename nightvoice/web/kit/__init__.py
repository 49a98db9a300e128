"""What the page of one bed and the ward page share: login, forms, templates, live updates and the server."""
