"""Routes that API Gateway passes to a function of their own; all others go to the API's function."""

OWN_FUNCTIONS = {("POST", "/captchas"): "captchas_make_captcha"}
"""Method and path → Chalice's name of the function."""


def logical_id(function: str) -> str:
    """The name in the template of a function that Chalice knows by `function`."""
    return "".join(part.capitalize() for part in function.split("_"))
