"""What we tell people outside the page: SMS."""
