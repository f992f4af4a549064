"""A small stand-in for the product: the same routes and functions with no rules behind them."""

from chalice.app import Chalice

from chalicelib.handlers import changes, clock, console, public, uploads

app = Chalice(app_name="standin")
app.register_blueprint(public.routes)
app.register_blueprint(uploads.events, name_prefix="uploads_")
app.register_blueprint(changes.events, name_prefix="changes_")
app.register_blueprint(clock.events, name_prefix="clock_")
app.register_blueprint(console.functions, name_prefix="console_")
